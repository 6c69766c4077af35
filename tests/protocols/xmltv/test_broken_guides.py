"""Guides that are broken or cut off: the rows that can be read come out, and the error says what it was."""

from __future__ import annotations

import gzip

import pytest

from libs.protocols.xmltv.errors import Damaged, Truncated
from libs.protocols.xmltv.reading import Reader
from libs.protocols.xmltv.rows import Programme, Text
from tests.protocols.xmltv.guides import FULL, START, START_S, before_the_end, guide, programme, read, title


@pytest.mark.parametrize("packed", [False, True])
def test_the_rows_before_a_cut_come_out_before_the_error(packed: bool) -> None:
    content = guide(*(programme(f"<title>{number}</title><desc>{'y' * 50}</desc>") for number in range(4000)))
    sent = gzip.compress(content, mtime=0) if packed else content
    rows, error = before_the_end(sent[: len(sent) // 2])
    assert isinstance(error, Truncated)
    assert 1000 < len(rows) < 3000
    assert rows == read(content)[: len(rows)]


def test_a_guide_that_lacks_only_its_end_is_cut_short() -> None:
    rows, error = before_the_end(FULL.removesuffix(b"</tv>"))
    assert (rows, error.reason) == (read(FULL), "truncated")


def test_the_rows_before_a_damaged_piece_of_a_packed_guide_come_out() -> None:
    content = guide(*(programme(f"<title>{number * 7919}</title>") for number in range(20_000)))
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[len(packed) // 2 : len(packed) // 2 + 50] = b"\xff" * 50
    rows, error = before_the_end(bytes(packed))
    assert isinstance(error, Damaged | Truncated)
    assert len(rows) > 1000


@pytest.mark.parametrize(
    "broken",
    [
        programme("<title>no</titel>"),
        programme("<desc>one<br>two</desc><title>no</title>"),
        f'<programme {START} channel="one" channel="two"><title>no</title></programme>',
        f'<programme {START} channel="say "one""><title>no</title></programme>',
        f'<programme {START} channel="one><title>no</title></programme>',
        f'<programme {START} channel="one"><title>no',
        programme("<title>no<!DOCTYPE x></title>"),
        "</credits>",
    ],
)
def test_broken_xml_costs_no_more_than_the_row_it_stands_in(broken: str) -> None:
    reader = Reader()
    content = guide(programme("<title>A</title>"), broken, programme("<title>B</title>"))
    rows = read(content, reader=reader)
    assert [row.titles[0].text for row in rows if isinstance(row, Programme)] == ["A", "B"]
    assert (reader.skipped, reader.noted) == ({"damaged": 1}, {})


@pytest.mark.parametrize(
    "broken",
    [
        programme('<title>T</title><url>http://x" />'),
        programme("<title>T</title><desc>one<br>two</desc>"),
        programme("<title>T</title></credits>"),
        f'<programme {START} channel="one"><title>T</title>',
    ],
)
def test_of_a_row_that_breaks_counts_what_was_whole_of_it(broken: str) -> None:
    reader = Reader()
    whole = Programme(channel="one", start=START_S, titles=(Text("T"),))
    rows = read(guide(*[broken] * 2000, programme("<title>last</title>")), reader=reader)
    assert rows[:-1] == [whole] * 2000
    assert (reader.kept, reader.skipped, reader.noted) == (2001, {}, {"damaged": 2000})


def test_attributes_without_a_space_between_them_are_told_apart() -> None:
    attributes = 'start="20260102150000 +0000"stop="20260102153000 +0000"channel="one"'
    (row,) = read(guide(programme('<title>say "stop"</title>', attributes)))
    assert row == Programme(channel="one", start=START_S, stop=START_S + 1800, titles=(Text('say "stop"'),))


def test_a_last_row_that_is_broken_does_not_cut_the_guide_short() -> None:
    for last in (f"<programme {START}><title>no</title>", "<url>"):
        assert title(guide(programme("<title>A</title>"), last)) == "A"


def test_a_guide_that_is_mostly_broken_is_damaged() -> None:
    content = guide(*(programme("<title>no</titel>") for _ in range(1500)))
    _, error = before_the_end(content)
    assert isinstance(error, Damaged)


def test_a_beginning_that_can_not_be_read_is_damage() -> None:
    with pytest.raises(Damaged, match="beginning"):
        read(b"<?xml version='1.0'?><!DOCTYPE tv [ <!NONSENSE> ]><tv>" + programme("").encode() + b"</tv>")
