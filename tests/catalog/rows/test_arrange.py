"""Rows in their owner's order and under their names, several of them in one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.catalog.listing import Listed
from services.catalog.merge import Merged, merge
from services.catalog.model import Arrangement, MergedRow, RowChoice, RowKey
from services.catalog.rows.row import RowOfSeveral
from tests.catalog.listed import listed, manifest

SEARCH = {"name": "search"}


def addon(key: str, *names: str, **extras: Sequence[Mapping[str, object]]) -> Listed:
    """An addon with a row of each name, taking the extras of that name."""
    rows = [
        {"type": "movie", "id": each, "name": each.title(), "extra": extras.get(each, [])} for each in names
    ]
    return listed(key, manifest(name=key.title(), catalogs=rows))


def key(addon_key: str, catalog_id: str) -> RowKey:
    return RowKey(f"id-{addon_key}", "catalog", "movie", catalog_id)


def together(*members: RowKey, **choice: Any) -> MergedRow:
    chosen = RowChoice(**{"name": "Both", **choice})
    return MergedRow(key="zzzz", type="movie", mode="interleaved", choice=chosen, members=members)


def arranged(
    *addons: Listed, choices: dict[RowKey, RowChoice] | None = None, merged: tuple[MergedRow, ...] = ()
) -> Merged:
    return merge(addons, Arrangement(choices or {}, merged), revision=1)


def names(result: Merged) -> list[str]:
    return [row["name"] for row in json.loads(result.body)["catalogs"]]


def extras(result: Merged, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]]
    rows = json.loads(result.body)["catalogs"]
    found = next(row["extra"] for row in rows if row["name"] == name)
    return found


def test_rows_with_a_place_come_first_and_new_ones_after_them() -> None:
    one, two = addon("aaaa", "top", "new"), addon("bbbb", "best", "late")
    choices = {key("bbbb", "best"): RowChoice(position=0), key("aaaa", "new"): RowChoice(position=1)}
    result = arranged(one, two, choices=choices)
    assert names(result) == ["Best", "New", "Top", "Late"]
    assert [row.shown.id for row in result.rows] == ["bbbb.best", "aaaa.new", "aaaa.top", "bbbb.late"]


def test_a_given_name_stands_as_it_was_given() -> None:
    one, two = addon("aaaa", "top"), addon("bbbb", "top")
    assert names(arranged(one, two)) == ["Top · Aaaa", "Top · Bbbb"]
    named = arranged(one, two, choices={key("aaaa", "top"): RowChoice(name="Mine")})
    assert names(named) == ["Mine", "Top"]
    assert named.rows[0].view().own_name == "Top"
    alike = arranged(one, two, choices={key("aaaa", "top"): RowChoice(name="top")})
    assert names(alike) == ["top", "Top · Bbbb"]


def test_a_row_without_search_declares_none_and_is_not_searched() -> None:
    one = addon("aaaa", "top", top=[SEARCH])
    result = arranged(one, choices={key("aaaa", "top"): RowChoice(searchable=False)})
    assert extras(result, "Top") == [{"name": "skip"}]
    assert result.searchable == ()
    view = result.rows[0].view()
    assert (view.searchable, view.can_search, view.state) == (False, True, "shown")


def test_a_row_that_came_to_be_for_searching_only_is_nothing_without() -> None:
    one = addon("aaaa", "find", find=[{"name": "search", "isRequired": True}])
    assert [row.state for row in arranged(one).rows] == ["shown"]
    result = arranged(one, choices={key("aaaa", "find"): RowChoice(searchable=False)})
    assert [row.state for row in result.rows] == ["hidden"]
    assert result.searchable == ()


def test_merged_rows_stand_in_one_row_instead_of_by_themselves() -> None:
    one, two = addon("aaaa", "top", "new"), addon("bbbb", "top")
    result = arranged(one, two, merged=(together(key("bbbb", "top"), key("aaaa", "new")),))
    assert names(result) == ["Top", "Both"]
    assert [row.state for row in result.rows] == ["shown", "merged", "shown", "merged"]
    both = next(row.view() for row in result.rows if isinstance(row, RowOfSeveral))
    assert (both.id, both.addon_name, both.addon_id) == ("m.zzzz", "Bbbb, Aaaa", "")
    assert [row.id for row in both.rows] == ["bbbb.top", "aaaa.new"]


def test_a_merged_row_takes_what_any_of_its_rows_takes() -> None:
    genre = {"name": "genre", "options": ["Drama", "Comedy"]}
    other = {"name": "genre", "options": ["Comedy", "Horror"]}
    one, two = addon("aaaa", "top", top=[genre, SEARCH]), addon("bbbb", "top", top=[other, {"name": "date"}])
    members = (key("aaaa", "top"), key("bbbb", "top"))
    genres = {"name": "genre", "options": ["Drama", "Comedy", "Horror"]}
    result = arranged(one, two, merged=(together(*members),))
    assert extras(result, "Both") == [genres, SEARCH, {"name": "skip"}]
    assert [row.shown.id for row in result.searchable] == ["aaaa.top"]
    silent = arranged(one, two, merged=(together(*members, searchable=False),))
    assert extras(silent, "Both") == [genres, {"name": "skip"}]
    assert silent.searchable == ()


def test_a_hidden_merged_row_hides_its_rows_too() -> None:
    one = addon("aaaa", "top", "new", top=[SEARCH])
    result = arranged(one, merged=(together(key("aaaa", "top"), key("aaaa", "new"), included=False),))
    assert names(result) == []
    assert result.searchable == ()


def test_a_merged_row_lives_on_with_the_rows_that_are_there() -> None:
    one = addon("aaaa", "top")
    gone = (key("aaaa", "top"), key("bbbb", "top"))
    assert names(arranged(one, merged=(together(*gone),))) == ["Both"]
    empty = arranged(addon("aaaa", "new"), merged=(together(*gone),))
    assert [row.state for row in empty.rows] == ["shown", "empty"]
    assert names(empty) == ["New"]


def test_a_row_that_came_to_need_an_extra_stands_by_itself_again() -> None:
    one = addon("aaaa", "top", "new", top=[{"name": "genre", "isRequired": True, "options": ["Drama"]}])
    result = arranged(one, merged=(together(key("aaaa", "top"), key("aaaa", "new")),))
    assert names(result) == ["Top", "Both"]


def test_a_merged_row_costs_what_it_takes_and_its_rows_nothing() -> None:
    one, two = addon("aaaa", *map(str, range(30))), addon("bbbb", "top")
    members = tuple(key("aaaa", str(n)) for n in range(16))
    plain, smaller = arranged(one, two), arranged(one, two, merged=(together(*members),))
    report = smaller.report()
    assert len(smaller.body) < len(plain.body)
    assert report.size_bytes == len(smaller.body)
    assert sum(row.state == "merged" for row in report.rows) == 16
