"""Ids as numbers, and sets of them."""

from __future__ import annotations

import pytest

from libs.protocols.imdb.ids import MOST, IdSet, title_id, title_number


@pytest.mark.parametrize(("text", "number"), [("tt0000027", 27), ("tt12345678", 12_345_678), ("tt27", 27)])
def test_an_id_of_a_title_is_a_number(text: str, number: int) -> None:
    assert title_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "tt", "27", "nm0000027", "tt00000x7", "tt1:1:1", "tt٣", f"tt{MOST}", "tt9999999999"]
)
def test_anything_else_is_none(text: str) -> None:
    assert title_number(text) is None


def test_an_id_is_written_as_imdb_does() -> None:
    assert [title_id(27), title_id(12_345_678)] == ["tt0000027", "tt12345678"]


def test_a_set_holds_what_was_added_and_nothing_beside() -> None:
    numbers = {0, 1, 7, 8, 600_000, MOST - 1}
    found = IdSet()
    for number in numbers:
        found.add(number)
    again = IdSet(found.to_bytes())
    assert {number for number in (*numbers, 2, 9, 599_999, MOST) if number in again} == numbers


def test_an_empty_set_holds_nothing() -> None:
    assert 0 not in IdSet(IdSet().to_bytes())


def test_lines_of_other_titles_end_and_those_of_no_title_do_not() -> None:
    wanted = IdSet()
    wanted.add(22)
    lines = ["tt0000022\ta", "tt0000023\tb", "tt22\tc", "tt999999999\td", "", "x", "ttx\te", "tt-5\tf"]
    assert wanted.of_lines(lines) == ["tt0000022\ta", "tt22\tc", "", "x", "ttx\te"]
