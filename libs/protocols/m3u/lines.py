"""Lines in, entries out: what stands in front of an address belongs to it, and to no other one."""

from __future__ import annotations

import re
from collections import Counter

from libs.protocols.m3u.attributes import Line, read_attributes, read_line
from libs.protocols.m3u.entries import Said, entry_of, groups_of, header_of
from libs.protocols.m3u.requests import MOST_OPTIONS
from libs.protocols.m3u.rows import Entry, Header

BLANK = b"\xef\xbb\xbf \t\n\0"
"""A byte order mark and what is left out around a line."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.")
_ENTRY, _HEADER = "#EXTINF", "#EXTM3U"


class Lines:
    """`seen` entries are kept or `skipped` by reason; `noted` counts remarks about lines."""

    def __init__(self) -> None:
        self.header = Header()
        self.headed = self.one_stream = False
        self.seen = self.kept = 0
        self.skipped: Counter[str] = Counter()
        self.noted: Counter[str] = Counter()
        self._grouped: tuple[str, ...] = ()
        self._clear()

    def _clear(self) -> None:
        self._line: Line | None = None
        self._left_out = False
        self._said = Said()

    def read(self, block: bytes) -> list[Entry]:
        """The entries that are whole behind these lines."""
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

    def close(self) -> None:
        """An entry that gets no address any more takes along what was said of it."""
        if self._line is not None:
            self.skipped["no_address"] += 1
        if self._line is not None or self._left_out:
            self._clear()

    def leave_out(self, begin: bytes) -> None:
        """A line that is too long to be read."""
        if begin.lstrip(BLANK)[: len(_ENTRY)].upper() == _ENTRY.encode():
            self.close()
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
        self.close()
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
        entry = entry_of(line, text, self._said, grouped=self._grouped, header=self.header)
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
                self._option(self._said.options, value)
            case "#KODIPROP":
                self._option(self._said.properties, value)
            case "#EXT-X-PLAYLIST-TYPE":
                self._said.vod = value.strip().upper() == "VOD"
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
