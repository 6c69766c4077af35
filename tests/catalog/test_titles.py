"""Metadata and search asked of many addons together."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from libs.common.contracts.rows import RowPatch
from services.catalog.aggregate import META_GRACE_S
from tests.catalog.hub import OWNER, Catalog, name_of, running_catalog
from tests.fakes.addon import FakeAddon, film, films, manifest
from tests.fakes.addon import catalog as row_of
from tests.waiting import until


def knowing(name: str, **titles: str) -> FakeAddon:
    """An addon that knows these ids under these names."""
    metas = {id_: {"id": id_, "type": "movie", "name": title} for id_, title in titles.items()}
    return FakeAddon(manifest=manifest(f"org.{name}", resources=["meta"]), metas=metas)


async def test_the_first_addon_in_order_that_knows_the_title_answers(catalog: Catalog) -> None:
    async with knowing("none") as none, knowing("one", tt1="One") as one, knowing("two", tt1="Two") as two:
        for addon in (none, one, two):
            await catalog.add(addon.manifest_url)
        title = await catalog.client.title(OWNER, "movie", "tt1", deadline=catalog.deadline)
    assert msgspec.json.decode(title.meta)["name"] == "One"
    assert title.addon_name == "One"
    assert title.problems == ()


async def test_an_answer_does_not_wait_for_addons_behind_the_winner(catalog: Catalog) -> None:
    async with knowing("one", tt1="One") as one, knowing("two", tt1="Two") as two:
        for addon in (one, two):
            await catalog.add(addon.manifest_url)
        gate = two.hold("meta")
        answer = await catalog.ask("meta/movie/tt1.json")
        gate.set()
    assert msgspec.json.decode(answer.body)["meta"]["name"] == "One"


async def test_an_addon_is_asked_only_for_types_and_ids_it_declares(catalog: Catalog) -> None:
    async with knowing("one", tt1="One") as one:
        await catalog.add(one.manifest_url)
        assert (await catalog.ask("meta/tv/tt1.json")).status == 404
        assert (await catalog.ask("meta/movie/kitsu:1.json")).status == 404
    assert one.requests == []


async def test_nobody_knowing_a_title_is_not_found_and_asked_again_later(catalog: Catalog) -> None:
    async with knowing("one") as one:
        await catalog.add(one.manifest_url)
        for _ in range(2):
            answer = await catalog.ask("meta/movie/tt9.json")
            assert (answer.status, msgspec.json.decode(answer.body)["code"]) == (404, "title_not_found")
    assert one.calls["meta"] == 1


async def test_a_failing_addon_before_the_winner_is_named_and_the_answer_brief(catalog: Catalog) -> None:
    async with knowing("bad", tt1="Bad") as bad, knowing("good", tt1="Good") as good:
        added = await catalog.add(bad.manifest_url)
        await catalog.add(good.manifest_url)
        bad.on("meta", body=b"<html>")
        answer = await catalog.ask("meta/movie/tt1.json")
        page = await catalog.client.title(OWNER, "movie", "tt1", deadline=catalog.deadline)
    assert msgspec.json.decode(answer.body)["meta"]["name"] == "Good"
    assert answer.headers["X-Headgate-Partial"] == added["id"]
    assert "max-age=10" in answer.headers["Cache-Control"]
    assert [(each.addon_name, each.reason) for each in page.problems] == [("Bad", "addon_broken")]


async def test_a_title_that_only_a_failing_addon_may_know_is_an_upstream_error(catalog: Catalog) -> None:
    async with knowing("bad", tt1="Bad") as bad, knowing("none") as none:
        for addon in (bad, none):
            await catalog.add(addon.manifest_url)
        bad.on("meta", body=b"<html>")
        answer = await catalog.ask("meta/movie/tt1.json")
    assert answer.status == 502
    assert "Bad" in msgspec.json.decode(answer.body)["detail"]


async def test_a_silent_addon_costs_the_deadline(tmp_path: Path) -> None:
    slow, good = knowing("slow", tt1="Slow"), knowing("good", tt1="Good")
    async with running_catalog(tmp_path, HEADGATE_META_DEADLINE_S="0.2") as catalog, slow, good:
        for addon in (slow, good):
            await catalog.add(addon.manifest_url)
        gate = slow.hold("meta")
        answer = await catalog.ask("meta/movie/tt1.json")
        assert msgspec.json.decode(answer.body)["meta"]["name"] == "Good"
        assert answer.headers["X-Headgate-Cache"] == "partial"
        gate.set()

        async def there() -> bool:
            found = msgspec.json.decode((await catalog.ask("meta/movie/tt1.json")).body)
            return bool(found["meta"]["name"] == "Slow")

        await until(there)
        assert slow.calls["meta"] == 1


async def test_once_an_addon_has_the_title_those_above_it_have_a_moment_more(catalog: Catalog) -> None:
    async with knowing("slow", tt1="Slow") as slow, knowing("good", tt1="Good") as good:
        added = await catalog.add(slow.manifest_url)
        await catalog.add(good.manifest_url)
        gate = slow.hold("meta")
        began = time.perf_counter()
        answer = await catalog.ask("meta/movie/tt1.json")
        took_s = time.perf_counter() - began
        gate.set()
    assert msgspec.json.decode(answer.body)["meta"]["name"] == "Good"
    assert META_GRACE_S <= took_s < META_GRACE_S + 3
    assert answer.headers["X-Headgate-Partial"] == added["id"]
    assert answer.headers["Cache-Control"] == "private, max-age=10"


async def test_an_addon_above_the_winner_that_is_quick_enough_wins(catalog: Catalog) -> None:
    async with knowing("first", tt1="First") as first, knowing("second", tt1="Second") as second:
        for addon in (first, second):
            await catalog.add(addon.manifest_url)
        first.on("meta", delay_s=0.2)
        answer = await catalog.ask("meta/movie/tt1.json")
    assert msgspec.json.decode(answer.body)["meta"]["name"] == "First"
    assert "X-Headgate-Partial" not in answer.headers


async def test_the_demo_beside_another_addon_leaves_24_hours_standing(catalog: Catalog) -> None:
    """Whatever the demo did not know was kept for half a minute."""
    await catalog.add("headgate:demo")
    async with knowing("none") as none, knowing("one", tt1="One") as one:
        for addon in (none, one):
            await catalog.add(addon.manifest_url)
        answer = await catalog.ask("meta/movie/tt1.json")
    body = msgspec.json.decode(answer.body)
    assert 0.9 * 86_400 - 5 <= body["cacheMaxAge"] <= 86_400
    assert (body["staleRevalidate"], body["staleError"]) == (
        pytest.approx(86_400, abs=5),
        pytest.approx(604_800, abs=5),
    )


async def test_a_search_that_finds_something_holds_as_long_as_what_it_found(catalog: Catalog) -> None:
    async with searchable("one", "Night") as one, searchable("two", "Day") as two:
        for addon in (one, two):
            await catalog.add(addon.manifest_url)
        found = await catalog.send("GET", "/api/v1/search?q=night")
        nothing = await catalog.send("GET", "/api/v1/search?q=dusk")
    assert 3200 < _max_age(found.headers["Cache-Control"]) <= 3600
    assert _max_age(nothing.headers["Cache-Control"]) <= 30


def _max_age(cache_control: str) -> int:
    return int(cache_control.partition("max-age=")[2].partition(",")[0])


async def test_an_id_with_reserved_characters_arrives_whole(catalog: Catalog) -> None:
    strange = "tt1/a=b&c ü%2F:1"
    async with knowing("one", **{strange: "Odd"}) as one:
        await catalog.add(one.manifest_url)
        title = await catalog.client.title(OWNER, "movie", strange, deadline=catalog.deadline)
        assert one.requests[-1].id == strange
    assert msgspec.json.decode(title.meta)["name"] == "Odd"


def searchable(name: str, *names: str, type_: str = "movie") -> FakeAddon:
    rows = [row_of("found", type_, extra=[{"name": "search", "isRequired": True}])]
    items = [film(number, type_, name=title) for number, title in enumerate(names)]
    return FakeAddon(manifest=manifest(f"org.{name}", catalogs=rows), catalogs={"found": items})


async def test_search_asks_every_row_that_declares_it_and_drops_exact_duplicates(catalog: Catalog) -> None:
    one, two = searchable("one", "Night", "Nightmare"), searchable("two", "Night", "Day", "Midnight")
    plain = FakeAddon(manifest=manifest("org.plain", catalogs=[row_of("top")]), catalogs={"top": films(3)})
    async with one, two, plain:
        for addon in (one, two, plain):
            await catalog.add(addon.manifest_url)
        found = await catalog.client.search(OWNER, "night", deadline=catalog.deadline)
        assert plain.requests == []
    names = [[msgspec.json.decode(item)["name"] for item in group.items] for group in found.groups]
    assert names == [["Night", "Nightmare"], ["Midnight"]]
    assert found.problems == ()


async def test_search_may_be_limited_to_types_and_skips_hidden_rows(catalog: Catalog) -> None:
    async with searchable("one", "Night") as one, searchable("two", "Nights", type_="series") as two:
        for addon in (one, two):
            await catalog.add(addon.manifest_url)
        series = await catalog.client.search(OWNER, "night", types=["series"], deadline=catalog.deadline)
        row = series.groups[0].row
        hidden = RowPatch(included=False)
        await catalog.client.change_row(OWNER, name_of(row), hidden, deadline=catalog.deadline)
        rest = await catalog.client.search(OWNER, "night", deadline=catalog.deadline)
    assert [group.row.type for group in series.groups] == ["series"]
    assert [group.row.type for group in rest.groups] == ["movie"]


async def test_search_is_partial_when_an_addon_fails_and_an_error_when_all_do(catalog: Catalog) -> None:
    async with searchable("bad", "Night") as bad, searchable("good", "Nightly") as good:
        for addon in (bad, good):
            await catalog.add(addon.manifest_url)
        bad.on("catalog", status=500)
        some = await catalog.client.search(OWNER, "night", deadline=catalog.deadline)
        assert [len(group.items) for group in some.groups] == [1]
        assert [problem.addon_name for problem in some.problems] == ["Bad"]
        good.on("catalog", status=500)
        assert await catalog.problem("GET", "/api/v1/search?q=day") == (502, "upstream_failed")
    assert await catalog.problem("GET", "/api/v1/search?q=") == (422, "invalid_input")
