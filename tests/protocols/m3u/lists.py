"""Lists and what is read of them."""

from __future__ import annotations

from libs.protocols.m3u.reading import Reader
from libs.protocols.m3u.rows import Entry


def read(reader: Reader, content: bytes, *, piece: int = 1 << 20) -> list[Entry]:
    entries: list[Entry] = []
    for start in range(0, len(content), piece):
        for batch in reader.feed(content[start : start + piece]):
            entries += batch
    return entries + reader.finish()


def entries_of(text: str) -> list[Entry]:
    return read(Reader(), text.encode())


def one(
    extinf: str, address: str = "http://tv.example/1.ts", *between: str, header: str = "#EXTM3U"
) -> Entry:
    """What a list of one entry says, mended where it must be."""
    (entry,) = entries_of("\n".join((header, extinf, *between, address)))
    return entry
