"""An account at Trakt, from its code to what players' rows leave out, which asks Trakt for nothing."""

from __future__ import annotations

from pathlib import Path

from libs.common.clock import SystemClock
from tests.fakes.addon import FakeAddon, catalog, films, manifest
from tests.fakes.trakt import FakeTrakt
from tests.harness.clients import Api, Player
from tests.harness.hub import UNLIMITED, running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

HERE = "/api/v1/connections/trakt"
SEEN, LISTED = "tt7000001", "tt7000002"
TIMES = 50


async def test_what_was_watched_elsewhere_is_known_here_and_browsing_asks_trakt_for_nothing(
    tmp_path: Path,
) -> None:
    shelf = FakeAddon(
        manifest=manifest("org.shelf", name="Shelf", catalogs=[catalog("Reels")]),
        catalogs={"Reels": films(100, start=7000001)},
    )
    async with FakeTrakt(clock=SystemClock()) as trakt, shelf as addon:
        trakt.signing.interval_s = 1
        ada = trakt.person("ada")
        ada.watch(trakt.titles.movie("Film 7000001", imdb=SEEN))
        ada.list_(trakt.titles.movie("Film 7000002", imdb=LISTED))
        asked = dict.fromkeys(("HEADGATE_TRAKT_URL", "HEADGATE_TRAKT_AUTH_URL"), trakt.url)
        with running("embedded", {**UNLIMITED, **asked}, tmp_path) as hub:
            async with Api.of(hub.url) as api:
                await api.sign_in(USERNAME, PASSWORD)
                await api.add(addon.manifest_url)
                await api.put("/api/v1/settings/viewing", {"hide_watched": True})
                view = await api.post(HERE, {"client_id": "client-1", "client_secret": "secret-1"})
                trakt.signing.approve(view["waiting"]["user_code"], ada)

                async def is_read() -> bool:
                    return (await api.get(HERE))["synced_at"] is not None

                await until(is_read)
                calls = trakt.calls.total()
                player = Player(api.session, await api.stremio_url())

                async def is_shown() -> bool:
                    return "Watchlist" in [
                        each["name"] for each in (await player.get("manifest.json"))["catalogs"]
                    ]

                await until(is_shown)
                row = f"catalog/{await player.row('Reels')}.json"
                for _ in range(TIMES):
                    metas = [meta["id"] for meta in (await player.get(row))["metas"]]
                assert (len(metas), SEEN in metas) == (99, False)
                [seen] = (await api.get("/api/v1/viewing/watched"))["items"]
                [listed] = (await api.get("/api/v1/viewing/watchlist"))["items"]
                assert (seen["title_id"], listed["title_id"]) == (SEEN, LISTED)
                assert trakt.calls.total() == calls
        assert not any(pair.access in hub.logs() for pair in trakt.signing.sign_ins)
