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


FULL = guide(
    '<channel id="one"><display-name lang="en">One</display-name><display-name>1 HD</display-name>'
    '<icon src="http://img/one.png"/><url>http://one.example</url></channel>',
    programme(
        '<title lang="en">The Line</title><title lang="de">Die Linie</title>'
        '<sub-title lang="en">Pilot</sub-title><desc lang="en">A town.\n\nA line.</desc>'
        "<credits><director>A B</director><actor role='Eve'>C D</actor><presenter>E</presenter></credits>"
        "<date>20010304</date><category>Drama</category><category>Series</category>"
        '<length units="minutes">30</length><icon src="http://img/line.jpg"/>'
        '<episode-num system="xmltv_ns">0 . 2/10 . </episode-num>'
        '<episode-num system="onscreen">S01E03</episode-num>'
        '<previously-shown start="2001"/><premiere/><new/><live/>'
        '<rating system="FSK"><value>12</value><icon src="http://img/12.png"/></rating>'
        "<star-rating><value>3.5/5</value></star-rating><review type='text'>Fine.</review>",
        'start="20260102160000 +0100" stop="20260102153000 +0000" channel="one"',
    ),
)
