"""The official Stremio parts on both sides: their addon kit behind the hub, their readers in front of it."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.harness.clients import Api, Player
from tests.journeys import node


async def test_the_official_client_and_linter_read_the_merged_addon(api: Api, player: Player) -> None:
    with node.sdk_addon() as upstream:
        await api.add(upstream)
        seen: Any = await asyncio.to_thread(node.run, "client.js", player.manifest_url, "movie", "tt9000007")

    assert seen["lint"] == {"valid": True, "errors": [], "warnings": []}
    assert [film["id"] for film in seen["catalog"]["answer"]["metas"]] == _ids(1, 100)
    assert [film["id"] for film in seen["second"]["answer"]["metas"]] == _ids(101, 200)
    assert seen["search"]["answer"]["metas"][0]["name"] == "SDK film 7"
    assert seen["meta"]["answer"]["meta"]["name"] == "SDK film 7"
    assert seen["streams"]["answer"]["streams"][0]["behaviorHints"] == {"bingeGroup": "headgate|1080p||||"}
    assert seen["subtitles"]["answer"]["subtitles"][0]["lang"] == "eng"


async def test_stremios_own_core_installs_it_and_loads_row_title_and_streams(
    api: Api, player: Player
) -> None:
    with node.sdk_addon() as upstream:
        await api.add(upstream)
        row = (await player.get("manifest.json"))["catalogs"][0]
        seen: Any = await asyncio.to_thread(
            node.run, "core.js", player.manifest_url, "movie", row["id"], "tt9000007"
        )

    assert seen["addon"]["manifest"]["catalogs"][0]["id"] == row["id"]
    assert [film["id"] for film in seen["catalog"]["content"]["content"]][:100] == _ids(1, 100)
    assert seen["meta"]["content"]["content"]["name"] == "SDK film 7"
    (streams,) = seen["streams"]
    assert [
        (source["name"], source["behaviorHints"]["bingeGroup"]) for source in streams["content"]["content"]
    ] == [("SDK 1080p", "headgate|1080p||||"), ("SDK 480p", "headgate|480p||||")]


def _ids(first: int, last: int) -> list[str]:
    return [f"tt{9000000 + number}" for number in range(first, last + 1)]
