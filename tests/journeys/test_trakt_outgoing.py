"""Both ways between a profile and its account at Trakt: each thing arrives once, and none comes back."""

from __future__ import annotations

from pathlib import Path

from libs.common.clock import SystemClock
from tests.fakes.trakt import FakeTrakt, Movie, Person
from tests.harness.clients import Api
from tests.harness.hub import UNLIMITED, running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

HERE = "/api/v1/connections/trakt"
THERE, SEEN = "tt7000001", "tt7000002"
FILM_S = 6000


async def test_what_is_seen_here_is_there_once_and_what_was_seen_there_is_not_told_back(
    tmp_path: Path,
) -> None:
    async with FakeTrakt(clock=SystemClock()) as trakt:
        trakt.signing.interval_s = 1
        ada = trakt.person("ada")
        there, seen = (trakt.titles.movie(id_, imdb=id_) for id_ in (THERE, SEEN))
        ada.watch(there)
        ada.list_(seen)
        asked = dict.fromkeys(("HEADGATE_TRAKT_URL", "HEADGATE_TRAKT_AUTH_URL"), trakt.url)
        with running("embedded", {**UNLIMITED, **asked}, tmp_path) as hub:
            async with Api.of(hub.url) as api:
                await api.sign_in(USERNAME, PASSWORD)
                view = await api.post(HERE, {"client_id": "client-1", "client_secret": "secret-1"})
                trakt.signing.approve(view["waiting"]["user_code"], ada)
                await until(lambda: _is_read(api, None))
                report = {"position_s": FILM_S * 0.95, "duration_s": FILM_S, "event": "stop"}
                await api.post(f"/api/v1/progress/{SEEN}", report)
                await until(lambda: _plays(ada, seen, 1))
                # Trakt has seen it, too, and takes it off the list: both come back, and are no news.
                read_at = (await api.get(HERE))["synced_at"]
                await api.post(f"{HERE}/sync")
                await until(lambda: _is_read(api, read_at))
                assert (await api.get(f"/api/v1/progress/{SEEN}"))["plays"] == 1
                # What was seen there alone is taken back here, and so there.
                await api.delete(f"/api/v1/viewing/watched/{THERE}?type=movie")
                await until(lambda: _plays(ada, there, 0))
                waiting = await api.get(f"{HERE}/outgoing")
                assert (waiting["waiting"], waiting["items"]) == (0, [])
        written = ("POST /s", "DELETE")
        writes = {name: times for name, times in trakt.calls.items() if name.startswith(written)}
        assert writes == {"POST /scrobble/stop": 1, "POST /sync/history/remove": 1}
        assert len(ada.plays_of(seen)) == 1


async def _is_read(api: Api, before: str | None) -> bool:
    return bool((await api.get(HERE))["synced_at"] not in {None, before})


async def _plays(person: Person, film: Movie, times: int) -> bool:
    return len(person.plays_of(film)) == times
