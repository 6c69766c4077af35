"""A JSON array read as it arrives, in memory that doesn't grow with it.

What has come is cut behind its last whole entry and decoded in one go. Where that cut lies is guessed from
the few `},{` before the end: a guess is right if what stands before it decodes, since JSON has one reading.
Only where no guess is right, the text is scanned for where entries end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

import msgspec

from libs.protocols.xtream.answers import json_of, refusal_of, repaired
from libs.protocols.xtream.errors import AnswerUnreadable, CutShort, ItemTooLarge, XtreamError

STEP_BYTES = 64 * 1024
"""What a batch is made of: whoever decodes one on a loop holds it up for about a millisecond."""
MAX_ITEM_BYTES = 4 * 1024 * 1024
MAX_PREAMBLE_BYTES = 64 * 1024

_BETWEEN = re.compile(rb"\}\s*,\s*\{")
_GUESSED_BYTES = 8 * 1024
_GUESSES = 3
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)
_OPENING, _QUOTE = b"[{", b'"'
_SEPARATORS = b", \t\r\n"

T = TypeVar("T")


class Pieces(Generic[T]):
    """Reads an array of objects, each as `item`. `skipped` counts entries that can't be one, by reason.

    Raises what libs.protocols.xtream.errors draws: for what is no array as soon as that is known, for an
    array without an end behind the entries before it.
    """

    def __init__(self, item: type[T], *, max_item_bytes: int = MAX_ITEM_BYTES) -> None:
        self._several = msgspec.json.Decoder(list[item])  # type: ignore[valid-type]  # a type at run time
        self._single = msgspec.json.Decoder(item)
        self._max_item_bytes = max_item_bytes
        self._waiting: list[bytes] = []
        self.waiting_bytes = 0
        self._enough_bytes = STEP_BYTES
        self._begun = False
        self._ended = False
        self.skipped: Counter[str] = Counter()

    def feed(self, piece: bytes) -> Iterator[list[T]]:
        """The entries that are whole by now, in batches."""
        for at in range(0, len(piece), STEP_BYTES):
            yield from self._feed(piece[at : at + STEP_BYTES])

    def finish(self) -> Iterator[list[T]]:
        """The last entries; to be called at the end, which says whether all the others count."""
        if self._ended:
            return
        text = self._begin(self._take(), last=True).rstrip()
        rows = self._decoded(text[:-1]) if text.endswith(b"]") else None
        if rows is None:
            yield from self._scanned(text)
            if not self._ended:
                raise CutShort
        elif rows:
            yield rows
        self._ended = True

    def _feed(self, piece: bytes) -> Iterator[list[T]]:
        if self._ended:
            return
        self._waiting.append(piece)
        self.waiting_bytes += len(piece)
        if self.waiting_bytes < self._enough_bytes:
            return
        text = self._begin(self._take())
        if self._begun:
            text = yield from self._entries(text)
        self._keep(text)

    def _take(self) -> bytes:
        text = b"".join(self._waiting)
        self._keep(b"")
        return text

    def _keep(self, text: bytes) -> None:
        self._waiting = [text] if text else []
        self.waiting_bytes = len(text)
        # What has no end yet isn't looked at again before it has doubled: it would be for every piece.
        self._enough_bytes = max(STEP_BYTES, 2 * len(text))

    def _begin(self, text: bytes, *, last: bool = False) -> bytes:
        """What stands behind the array's bracket once that is there."""
        if self._begun:
            return text
        try:
            found = json_of(text)
        except XtreamError:
            if last or len(text) > MAX_PREAMBLE_BYTES:
                raise
            return text
        if found.startswith(b"["):
            self._begun = True
            return found[1:]
        if last or len(found) > self._max_item_bytes:
            raise refusal_of(found) or AnswerUnreadable("The panel sent one object instead of a list.")
        return found

    def _entries(self, text: bytes) -> Generator[list[T], None, bytes]:
        """Batches of what is whole; the rest is the result."""
        between = [found.start() + 1 for found in _BETWEEN.finditer(text, max(0, len(text) - _GUESSED_BYTES))]
        for cut in between[: -_GUESSES - 1 : -1]:
            rows = self._decoded(text[:cut])
            if rows is not None:
                yield rows
                return text[cut:]
        return (yield from self._scanned(text))

    def _scanned(self, text: bytes) -> Generator[list[T], None, bytes]:
        spans, bracket = _spans(text)
        whole = 0
        for start, end in spans:
            self._skip_strays(text[whole:start])
            whole = end
        rows = self._decoded(text[spans[0][0] : whole]) if spans else []
        if rows is None:
            rows = [row for start, end in spans for row in self.alone(text[start:end])]
        if bracket is not None:
            self._ended = True
            self._skip_strays(text[whole:bracket])
        if rows:
            yield rows
        if not self._ended and len(text) - whole > self._max_item_bytes:
            raise ItemTooLarge
        return text[whole:]

    def _decoded(self, entries: bytes) -> list[T] | None:
        try:
            return self._several.decode(b"[%b]" % entries.lstrip(_SEPARATORS))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None

    def together(self, entries: list[bytes]) -> list[T] | None:
        """Entries that were cut out already; None unless each is one."""
        return self._decoded(b",".join(entries))

    def alone(self, entry: bytes) -> list[T]:
        """An entry that was cut out already, as a list of one, or of none."""
        try:
            return [self._single.decode(entry)]
        except msgspec.ValidationError:
            self.skipped["not_an_object"] += 1
            return []
        except RecursionError:
            self.skipped["too_deep"] += 1
            return []
        except (msgspec.DecodeError, UnicodeError):
            pass
        try:
            return [self._single.decode(repaired(entry))]
        except (msgspec.DecodeError, UnicodeError, RecursionError, XtreamError):
            self.skipped["unreadable"] += 1
            return []

    def _skip_strays(self, gap: bytes) -> None:
        strays = gap.strip(_SEPARATORS)
        if strays:
            self.skipped["not_an_object"] += len(strays.split(b","))


def _spans(text: bytes) -> tuple[list[tuple[int, int]], int | None]:
    """Where the whole entries stand, and where the array ends if it does."""
    spans = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        kind = token[0][:1]
        if kind == _QUOTE:
            if not token[1]:
                break
        elif kind in _OPENING:
            if depth == 0:
                start = token.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                spans.append((start, token.end()))
        elif kind == b"]":
            return spans, token.start()
    return spans, None
