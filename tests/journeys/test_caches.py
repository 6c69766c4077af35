"""What administrators see of the caches of a whole hub, and what clearing them does to players."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from tests.fakes.addon import FakeAddon, films
from tests.harness.clients import Api, Json, Player
from tests.harness.hub import running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

CACHES = "/api/v1/admin/caches"


async def both_are_told(api: Api) -> bool:
    """Whether the gateway that is asked has heard of the other one."""
    items = (await api.get(CACHES))["items"]
    return bool(next(cache for cache in items if cache["name"] == "responses")["processes"] == 2)


async def clear(api: Api, **wanted: object) -> Json:
    answer = await api.send("POST", f"{CACHES}/clear", wanted)
    assert answer.status == 200, answer.body
    return answer.json


async def test_what_is_cleared_is_asked_of_addons_anew(api: Api, player: Player) -> None:
    async with FakeAddon(catalogs={"top": films(100)}) as addon:
        await api.add(addon.manifest_url)
        tail = f"catalog/{await player.row('Top')}.json"
        for _ in range(3):
            await player.get(tail)
        assert addon.calls["catalog"] == 1
        view = await api.get(CACHES)
        assert not view["partial"]
        assert {"gateway", "catalog", "streaming"} <= {cache["service"] for cache in view["items"]}
        told = json.dumps(view)
        assert player.manifest_url.split("/stremio/")[1].split("/")[0] not in told
        assert addon.manifest_url not in told
        kept = next(cache for cache in view["items"] if cache["name"] == "responses")
        [key] = [key for key in kept["keys"] if tail in key["key"]]
        assert key["hits"] >= 2
        await clear(api, cache="responses", key=key["id"])
        await player.get(tail)
        assert addon.calls["catalog"] == 1  # catalog has kept it
        assert (await clear(api, all=True))["missing"] == []
        await player.get(tail)
        assert addon.calls["catalog"] == 2


async def test_all_replicas_are_cleared_by_whichever_is_asked(
    fresh_stores: dict[str, str], tmp_path: Path
) -> None:
    with running("split", fresh_stores, tmp_path) as hub:
        other_url = hub.second_pair()
        async with (
            FakeAddon(catalogs={"top": films(100)}) as addon,
            Api.of(hub.url) as api,
        ):
            await api.sign_in(USERNAME, PASSWORD)
            await api.add(addon.manifest_url)
            player = Player(api.session, await api.stremio_url())
            tail = f"catalog/{await player.row('Top')}.json"
            both = [player.at(hub.url), player.at(other_url)]
            for gateway in both:
                await gateway.get(tail)
            before = addon.calls["catalog"]
            await until(partial(both_are_told, api))
            await clear(api, all=True)
            for gateway in both:
                await gateway.get(tail)
            assert addon.calls["catalog"] > before
