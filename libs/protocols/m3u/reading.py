"""A list read as it arrives: bytes in, entries out, in memory that doesn't grow with the list."""

from __future__ import annotations

from collections.abc import Iterator

from libs.common.http.decode import BodyDecoder
from libs.common.http.errors import BadEncoding, BodyTooLarge
from libs.protocols.m3u.errors import (
    Corrupt,
    Empty,
    Json,
    ListBroken,
    NoEntries,
    NotAList,
    OneStream,
    TooLarge,
    Truncated,
    WebPage,
)
from libs.protocols.m3u.lines import BLANK, Lines
from libs.protocols.m3u.rows import Entry, Header
from libs.protocols.m3u.tally import Tally

STEP_BYTES = 32 * 1024
"""What a batch of entries is made of: whoever decodes one on a loop holds it up for a few milliseconds."""
LONGEST_LINE = 256 * 1024
"""Some logos are whole pictures in base64."""
MOST_BYTES = 2 * 1024**3
_MOST_EXPANSION = 1100
"""gzip packs a thousandfold at most; lists repeat themselves a lot."""
_BEGIN_BYTES = 16
_GZIP = b"\x1f\x8b"


class Reader:
    """Reads one list. Raises what libs.protocols.m3u.errors draws."""

    def __init__(self, *, max_bytes: int = MOST_BYTES) -> None:
        self._max_bytes = max_bytes
        self._packed: BodyDecoder | None = None
        self._head = b""
        self._begun = False
        self._first = b""
        self._carried = b""
        self._overlong = False
        self._read = 0
        self._lines = Lines()

    @property
    def header(self) -> Header:
        """Whole when the list is: a list put together of several has more than one."""
        return self._lines.header

    @property
    def tally(self) -> Tally:
        lines = self._lines
        return Tally(seen=lines.seen, kept=lines.kept, skipped=dict(lines.skipped), noted=dict(lines.noted))

    def feed(self, piece: bytes) -> Iterator[list[Entry]]:
        """The entries that are whole by now, in batches."""
        if not self._begun:
            piece, self._head = self._head + piece, b""
            if len(piece) < len(_GZIP):
                self._head = piece
                return
            self._begin(piece)
        for unpacked in self._unpacked(piece):
            for start in range(0, len(unpacked), STEP_BYTES):
                entries = self._entries_of(unpacked[start : start + STEP_BYTES])
                if entries:
                    yield entries

    def finish(self) -> list[Entry]:
        """The last entries; to be called at the end of the list, which says whether all the others count."""
        entries = [] if self._begun else self._entries_of(self._head)
        if self._packed is not None:
            try:
                self._packed.finish()
            except BadEncoding:
                raise Truncated from None
        entries += self._entries_of(b"\n")
        self._lines.close()
        if not self._lines.kept:
            raise self._what_it_is()
        return entries

    def _begin(self, head: bytes) -> None:
        self._begun = True
        if head.startswith(_GZIP):
            self._packed = BodyDecoder("gzip", max_bytes=self._max_bytes, max_expansion=_MOST_EXPANSION)

    def _unpacked(self, piece: bytes) -> Iterator[bytes]:
        if self._packed is None:
            self._read += len(piece)
            if self._read > self._max_bytes:
                raise TooLarge
            yield piece
            return
        try:
            yield from self._packed.feed(piece)
        except BadEncoding:
            raise Corrupt from None
        except BodyTooLarge:
            raise TooLarge from None

    def _entries_of(self, piece: bytes) -> list[Entry]:
        piece = piece.replace(b"\r", b"\n")  # empty lines mean nothing
        if not self._first:
            self._first = piece.lstrip(BLANK)[:1]
        cut = piece.rfind(b"\n")
        if self._overlong:
            begin = piece.find(b"\n")
            if begin < 0:
                return []
            self._overlong = False
            piece, cut = piece[begin:], cut - begin
        if cut < 0:
            self._carry(self._carried + piece)
            return []
        whole = self._carried + piece[:cut]
        if len(whole) > LONGEST_LINE:
            whole = self._without_overlong(whole)
        entries = self._lines.read(whole)
        self._carry(piece[cut + 1 :])
        return entries

    def _without_overlong(self, whole: bytes) -> bytes:
        """Only the first of these lines began in an earlier step, and steps are shorter than lines may be."""
        first, _, others = whole.partition(b"\n")
        if len(first) <= LONGEST_LINE:
            return whole
        self._lines.leave_out(first[:_BEGIN_BYTES])
        return others

    def _carry(self, rest: bytes) -> None:
        self._carried = rest
        if len(rest) > LONGEST_LINE:
            self._carried, self._overlong = b"", True
            self._lines.leave_out(rest[:_BEGIN_BYTES])

    def _what_it_is(self) -> ListBroken:
        lines = self._lines
        if not self._first:
            return Empty()
        if self._first == b"<":
            return WebPage()
        if lines.one_stream:
            return OneStream()
        if lines.seen or lines.headed:
            return NoEntries()
        return Json() if self._first in {b"{", b"["} else NotAList()
