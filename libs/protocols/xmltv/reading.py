"""A guide read as it arrives: bytes in, rows out, in memory that doesn't grow with the file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from xml.parsers import expat

from libs.protocols.xmltv import building
from libs.protocols.xmltv.building import ATTRIBUTE_OF, LONGEST_ADDRESS, LONGEST_TEXT, Part, Unusable
from libs.protocols.xmltv.errors import Damaged, Empty, GuideBroken, NotAGuide, Truncated
from libs.protocols.xmltv.mending import LONGEST_WORD, Mender
from libs.protocols.xmltv.rows import ROLES, Row
from libs.protocols.xmltv.unpacking import Unpacker

MOST_DEPTH = 64
MOST_PARTS = 300
"""Of one programme; what comes after is passed over."""
MOST_NAMES = 10_000
"""Names of elements and attributes are kept by the parser; XMLTV has about eighty."""
MOST_DAMAGED = 1000
"""Of more, and more than there are rows, something else is wrong."""
DAMAGED = "damaged"

_AGAIN = b"<tv>"
_ROOT, _ROW, _CHILD, _PERSON = 1, 2, 3, 4
_GOES_ON = re.compile(rb"<(?:programme|channel)[\s>]|</tv\s*>")
_BUILDERS: Mapping[str, Callable[[Mapping[str, str], Sequence[Part]], Row]] = {
    "channel": building.channel,
    "programme": building.programme,
}
_PARTS = frozenset(
    {
        *("display-name", "url", "icon"),
        *("title", "sub-title", "desc", "category", "date", "episode-num", "rating", "star-rating"),
        *("new", "premiere", "previously-shown", "live"),
    }
)
_ROLES = frozenset(ROLES)
_BREAKS = frozenset({"br", "p"})


class Reader:
    """Reads one guide, packed or not. Each channel and programme is a row, or `skipped` by its reason.

    Where the XML is broken it goes on with the next row. Of the one that was open counts what was whole of
    it, `noted` as damaged; where that is too little the row is `skipped` as that.
    Raises what libs.protocols.xmltv.errors draws, after the rows before it.
    """

    def __init__(self) -> None:
        self._unpacker = Unpacker()
        self._mender = Mender()
        self._handlers = _Handlers()
        self._parser = self._handlers.restarted()
        self._fed = 0
        self._lost = False
        self.kept = 0
        self.skipped = self._handlers.skipped
        self.noted = self._handlers.noted

    @property
    def seen(self) -> int:
        return self.kept + self.skipped.total()

    def feed(self, piece: bytes) -> Iterator[list[Row]]:
        """The rows that are whole by now, in batches."""
        if not self._handlers.over:  # what servers append is not the guide's
            yield from self._read(map(self._mender.feed, self._unpacker.feed(piece)))

    def finish(self) -> Iterator[list[Row]]:
        """The last rows; to be called at the end of the file, which says whether that was its end."""
        if not self._handlers.over:
            yield from self._read(map(self._mender.feed, self._unpacker.finish()))
            yield from self._read(self._mender.finish() for _ in range(1))
        if not self._handlers.over:
            raise Truncated("The guide is cut short.")
        if not self.kept:
            sentence = "Not one row of the guide can be used." if self.seen else "The guide holds no rows."
            raise Empty(sentence)

    def _read(self, steps: Iterable[bytes]) -> Iterator[list[Row]]:
        for data in steps:
            error: GuideBroken | None = None
            try:
                self._parse(data)
            except GuideBroken as broken:
                error = broken
            rows = self._handlers.taken()
            self.kept += len(rows)
            if rows:
                yield rows
            if error is not None:
                raise error

    def _parse(self, data: bytes) -> None:
        while not self._handlers.over:
            if self._lost:
                found = _GOES_ON.search(data)
                if found is None:
                    return
                data, self._lost = data[found.start() :], False
                self._parser, self._fed = self._handlers.restarted(), len(_AGAIN)
                self._parser.Parse(_AGAIN)
            try:
                self._parser.Parse(data)
            except expat.ExpatError:
                if self._handlers.over:
                    return
                at = self._parser.ErrorByteIndex - self._fed
                # An end of the guide that ends too little ends it all the same; what else can't be read is
                # passed over, or it would be found again for ever.
                at = at - 2 if data[max(0, at - 2) :].startswith(b"</tv") else at + 1
            except _Unclosed as begun:
                at = begun.at - self._fed
            else:
                self._fed += len(data)
                self._bounded()
                return
            self._damaged()
            data = data[max(0, at) :]

    def _damaged(self) -> None:
        if not self._handlers.begun:
            raise Damaged("The guide is damaged: it can't be read from its beginning on.")
        self._lost = True
        self._handlers.lose()
        if self.skipped[DAMAGED] > max(MOST_DAMAGED, self.kept):
            raise Damaged("The guide is damaged: most of it can't be read.")

    def _bounded(self) -> None:
        if not self._handlers.begun and self._fed > LONGEST_WORD:
            raise Damaged("The guide is damaged: it doesn't begin within a megabyte.")
        if self._fed - self._parser.CurrentByteIndex > LONGEST_WORD:
            raise Damaged("The guide is damaged: it holds a megabyte without an end.")
        if len(self._parser.intern) > MOST_NAMES:
            raise NotAGuide("The server sent another kind of XML instead of a guide.")


class _Unclosed(Exception):
    """A row begins in another, at that byte: the other has no end."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


class _Handlers:
    """What expat calls, a hundred million times for a large guide: flat, and no object per element."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self.skipped: Counter[str] = Counter()
        self.noted: Counter[str] = Counter()
        self.begun = False
        self.over = False
        self._forget()

    def restarted(self) -> expat.XMLParserType:
        """A parser at the beginning of a guide."""
        self._depth = 0
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        return parser

    def taken(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def lose(self) -> None:
        """What was open is damaged."""
        try:
            self._rows.append(_BUILDERS[self._row](self._attributes, self._parts))
            self.noted[DAMAGED] += 1
        except (KeyError, Unusable):  # between rows, or too little
            self.skipped[DAMAGED] += 1
        self._forget()

    def _forget(self) -> None:
        self._row = ""
        self._attributes: Mapping[str, str] = {}
        self._parts: list[Part] = []
        self._part = ""
        self._part_depth = 0
        self._attribute = ""
        self._text: list[str] = []
        self._room = 0

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth = depth = self._depth + 1
        if depth >= _CHILD:
            if name in _BUILDERS:
                raise _Unclosed(self._parser.CurrentByteIndex)
            if self._row and not self._part:
                wanted = name in _PARTS if depth == _CHILD else depth == _PERSON and name in _ROLES
                if wanted:
                    self._part, self._part_depth, self._room = name, depth, LONGEST_TEXT
                    # One more than an address may have shows that it had.
                    self._attribute = attributes.get(ATTRIBUTE_OF.get(name, ""), "")[: LONGEST_ADDRESS + 1]
            elif self._part in _ROLES:
                self._room = 0  # an actor's name comes before their pictures and addresses
            elif name in _BREAKS:
                self._characters("\n")
            if depth > MOST_DEPTH:
                raise NotAGuide("The server sent another kind of XML instead of a guide.")
        elif depth == _ROW:
            if name in _BUILDERS:
                self._row, self._attributes = name, attributes
        elif name == "tv":
            self.begun = True
        else:
            what = "a web page" if name.lower() == "html" else "another kind of XML"
            raise NotAGuide(f"The server sent {what} instead of a guide.")

    def _end(self, _name: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        if depth == self._part_depth:
            if len(self._parts) < MOST_PARTS:
                self._parts.append(Part(self._part, self._attribute, "".join(self._text)))
            self._part, self._part_depth, self._room = "", 0, 0
            self._text.clear()
        elif depth == _ROW and self._row:
            try:
                self._rows.append(_BUILDERS[self._row](self._attributes, self._parts))
            except Unusable as reason:
                self.skipped[str(reason)] += 1
            self._row = ""
            self._parts.clear()
        elif depth == _ROOT:
            self.over = True

    def _characters(self, text: str) -> None:
        if self._room > 0:
            self._text.append(text[: self._room])
            self._room -= len(text)
