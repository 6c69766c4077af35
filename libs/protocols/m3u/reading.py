"""A list read as it arrives: bytes in, entries out, in memory that doesn't grow with the list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from libs.common.http.decode import BodyDecoder
from libs.common.http.errors import BadEncoding, BodyTooLarge
from libs.protocols.m3u.attributes import Line, read_attributes, read_line
from libs.protocols.m3u.entries import entry_of, groups_of, header_of
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
from libs.protocols.m3u.requests import MOST_OPTIONS
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
_BLANK = b"\xef\xbb\xbf \t\n\0"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.")
_ENTRY, _HEADER = "#EXTINF", "#EXTM3U"


class Reader:
    """Reads one list. `seen` entries are `kept` or `skipped` by reason; `noted` counts remarks about lines.

    Raises what libs.protocols.m3u.errors draws.
    """

    def __init__(self, *, max_bytes: int = MOST_BYTES) -> None:
        self._max_bytes = max_bytes
        self._packed: BodyDecoder | None = None
        self._head = b""
        self._begun = False
        self._first = b""
        self._carried = b""
        self._overlong = False
        self._read = 0
        self._entries = _Entries()

    @property
    def header(self) -> Header:
        """Whole when the list is: a list put together of several has more than one."""
        return self._entries.header

    @property
    def tally(self) -> Tally:
        lines = self._entries
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
        self._entries.finish()
        if not self._entries.kept:
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
            self._first = piece.lstrip(_BLANK)[:1]
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
        entries = self._entries.read(whole)
        self._carry(piece[cut + 1 :])
        return entries

    def _without_overlong(self, whole: bytes) -> bytes:
        """Only the first of these lines began in an earlier step, and steps are shorter than lines may be."""
        first, _, others = whole.partition(b"\n")
        if len(first) <= LONGEST_LINE:
            return whole
        self._entries.leave_out(first[:_BEGIN_BYTES])
        return others

    def _carry(self, rest: bytes) -> None:
        self._carried = rest
        if len(rest) > LONGEST_LINE:
            self._carried, self._overlong = b"", True
            self._entries.leave_out(rest[:_BEGIN_BYTES])

    def _what_it_is(self) -> ListBroken:
        lines = self._entries
        if not self._first:
            return Empty()
        if self._first == b"<":
            return WebPage()
        if lines.one_stream:
            return OneStream()
        if lines.seen or lines.headed:
            return NoEntries()
        return Json() if self._first in {b"{", b"["} else NotAList()


class _Entries:
    """Lines in, entries out. What stands in front of an address belongs to it, and to no other one."""

    def __init__(self) -> None:
        self.header = Header()
        self.headed = self.one_stream = False
        self.seen = self.kept = 0
        self.skipped: Counter[str] = Counter()
        self.noted: Counter[str] = Counter()
        self._grouped: tuple[str, ...] = ()
        self._line: Line | None = None
        self._left_out = False
        self._clear()

    def _clear(self) -> None:
        self._line, self._left_out, self._vod = None, False, False
        self._options: list[tuple[str, str]] = []
        self._properties: list[tuple[str, str]] = []

    def read(self, block: bytes) -> list[Entry]:
        entries: list[Entry] = []
        for raw in self._texts(block):
            text = raw.strip(" \t\ufeff")
            if not text:
                continue
            if not text.isprintable():
                text = _CONTROL.sub(" ", text.replace("\0", "")).strip()
            if not text.startswith("#"):
                entry = self._address(text)
                if entry is not None:
                    entries.append(entry)
            elif text[: len(_ENTRY)].upper() == _ENTRY:
                self._extinf(text[len(_ENTRY) :])
            else:
                self._directive(text)
        self.kept += len(entries)
        return entries

    def finish(self) -> None:
        self._close()

    def _close(self) -> None:
        """An entry that gets no address any more takes along what was said of it."""
        if self._line is not None:
            self.skipped["no_address"] += 1
        if self._line is not None or self._left_out:
            self._clear()

    def leave_out(self, begin: bytes) -> None:
        """A line that is too long to be read."""
        if begin.lstrip(_BLANK)[: len(_ENTRY)].upper() == _ENTRY.encode():
            self._close()
            self.seen += 1
            self._left_out = True
            self.skipped["too_long"] += 1
        elif not begin.startswith(b"#") and self._line is not None:
            self._clear()
            self.skipped["too_long"] += 1
        else:
            self.noted["too_long"] += 1

    def _extinf(self, text: str) -> None:
        self.seen += 1
        self._close()
        self._line = read_line(text)
        if self._line is None:
            self._left_out = True
            self.skipped["broken"] += 1
            return
        if self._line.broken:
            self.noted["mended"] += 1
        if "group-title" in self._line.attributes:
            self._grouped = ()

    def _address(self, text: str) -> Entry | None:
        if _ADDRESS.match(text) is None:
            self.noted["stray_text"] += 1
            return None
        line = self._line
        if line is None:
            if not self._left_out:
                self.seen += 1
                self.skipped["no_extinf"] += 1
            self._clear()
            return None
        entry = entry_of(
            line,
            text,
            header=self.header,
            grouped=self._grouped,
            options=self._options,
            properties=self._properties,
            vod=self._vod,
        )
        if entry is None:
            self.skipped["unnamed"] += 1
        self._clear()
        return entry

    def _directive(self, text: str) -> None:
        name, _, value = text.partition(":")
        match name.upper():
            case "#EXTGRP":
                self._grouped = groups_of(value)
            case "#EXTVLCOPT":
                self._option(self._options, value)
            case "#KODIPROP":
                self._option(self._properties, value)
            case "#EXT-X-PLAYLIST-TYPE":
                self._vod = value.strip().upper() == "VOD"
            case "#EXT-X-TARGETDURATION" | "#EXT-X-STREAM-INF":
                self.one_stream = True
            case _ if text[: len(_HEADER)].upper() == _HEADER:
                self.headed = True
                self.header = header_of(read_attributes(text[len(_HEADER) :].lstrip(":8")), self.header)

    @staticmethod
    def _option(options: list[tuple[str, str]], text: str) -> None:
        name, equals, value = text.strip().partition("=")
        if equals and name.strip() and len(options) < MOST_OPTIONS:
            options.append((name.strip(), value.strip()))

    def _texts(self, block: bytes) -> list[str]:
        try:
            return block.decode().split("\n")
        except UnicodeDecodeError:
            return [self._text(line) for line in block.split(b"\n")]

    def _text(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.noted["not_utf8"] += 1
        try:
            return line.decode("cp1252")
        except UnicodeDecodeError:
            return line.decode("latin-1")
