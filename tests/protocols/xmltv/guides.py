"""Little guides, and what a reader makes of them."""

from __future__ import annotations

from collections.abc import Iterator

from libs.protocols.xmltv.errors import GuideBroken
from libs.protocols.xmltv.reading import Reader
from libs.protocols.xmltv.rows import Programme, Row

START = 'start="20260102150000 +0000"'
START_S = 1_767_366_000
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'


def read(content: bytes, *, piece: int = 1 << 20, reader: Reader | None = None) -> list[Row]:
    rows: list[Row] = []
    for batch in batches(reader or Reader(), content, piece):
        rows += batch
    return rows


def batches(reader: Reader, content: bytes, piece: int = 1 << 20) -> Iterator[list[Row]]:
    for start in range(0, len(content), piece):
        yield from reader.feed(content[start : start + piece])
    yield from reader.finish()


def programme(inside: str, attributes: str = f'{START} channel="one"') -> str:
    return f"<programme {attributes}>{inside}</programme>"


def guide(*elements: str) -> bytes:
    return HEAD + f"<tv>{''.join(elements)}</tv>".encode()


def one(inside: str) -> Programme:
    """A programme of that, beside a title of its own."""
    (row,) = read(guide(programme(f"<title>T</title>{inside}")))
    assert isinstance(row, Programme)
    return row


def title(content: bytes) -> str:
    """Of the only programme."""
    (row,) = read(content)
    assert isinstance(row, Programme)
    return row.titles[0].text


def before_the_end(content: bytes, reader: Reader | None = None) -> tuple[list[Row], GuideBroken]:
    """What comes out of a guide that isn't whole, and the error."""
    rows, rest = list[Row](), batches(reader or Reader(), content)
    while True:
        try:
            rows += next(rest)
        except GuideBroken as error:
            return rows, error
