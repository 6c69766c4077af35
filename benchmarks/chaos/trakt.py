"""kill -9 at random moments of the sync that first reads an account at Trakt: does it stay within what Trakt
takes, is every play there at last, and is what was read before a kill asked for again?

`CHAOS_KILLS=10` and `CHAOS_SEED=1` are how often and when; `CHAOS_PAGE=8` is how many titles this Trakt sends
at a time, so few that its limit is reached.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import asyncpg

from benchmarks import owner
from benchmarks.figures import Figure
from libs.common.clock import SystemClock
from tests.fakes.trakt import FakeTrakt, Person
from tests.harness.clients import Api
from tests.harness.hub import SECRET, UNLIMITED, Hub, running, stores
from tests.waiting import until

KILLS: Final = int(os.environ.get("CHAOS_KILLS", "10"))
SEED: Final = int(os.environ.get("CHAOS_SEED", "1"))
PAGE: Final = int(os.environ.get("CHAOS_PAGE", "8"))
FILMS: Final = 3_600
SEEN_TWICE: Final = 400
SHOWS: Final = 400
EPISODES: Final = 40
PLAYS: Final = FILMS + SEEN_TWICE + SHOWS * EPISODES
AT_ONCE: Final = 80
EACH_S: Final = 0.75
"""What the budget of sync lets pass at first, and how far apart its calls are then."""
LIMIT: Final = 500
FINISHES_S: Final = 1800.0
HERE: Final = "/api/v1/connections/trakt"
HELD: Final = "SELECT video_id, plays FROM streaming.viewing_videos WHERE watched"


def measure() -> list[Figure]:
    return asyncio.run(_measured())


async def _measured() -> list[Figure]:
    async with FakeTrakt(clock=SystemClock()) as trakt:
        trakt.signing.interval_s = 1
        trakt.reading.most = trakt.reading.most_progress = PAGE
        ada = trakt.person("ada")
        expected = _watched(trakt, ada)
        with _hub(trakt) as hub:
            async with Api.of(hub.url) as api:
                await api.sign_in(owner.USERNAME, owner.PASSWORD)
                took_s, wrong = await _killed(hub, api, trakt, ada, expected)
    pages = -(-FILMS // PAGE) + -(-SHOWS // PAGE) + 2
    read = sum(count for name, count in trakt.calls.items() if name.startswith("GET /sync/watched")) + 2
    note = f"{PLAYS:,} plays in pages of {PAGE}, {KILLS} kills of sync, seed {SEED}; {trakt.reads} questions"
    return [
        Figure("entries that a killed first sync got wrong", wrong, "", "at most", 0, note),
        Figure("questions to Trakt in any 5 minutes", trakt.limits.most_read, "", "at most", LIMIT, note),
        Figure("refused for being too many", trakt.limits.refused, "", "at most", 0, note),
        Figure("pages read again for each kill", (read - pages) / KILLS, "", "at most", 1, note),
        Figure("the first sync, kills and all", took_s, "s", "at most", FINISHES_S, note),
    ]


def _watched(trakt: FakeTrakt, ada: Person) -> Counter[str]:
    then_ms = ada.now_ms - 24 * 3600 * 1000
    expected = Counter[str]()
    for number in range(FILMS):
        film = trakt.titles.movie(f"Film {number}", 1950, imdb=f"tt{1_000_000 + number}")
        for _ in range(2 if number < SEEN_TWICE else 1):
            ada.watch(film, then_ms + number)
            expected[str(film.imdb)] += 1
    for number in range(SHOWS):
        show = trakt.titles.show(
            f"Show {number}", 1990, imdb=f"tt{2_000_000 + number}", seasons={1: EPISODES}
        )
        for episode in show.season(1):
            ada.watch(episode, then_ms + episode.number)
            expected[f"{show.imdb}:1:{episode.number}"] += 1
    return expected


@contextmanager
def _hub(trakt: FakeTrakt) -> Iterator[Hub]:
    with tempfile.TemporaryDirectory() as place, stores() as kept:
        environment = {
            **UNLIMITED,
            **kept,
            "HEADGATE_SECRET_KEY": SECRET,
            "HEADGATE_JOB_LEASE_S": "2",
            "HEADGATE_TRAKT_URL": trakt.url,
            "HEADGATE_TRAKT_AUTH_URL": trakt.url,
        }
        with running("split", environment, Path(place)) as hub:
            yield hub


async def _killed(
    hub: Hub, api: Api, trakt: FakeTrakt, ada: Person, expected: Counter[str]
) -> tuple[float, int]:
    """How long it took, and how many entries are not what they should be."""
    view = await api.post(HERE, {"client_id": "client-1", "client_secret": "secret-1"})
    # What is given up after too many deaths is begun again at the next look.
    await api.patch(HERE, {"every_s": 60})
    trakt.signing.approve(view["waiting"]["user_code"], ada)
    started = time.perf_counter()
    usual_s = max(10.0, (FILMS + SHOWS) / PAGE * EACH_S - AT_ONCE * EACH_S)
    chance = random.Random(SEED)
    for number, at_s in enumerate(sorted(chance.uniform(0, usual_s) for _ in range(KILLS)), start=1):
        await asyncio.sleep(max(0.0, at_s - (time.perf_counter() - started)))
        hub.kill("sync")
        print(f"kill {number}: {at_s:.1f} s, after {trakt.reads} questions", file=sys.stderr, flush=True)
        hub.start("sync")

    async def is_read() -> bool:
        try:
            answer = await api.send("GET", HERE)
            return answer.status == 200 and answer.json["synced_at"] is not None
        except OSError:  # it has just been killed
            return False

    await until(is_read, limit_s=FINISHES_S)
    took_s = time.perf_counter() - started
    held = await _held(hub)
    return took_s, sum(held[id_] != expected[id_] for id_ in held | expected)


async def _held(hub: Hub) -> Counter[str]:
    connection = await asyncpg.connect(hub.environment["HEADGATE_DATABASE_URL"])
    try:
        return Counter({row["video_id"]: row["plays"] for row in await connection.fetch(HELD)})
    finally:
        await connection.close()
