"""Several addons in, one out: unions, order, paging, slow and dead ones, changes seen at once."""

from __future__ import annotations

import asyncio

from tests.fakes.addon import FakeAddon, catalog, film, films, manifest, stream
from tests.harness.clients import Api, Json, Player
from tests.journeys.conftest import STREAMS_DEADLINE_S
from tests.waiting import until


async def test_streams_of_all_addons_come_in_the_owners_order_without_exact_duplicates(
    api: Api, player: Player
) -> None:
    same = stream("https://cdn.example/same.mp4")
    first = FakeAddon(manifest=manifest("org.first"), streams={"tt1": [same, stream("https://a.example/1")]})
    second = FakeAddon(
        manifest=manifest("org.second"), streams={"tt1": [stream("https://b.example/2"), same]}
    )
    async with first, second:
        one, two = [await api.add(addon.manifest_url) for addon in (first, second)]
        assert await _urls(player, "tt1") == [same["url"], "https://a.example/1", "https://b.example/2"]

        await api.put("/api/v1/addons/order", {"ids": [two["id"], one["id"]]})

        assert await _urls(player, "tt1") == ["https://b.example/2", same["url"], "https://a.example/1"]


async def test_a_row_is_paged_by_100_whatever_the_upstreams_page_size(api: Api, player: Player) -> None:
    async with FakeAddon(catalogs={"top": films(230)}, page_size=20) as addon:
        await api.add(addon.manifest_url)
        row = await player.row("Top")
        pages = [
            [item["id"] for item in (await player.get(f"catalog/{row}{extra}.json"))["metas"]]
            for extra in ("", "/skip=100", "/skip=200", "/skip=300")
        ]

    assert [len(page) for page in pages] == [100, 100, 30, 0]
    assert [id_ for page in pages for id_ in page] == [item["id"] for item in films(230)]


async def test_every_extra_reaches_the_upstream_as_it_was_sent(api: Api, player: Player) -> None:
    rows = [catalog("found", extra=["search", "year", "skip"])]
    async with FakeAddon(manifest=manifest(catalogs=rows), catalogs={"found": [film(1)]}) as addon:
        await api.add(addon.manifest_url)
        row = await player.row("Found")

        await player.get(f"catalog/{row}/search=a%26b%3Dc%2Fd%20%C3%BC&year=1999.json")

        asked = addon.requests[-1]
    assert dict(asked.extra)["search"] == "a&b=c/d ü"
    assert dict(asked.extra)["year"] == "1999"


async def test_an_id_with_reserved_characters_arrives_whole(api: Api, player: Player) -> None:
    strange = "tt1/a=b&c ü:1:2"
    async with FakeAddon(manifest=manifest(), streams={strange: [stream("https://a.example/s")]}) as addon:
        await api.add(addon.manifest_url)

        answer = await player.get("stream/series/tt1%2Fa%3Db%26c%20%C3%BC%3A1%3A2.json")

        assert addon.requests[-1].id == strange
    assert [item["url"] for item in answer["streams"]] == ["https://a.example/s"]


async def test_both_spellings_of_an_episode_id_are_one_cache_entry(api: Api, player: Player) -> None:
    async with FakeAddon(manifest=manifest(), streams={"tt1:1:2": [stream("https://a.example/e")]}) as addon:
        await api.add(addon.manifest_url)

        await player.get("stream/series/tt1%3A1%3A2.json")
        again = await player.ask("stream/series/tt1:1:2.json")

        assert addon.calls["stream"] == 1
    assert again.headers["x-headgate-cache"] == "hit"


async def test_a_silent_addon_costs_the_deadline_and_nothing_else(api: Api, player: Player) -> None:
    good = FakeAddon(manifest=manifest("org.good"), streams={"tt1": [stream("https://good.example/1")]})
    silent = FakeAddon(manifest=manifest("org.silent"), streams={"tt1": [stream("https://late.example/1")]})
    async with good, silent:
        for addon in (good, silent):
            await api.add(addon.manifest_url)
        gate = silent.hold("stream")
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout_at(began + 3 * STREAMS_DEADLINE_S):
            partial = await player.ask("stream/movie/tt1.json")
        waited_s = asyncio.get_running_loop().time() - began

        assert [item["url"] for item in partial.json["streams"]] == ["https://good.example/1"]
        assert partial.headers["x-headgate-cache"] == "partial"
        assert waited_s > 0.9 * STREAMS_DEADLINE_S

        gate.set()

        async def complete() -> bool:
            return await _urls(player, "tt1") == ["https://good.example/1", "https://late.example/1"]

        await until(complete)
        assert silent.calls["stream"] == 1  # the late answer filled the cache


async def test_a_dead_addon_leaves_the_others_alone_and_its_row_comes_back(api: Api, player: Player) -> None:
    alive = FakeAddon(manifest=manifest("org.alive", catalogs=[catalog("a")]), catalogs={"a": films(3)})
    dead = FakeAddon(manifest=manifest("org.dead", catalogs=[catalog("d")]), catalogs={"d": films(3)})
    async with alive, dead:
        for addon in (alive, dead):
            await api.add(addon.manifest_url)
        healthy, broken = await player.row("A"), await player.row("D")
        await dead.stop()

        failed = await player.ask(f"catalog/{broken}.json")
        assert len((await player.get(f"catalog/{healthy}.json"))["metas"]) == 3
        assert failed.status in (502, 503, 504)
        assert failed.headers["access-control-allow-origin"] == "*"
        assert "no-store" in failed.headers["cache-control"]


async def test_a_failing_upstream_after_a_good_answer_serves_what_was_there(api: Api, player: Player) -> None:
    fields = {"cacheMaxAge": 1, "staleRevalidate": 600, "staleError": 600}
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        addon.on("catalog", fields=fields)
        await api.add(addon.manifest_url)
        row = await player.row("Top")
        await player.get(f"catalog/{row}.json")
        addon.on("catalog", status=500)

        async def stale() -> bool:
            answer = await player.ask(f"catalog/{row}.json")
            assert len(answer.json["metas"]) == 3
            return answer.headers["x-headgate-cache"] == "stale"

        await until(stale)


async def test_fifty_cold_requests_are_one_upstream_call(api: Api, player: Player) -> None:
    async with FakeAddon(catalogs={"top": films(100)}) as addon:
        await api.add(addon.manifest_url)
        row = await player.row("Top")
        addon.on("catalog", delay_s=0.2)

        answers = await asyncio.gather(*(player.ask(f"catalog/{row}.json") for _ in range(50)))

        assert [answer.status for answer in answers] == [200] * 50
        assert addon.calls["catalog"] == 1


async def test_an_answer_that_did_not_change_is_304(api: Api, player: Player) -> None:
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        await api.add(addon.manifest_url)
        row = await player.row("Top")
        first = await player.ask(f"catalog/{row}.json")

        second = await player.ask(f"catalog/{row}.json", {"If-None-Match": first.headers["etag"]})

    assert second.status == 304
    assert second.body == b""


async def test_what_the_client_may_keep_is_what_the_upstream_allowed(api: Api, player: Player) -> None:
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        addon.on("catalog", fields={"cacheMaxAge": 120})
        await api.add(addon.manifest_url)
        row = await player.row("Top")

        answer = await player.ask(f"catalog/{row}.json")

    control = dict(part.strip().partition("=")[::2] for part in answer.headers["cache-control"].split(","))
    assert 100 <= int(control["max-age"]) <= 120


async def test_switching_an_addon_off_shows_in_the_player_at_once(api: Api, player: Player) -> None:
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        added = await api.add(addon.manifest_url)
        row = await player.row("Top")
        assert len((await player.get(f"catalog/{row}.json"))["metas"]) == 3

        await api.patch(f"/api/v1/addons/{added['id']}", {"enabled": False})

        assert (await player.get("manifest.json"))["catalogs"] == []
        assert (await player.ask(f"catalog/{row}.json")).status == 404

        await api.patch(f"/api/v1/addons/{added['id']}", {"enabled": True})

        assert await player.row("Top") == row


async def test_row_ids_survive_a_new_order_and_a_new_configuration(api: Api, player: Player) -> None:
    one = FakeAddon(manifest=manifest("org.one", catalogs=[catalog("x")]), catalogs={"x": films(1)})
    two = FakeAddon(manifest=manifest("org.two", catalogs=[catalog("y")]), catalogs={"y": films(1)})
    async with one, two:
        first, second = [await api.add(addon.manifest_url) for addon in (one, two)]
        before = {await player.row("X"), await player.row("Y")}

        await api.put("/api/v1/addons/order", {"ids": [second["id"], first["id"]]})
        one.prefix = "/configured"
        await api.patch(f"/api/v1/addons/{first['id']}", {"url": one.manifest_url})

        assert {await player.row("X"), await player.row("Y")} == before
        assert len((await player.get(f"catalog/{await player.row('X')}.json"))["metas"]) == 1


async def test_a_merged_manifest_over_the_limit_is_cut_by_a_rule_the_owner_sees(
    api: Api, player: Player
) -> None:
    genres = [f"A rather long genre name {number}" for number in range(30)]
    rows = [
        catalog(f"row{number}", extra=[{"name": "genre", "options": genres}, "skip"]) for number in range(12)
    ]
    async with FakeAddon(manifest=manifest(catalogs=rows)) as addon:
        await api.add(addon.manifest_url)

        body = (await player.ask("manifest.json")).body
        report = await api.get("/api/v1/manifest")

    assert len(body) <= 8192
    assert report["size_bytes"] == len(body)
    assert {row["state"] for row in report["rows"]} >= {"shown", "choices_dropped"}


async def test_search_asks_every_row_that_declares_it(api: Api) -> None:
    searchable = [catalog("found", extra=[{"name": "search", "isRequired": True}])]
    one = FakeAddon(
        manifest=manifest("org.one", catalogs=searchable), catalogs={"found": [film(1, name="Metropolis")]}
    )
    two = FakeAddon(
        manifest=manifest("org.two", catalogs=searchable), catalogs={"found": [film(2, name="Metropol")]}
    )
    async with one, two:
        for addon in (one, two):
            await api.add(addon.manifest_url)

        page = await api.get("/api/v1/search?q=metropol")

    assert [item["name"] for group in page["groups"] for item in group["items"]] == ["Metropolis", "Metropol"]


async def test_the_owner_sees_how_each_addon_is_doing(api: Api, player: Player) -> None:
    good = FakeAddon(manifest=manifest("org.good"), streams={"tt1": [stream()]})
    bad = FakeAddon(manifest=manifest("org.bad"))
    async with good, bad:
        for addon in (good, bad):
            await api.add(addon.manifest_url)
        bad.on("stream", status=500)
        await player.get("stream/movie/tt1.json")

        async def both_seen() -> bool:
            states.update({addon["manifest_name"]: addon["state"] for addon in await api.addons()})
            return bool(states["Good"]["calls"] and states["Bad"]["failures"])

        states: dict[str, Json] = {}
        await until(both_seen)

    assert states["Good"]["status"] == "ok"
    assert states["Good"]["last_answer_at"] is not None
    assert states["Bad"]["error"]


async def _urls(player: Player, video_id: str) -> list[str]:
    return [item["url"] for item in (await player.get(f"stream/movie/{video_id}.json"))["streams"]]
