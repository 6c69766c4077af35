"""The merged manifest: unions, stable names, and the size limit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from libs.protocols.stremio.manifest import parse_manifest
from services.catalog.listing import Listed
from services.catalog.merge import Merged, merge
from services.catalog.model import Arrangement, RowChoice, RowKey
from tests.catalog.listed import listed, manifest


def merged(*addons: Listed, hidden: tuple[RowKey, ...] = (), budget_bytes: int = 8192) -> Merged:
    arrangement = Arrangement(dict.fromkeys(hidden, RowChoice(included=False)))
    return merge(addons, arrangement, revision=7, budget_bytes=budget_bytes)


def read(result: Merged) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.body)
    return found


def resource(result: Merged, name: str) -> tuple[tuple[str, ...], tuple[str, ...] | None] | None:
    entry = parse_manifest(result.body).resource(name)
    return None if entry is None else (entry.types, entry.id_prefixes)


def rows_of(count: int, *, options: int = 0, **more: object) -> dict[str, object]:
    genres = [f"Genre number {number}" for number in range(options)]
    extra = [{"name": "genre", "options": genres}] if options else []
    return manifest(
        resources=["catalog"],
        types=["movie"],
        catalogs=[
            {"type": "movie", "id": f"c{n}", "name": f"Catalog {n}", "extra": extra, **more}
            for n in range(count)
        ],
    )


def test_no_addons_make_a_valid_empty_manifest() -> None:
    assert read(merged())["catalogs"] == []
    assert parse_manifest(merged().body).hints.configurable


def test_prefixes_are_united() -> None:
    one = listed("aaaa", manifest(resources=["meta"], types=["movie"], idPrefixes=["tt"]))
    two = listed("bbbb", manifest(resources=["meta"], types=["series"], idPrefixes=["kitsu:", "tt"]))
    assert resource(merged(one, two), "meta") == (("movie", "series"), ("tt", "kitsu:"))


def test_an_addon_without_prefixes_means_all_ids() -> None:
    one = listed("aaaa", manifest(resources=["stream"], types=["movie"], idPrefixes=["tt"]))
    two = listed("bbbb", manifest(resources=["stream"], types=["movie"]))
    assert resource(merged(one, two), "stream") == (("movie",), None)


def test_an_object_resource_inherits_nothing() -> None:
    inherits_nothing = listed(
        "aaaa", manifest(resources=[{"name": "stream"}], types=["movie"], idPrefixes=["tt"])
    )
    assert resource(merged(inherits_nothing), "stream") is None


def test_an_object_resource_with_no_prefixes_named_answers_all_ids_and_with_none_allowed_answers_none() -> (
    None
):
    every = listed("aaaa", manifest(resources=[{"name": "meta", "types": ["tv"]}], idPrefixes=["tt"]))
    none = listed("bbbb", manifest(resources=[{"name": "meta", "types": ["movie"], "idPrefixes": []}]))
    assert resource(merged(every, none), "meta") == (("tv",), None)
    assert resource(merged(none), "meta") is None


def test_hints_of_any_addon_are_hints_of_all() -> None:
    one = listed("aaaa", manifest(behaviorHints={"adult": True, "configurationRequired": True}))
    two = listed("bbbb", manifest(behaviorHints={"p2p": True}))
    assert read(merged(one, two))["behaviorHints"] == {"adult": True, "p2p": True, "configurable": True}


def test_rows_carry_their_addons_key_and_keep_it_when_reordered() -> None:
    one, two = listed("aaaa", rows_of(1)), listed("bbbb", rows_of(1))
    ids = [row["id"] for row in read(merged(one, two))["catalogs"]]
    assert ids == ["aaaa.c0", "bbbb.c0"]
    assert [row["id"] for row in read(merged(two, one))["catalogs"]] == ids[::-1]


def test_extras_are_kept_exactly_and_skip_is_always_offered() -> None:
    extra = [
        {"name": "search", "isRequired": True},
        {"name": "year", "options": ["1999", "2000"], "optionsLimit": 2},
    ]
    addon = listed("aaaa", manifest(catalogs=[{"type": "movie", "id": "x", "name": "X", "extra": extra}]))
    assert read(merged(addon))["catalogs"][0]["extra"] == [*extra, {"name": "skip"}]


def test_a_rows_name_gets_the_addons_name_only_where_two_would_read_the_same() -> None:
    catalogs = [{"type": "movie", "id": "p", "name": "Popular"}, {"type": "series", "id": "p", "name": "New"}]
    one = listed("aaaa", manifest(name="One", catalogs=catalogs))
    two = listed("bbbb", manifest(name="Two", catalogs=catalogs[:1]), name="Mine")
    names = [row["name"] for row in read(merged(one, two))["catalogs"]]
    assert names == ["Popular · One", "New", "Popular · Mine"]


def test_a_hidden_row_costs_nothing_and_clashes_with_nothing() -> None:
    one, two = listed("aaaa", rows_of(1)), listed("bbbb", rows_of(1))
    result = merged(one, two, hidden=(RowKey("id-bbbb", "catalog", "movie", "c0"),))
    assert [row["name"] for row in read(result)["catalogs"]] == ["Catalog 0"]
    assert [row.state for row in result.rows] == ["shown", "hidden"]


def test_what_fits_is_left_alone() -> None:
    result = merged(listed("aaaa", rows_of(20, options=5)))
    assert {row.state for row in result.rows} == {"shown"}


def test_choices_of_optional_filters_go_first_from_the_last_row_upwards() -> None:
    result = merged(listed("aaaa", rows_of(20, options=40)))
    states = [row.state for row in result.rows]
    assert len(result.body) <= 8192
    assert "left_out" not in states
    assert states == sorted(states, reverse=True)
    assert states[0] == "shown"
    assert states[-1] == "choices_dropped"
    assert read(result)["catalogs"][-1]["extra"][0] == {"name": "genre"}


def test_then_whole_rows_go_from_the_last_one_upwards() -> None:
    result = merged(listed("aaaa", rows_of(300, options=3)))
    states = [row.state for row in result.rows]
    assert len(result.body) <= 8192
    assert states == ["choices_dropped"] * states.count("choices_dropped") + ["left_out"] * states.count(
        "left_out"
    )
    assert 8192 - len(result.body) < 200  # nothing is left out that would have fitted


def test_the_choices_of_a_required_filter_stay() -> None:
    extra = [{"name": "genre", "isRequired": True, "options": [f"Genre number {n}" for n in range(100)]}]
    result = merged(listed("aaaa", rows_of(10, extra=extra)))
    assert {row.state for row in result.rows} == {"shown", "left_out"}
    assert len(result.body) <= 8192


def test_the_choices_of_any_optional_filter_go_and_the_filter_stays() -> None:
    options = [f"Choice number {n}" for n in range(100)]
    extra: list[dict[str, object]] = [
        {"name": name, "options": options} for name in ("genre", "year", "sort")
    ]
    extra.append({"name": "country", "isRequired": True, "options": ["de"]})
    result = merged(listed("aaaa", rows_of(3, extra=extra)))
    assert result.rows[-1].state == "choices_dropped"
    assert read(result)["catalogs"][-1]["extra"] == [
        {"name": "genre"},
        {"name": "year"},
        {"name": "sort"},
        {"name": "country", "isRequired": True, "options": ["de"]},
        {"name": "skip"},
    ]


def test_a_programme_guide_is_announced_while_a_row_of_it_is_shown() -> None:
    guide = manifest(
        behaviorHints={"epgProvider": True},
        catalogs=[{"type": "tv", "id": "live", "name": "Live", "extra": [{"name": "date"}]}],
    )
    one, other = listed("aaaa", guide), listed("bbbb", rows_of(1))
    assert read(merged(one, other))["behaviorHints"]["epgProvider"] is True
    hidden = (RowKey(one.id, "catalog", "tv", "live"),)
    assert "epgProvider" not in read(merged(one, other, hidden=hidden))["behaviorHints"]


@pytest.mark.parametrize("members", [
    manifest(resources=["meta"], types=["movie"], idPrefixes=[f"prefix-{n}:" for n in range(3000)]),
    manifest(resources=["meta", "stream"], types=[f"type number {n}" for n in range(3000)]),
    manifest(resources=["meta"], types=["t" * 5000, "movie"]),
    manifest(resources=["catalog"], catalogs=[{"type": "movie", "id": "i" * 9000, "name": "n" * 9000}]),
])  # fmt: skip
def test_no_addon_can_make_the_manifest_too_large(members: dict[str, object]) -> None:
    result = merged(listed("aaaa", members), listed("bbbb", rows_of(3)))
    assert len(result.body) <= 8192
    assert "bbbb.c0" in {row["id"] for row in read(result)["catalogs"]}


def test_a_row_that_no_path_can_name_is_left_out() -> None:
    odd = [{"type": type_, "id": id_, "name": "X"} for type_, id_ in (("movie", "a\x00b"), ("..", "a"))]
    assert merged(listed("aaaa", manifest(catalogs=odd))).rows == ()


def test_an_addon_catalog_is_a_row_after_all_catalogs() -> None:
    addon = listed("aaaa", manifest(addonCatalogs=[{"type": "all", "id": "community", "name": "Community"}]))
    result = merged(addon, listed("bbbb", rows_of(1)))
    assert [row.kind for row in result.rows] == ["catalog", "addon_catalog"]
    assert read(result)["addonCatalogs"] == [{"type": "all", "id": "aaaa.community", "name": "Community"}]
    assert "addon_catalog" in read(result)["resources"]


def test_the_report_names_every_row_with_its_size_and_state() -> None:
    report = merged(listed("aaaa", rows_of(2))).report()
    assert report.size_bytes == len(merged(listed("aaaa", rows_of(2))).body)
    assert [(row.id, row.state) for row in report.rows] == [("aaaa.c0", "shown"), ("aaaa.c1", "shown")]
    assert all(row.size_bytes > 50 for row in report.rows)
