"""What docs/addon-protocol.md says of answers holds for the hub and for an addon of the official kit."""

from __future__ import annotations

from typing import Any

from tests.fakes.addon import FakeAddon, catalog, films, manifest, stream
from tests.harness.clients import Api, Player
from tests.journeys import node
from tests.protocols.stremio.schemas import errors

TITLE = "tt9000007"


async def test_the_hub_and_an_addon_of_the_kit_answer_as_the_schemas_say(api: Api, player: Player) -> None:
    elsewhere = {"transportName": "http", "transportUrl": "https://a.example/manifest.json"}
    listing = FakeAddon(
        manifest=manifest("org.list", catalogs=[catalog("Reels")], addonCatalogs=[catalog("Known", "all")]),
        catalogs={"Reels": films(120)},
        streams={TITLE: [stream(), stream("https://cdn.example/2.mkv", odd=True)]},
        addon_catalogs={"Known": [{**elsewhere, "manifest": manifest("org.other")}]},
    )
    with node.sdk_addon() as upstream:
        async with listing:
            for url in (upstream, listing.manifest_url):
                await api.add(url)
            merged = await player.get("manifest.json")
            row = f"{merged['catalogs'][0]['type']}/{merged['catalogs'][0]['id']}"
            lists = f"{merged['addonCatalogs'][0]['type']}/{merged['addonCatalogs'][0]['id']}"
            asked = {
                "manifest": "manifest.json",
                "catalogAnswer": f"catalog/{row}.json",
                "metaAnswer": f"meta/movie/{TITLE}.json",
                "streamAnswer": f"stream/movie/{TITLE}.json",
                "subtitlesAnswer": f"subtitles/movie/{TITLE}.json",
                "addonCatalogAnswer": f"addon_catalog/{lists}.json",
            }
            for part, tail in asked.items():
                assert errors(part, await player.get(tail)) == [], part
            own = Player(player.session, upstream)
            first = (await own.get("manifest.json"))["catalogs"][0]
            for part, tail in {**asked, "catalogAnswer": f"catalog/movie/{first['id']}.json"}.items():
                if part != "addonCatalogAnswer":
                    assert errors(part, await own.get(tail)) == [], part


async def test_headers_and_errors_are_as_the_page_says(api: Api, player: Player) -> None:
    async with FakeAddon(catalogs={"top": films(30)}) as addon:
        addon.on("catalog", fields={"cacheMaxAge": 60})
        await api.add(addon.manifest_url)
        row = f"catalog/{await player.row('Top')}.json"
        answer = await player.ask(row)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
        assert "cacheMaxAge" not in answer.json
        lives = answer.headers["cache-control"]
        assert 30 <= int(lives.partition(" max-age=")[2].partition(",")[0]) <= 60, lives
        again = await player.ask(row, {"If-None-Match": answer.headers["etag"]})
        assert again.status == 304
        coded = await player.ask(row, {"Accept-Encoding": "br, gzip, zstd"})
        assert coded.headers["content-encoding"] == "zstd"
        for tail in ("catalog/movie/nothing.json", "nothing/movie/tt1.json", "meta/movie/tt0.json"):
            missing = await player.ask(tail)
            problem: Any = missing.json
            assert (missing.status, missing.headers["access-control-allow-origin"]) == (404, "*")
            assert errors("problem", problem) == []
