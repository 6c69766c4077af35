"""Titles as players get them: what an addon leaves out is filled in, and TMDB's troubles cost nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from libs.common.contracts.tmdb import ATTRIBUTION
from tests.catalog.hub import OTHER_ACCOUNT, Catalog, running_catalog
from tests.catalog.metadata.conftest import save_key
from tests.fakes.addon import FakeAddon, manifest
from tests.fakes.addon import catalog as row_of
from tests.fakes.clock import ManualClock
from tests.fakes.tmdb import FakeTmdb

LITTLE = {"id": "tt0017136", "type": "movie", "name": "Metropolis"}


def knowing(*metas: dict[str, Any], **members: Any) -> FakeAddon:
    shown = manifest("org.sparse", resources=["meta", "catalog"], idPrefixes=["tt", "own:", "x:"], **members)
    return FakeAddon(manifest=shown, metas={meta["id"]: meta for meta in metas})


async def title(catalog: Catalog, id_: str = "tt0017136", type_: str = "movie") -> Any:
    return await catalog.get(f"/api/v1/titles/{type_}/{id_}")


async def test_a_title_known_sparsely_becomes_whole(catalog: Catalog, tmdb: FakeTmdb) -> None:
    async with knowing(LITTLE) as addon:
        await catalog.add(addon.manifest_url)
        before = await title(catalog)
        await save_key(catalog)
        after = await title(catalog)
        played = await catalog.ask("meta/movie/tt0017136.json")
    assert before["meta"] == LITTLE
    assert (before["attributions"], after["attributions"]) == ([], [ATTRIBUTION])
    assert after["meta"]["description"] == "A city of the future."
    assert after["meta"]["runtime"] == "153 min"
    assert (after["addon_name"], after["problems"]) == ("Sparse", [])
    assert msgspec.json.decode(played.body)["meta"] == after["meta"]
    assert addon.calls["meta"] == 1


async def test_whoever_has_no_key_asks_nothing(catalog: Catalog, tmdb: FakeTmdb) -> None:
    async with knowing(LITTLE) as addon:
        await save_key(catalog)
        await catalog.add(addon.manifest_url, identity=OTHER_ACCOUNT)
        tmdb.asked.clear()
        found = await catalog.get("/api/v1/titles/movie/tt0017136", identity=OTHER_ACCOUNT)
    assert found["meta"] == LITTLE
    assert tmdb.asked == []


async def test_a_whole_title_is_asked_about_only_for_another_language(
    catalog: Catalog, tmdb: FakeTmdb
) -> None:
    whole = {
        **LITTLE,
        "poster": "https://a.example/p.jpg",
        "background": "https://a.example/b.jpg",
        "description": "Theirs.",
        "genres": ["Silent"],
        "cast": ["Somebody"],
        "runtime": "2h",
        "releaseInfo": "1927",
    }
    async with knowing(whole) as addon:
        await catalog.add(addon.manifest_url)
        await save_key(catalog)
        tmdb.asked.clear()
        plain = await title(catalog)
        assert tmdb.asked == []
        await catalog.send("PUT", "/api/v1/settings/tmdb", {"language": "de-DE"})
        german = await title(catalog)
    assert (plain["meta"]["name"], plain["meta"]["description"]) == ("Metropolis", "Theirs.")
    assert (german["meta"]["name"], german["meta"]["description"]) == (
        "Die Stadt",
        "Eine Stadt der Zukunft.",
    )
    assert german["meta"]["poster"] == "https://a.example/p.jpg"


async def test_a_title_is_found_by_another_id_that_its_meta_names_or_by_its_name(catalog: Catalog) -> None:
    by_id = {"id": "own:1", "type": "movie", "name": "Whatever", "imdb_id": "tt0017136"}
    by_name = {"id": "own:2", "type": "movie", "name": "METROPOLIS (1927) [1080p]"}
    nothing = {"id": "own:3", "type": "movie", "name": "Metropolis"}
    async with knowing(by_id, by_name, nothing) as addon:
        await catalog.add(addon.manifest_url)
        await save_key(catalog)
        found = [(await title(catalog, f"own:{number}"))["meta"] for number in (1, 2, 3)]
    assert [meta.get("runtime") for meta in found] == ["153 min", "153 min", None]
    assert [meta["id"] for meta in found] == ["own:1", "own:2", "own:3"]


async def test_what_no_addon_knows_is_described_by_tmdb_alone(catalog: Catalog) -> None:
    async with knowing() as addon:
        await catalog.add(addon.manifest_url)
        assert await catalog.problem("GET", "/api/v1/titles/movie/tt0017136") == (404, "title_not_found")
        await save_key(catalog)
        for _ in range(2):  # made, then kept
            found = await title(catalog)
            assert (found["addon_id"], found["addon_name"]) == ("", "TMDB")
            assert found["meta"]["name"] == "Metropolis"
            assert found["attributions"] == [ATTRIBUTION]
        assert await catalog.problem("GET", "/api/v1/titles/movie/tt0000002") == (404, "title_not_found")


async def test_an_addon_that_fails_is_named_where_tmdb_speaks_for_it(catalog: Catalog) -> None:
    async with knowing(LITTLE) as addon:
        await catalog.add(addon.manifest_url)
        await save_key(catalog)
        addon.on("meta", status=500)
        answer = await catalog.ask("meta/movie/tt0017136.json")
    assert answer.status == 200
    assert answer.headers["X-Headgate-Cache"] == "partial"
    assert answer.headers["X-Headgate-Partial"] == "addons"


async def test_with_tmdb_away_the_title_is_as_its_addon_gave_it_and_says_so(
    catalog: Catalog, tmdb: FakeTmdb
) -> None:
    async with knowing(LITTLE) as addon:
        await catalog.add(addon.manifest_url)
        await save_key(catalog)
        await tmdb.stop()
        answer = await catalog.ask("meta/movie/tt0017136.json")
        shown = await title(catalog)
    assert msgspec.json.decode(answer.body)["meta"] == LITTLE
    assert answer.headers["X-Headgate-Cache"] == "partial"
    assert answer.headers["X-Headgate-Partial"] == "tmdb"
    assert [problem["addon_name"] for problem in shown["problems"]] == ["TMDB"]
    assert shown["attributions"] == []


async def test_what_tmdb_said_before_completes_it_still(
    tmp_path: Path, tmdb: FakeTmdb, stores: dict[str, str], clock: ManualClock
) -> None:
    async with knowing(LITTLE) as addon:
        async with running_catalog(tmp_path, clock=clock, HEADGATE_TMDB_URL=tmdb.url, **stores) as catalog:
            await catalog.add(addon.manifest_url)
            await save_key(catalog)
            before = await title(catalog)
        clock.advance(3 * 24 * 3600)
        await tmdb.stop()
        async with running_catalog(tmp_path, clock=clock, HEADGATE_TMDB_URL=tmdb.url, **stores) as catalog:
            answer = await catalog.send("GET", "/api/v1/titles/movie/tt0017136")
    after = msgspec.json.decode(answer.body)
    assert after["meta"] == before["meta"]
    assert answer.headers["X-Headgate-Cache"] == "stale"
    assert after["attributions"] == [ATTRIBUTION]


async def test_a_key_that_tmdb_refuses_is_not_used_again(catalog: Catalog, tmdb: FakeTmdb) -> None:
    async with knowing(LITTLE, {**LITTLE, "id": "tt0000002"}) as addon:
        await catalog.add(addon.manifest_url)
        await save_key(catalog)
        tmdb.keys.clear()
        refused = await title(catalog)
        tmdb.asked.clear()
        other = await title(catalog, "tt0000002")
    assert [problem["reason"] for problem in refused["problems"]] == ["tmdb_key_refused"]
    assert other["problems"] == []
    assert tmdb.asked == []
    assert (await catalog.get("/api/v1/settings/tmdb"))["state"] == "refused"


async def test_a_slow_tmdb_is_not_waited_for_and_helps_the_next_time(tmp_path: Path, tmdb: FakeTmdb) -> None:
    settings = {"HEADGATE_TMDB_URL": tmdb.url, "HEADGATE_TMDB_DEADLINE_S": "0.1"}
    async with knowing(LITTLE) as addon, running_catalog(tmp_path, clock=None, **settings) as catalog:
        await catalog.add(addon.manifest_url)
        await save_key(catalog)
        held_back = tmdb.hold_back()
        late = await title(catalog)
        held_back.set()
        assert late["meta"] == LITTLE
        assert late["problems"][0]["reason"] == "tmdb_timed_out"
        while (await title(catalog))["problems"]:
            pass
        assert (await title(catalog))["meta"]["runtime"] == "153 min"


async def test_a_row_asks_tmdb_nothing(catalog: Catalog, tmdb: FakeTmdb) -> None:
    items = [{**LITTLE, "id": f"tt{number:07d}"} for number in range(100)]
    shown = manifest("org.rows", resources=["catalog"], catalogs=[row_of("top")])
    async with FakeAddon(manifest=shown, catalogs={"top": items}) as addon:
        await catalog.add(addon.manifest_url)
        await save_key(catalog)
        tmdb.asked.clear()
        assert len(await catalog.items(f"catalog/{await catalog.row('Top')}.json")) == 100
    assert tmdb.asked == []


async def test_pictures_lead_where_the_operator_wants_in_rows_titles_and_searches(
    tmp_path: Path, tmdb: FakeTmdb, stores: dict[str, str]
) -> None:
    poster = "https://a.example/p.jpg"
    shown = manifest(
        "org.rows", resources=["catalog", "meta"], catalogs=[row_of("top", extra=("skip", "search"))]
    )
    film = {**LITTLE, "poster": poster}
    settings = {"HEADGATE_TMDB_URL": tmdb.url, "HEADGATE_IMAGE_URL": "https://cdn.example/?u="}
    async with (
        FakeAddon(manifest=shown, catalogs={"top": [film]}, metas={"tt0017136": film}) as addon,
        running_catalog(tmp_path, clock=None, **settings, **stores) as catalog,
    ):
        await catalog.add(addon.manifest_url)
        page = msgspec.json.decode((await catalog.ask(f"catalog/{await catalog.row('Top')}.json")).body)
        one = await title(catalog)
        found = await catalog.get("/api/v1/search?q=metropolis")
    led = "https://cdn.example/?u=https%3A%2F%2Fa.example%2Fp.jpg"
    assert page["metas"][0]["poster"] == led
    assert one["meta"]["poster"] == led
    assert found["groups"][0]["items"][0]["poster"] == led


async def test_a_series_that_says_nothing_of_its_episodes_can_be_watched(
    catalog: Catalog, tmdb: FakeTmdb
) -> None:
    tmdb.add_seasons(19, s1=2, s2=1)
    little = {"id": "tt0903747", "type": "series", "name": "The Line"}
    async with knowing(little) as addon:
        await catalog.add(addon.manifest_url)
        await save_key(catalog)
        made = await title(catalog, "tt0903747", "series")
    assert [video["id"] for video in made["meta"]["videos"]] == [
        "tt0903747:1:1",
        "tt0903747:1:2",
        "tt0903747:2:1",
    ]
