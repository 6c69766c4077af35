"""Bad data sets and dead workers, in both forms of a hub: what was there stays, and people are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.imdb import BROKEN, RATINGS, FakeImdb, packed
from tests.harness.clients import Api
from tests.harness.hub import Hub
from tests.journeys.importing import LIMIT_S, accept, ended, imported, latest, owned_hub
from tests.waiting import until

NUMBERS = range(1_000_000, 1_250_000)


@pytest.fixture
async def imdb() -> AsyncIterator[FakeImdb]:
    async with FakeImdb() as fake:
        yield fake


@pytest.fixture(params=["embedded", "split"])
async def owned(
    request: pytest.FixtureRequest, imdb: FakeImdb, tmp_path: Path
) -> AsyncIterator[tuple[Hub, Api]]:
    async with owned_hub(request, imdb, tmp_path) as owned:
        yield owned


async def test_whatever_a_server_sends_the_old_ratings_stay_and_the_owner_is_told_why(
    owned: tuple[Hub, Api], imdb: FakeImdb
) -> None:
    _, api = owned
    await accept(api)
    job = await ended(api)
    before = (await api.get("/api/v1/sync/imdb"))["sets"][0]
    for what, (content, said) in BROKEN.items():
        imdb.files["ratings"] = content
        job = await imported(api, after=job)
        assert job["state"] == "failed", what
        assert job["error"].startswith("title.ratings.tsv.gz: "), what
        assert said in job["error"], what
        assert "The rows that were there before stay." in job["error"], what
        assert (await api.get("/api/v1/ratings/tt0000010"))["rating"] == 8.7, what
        assert (await api.get("/api/v1/sync/imdb"))["sets"][0] == before, what
    imdb.files["ratings"] = packed("ratings", [(RATINGS[0][0], "NaN", 5), *RATINGS[1:]])
    job = await imported(api, after=job)
    assert (job["state"], job["counts"]["ratings"]["remarks"]) == ("succeeded", {"rating_out_of_range": 1})
    assert (await api.get("/api/v1/ratings/tt0000010"))["rating"] == 8.7


async def test_rows_that_a_dead_worker_had_staged_are_begun_anew(
    owned: tuple[Hub, Api], imdb: FakeImdb
) -> None:
    hub, api = owned
    films = ((f"tt{n:07d}", "movie", f"Film {n}", f"Film {n}", 0, 2001, None, 90, "Drama") for n in NUMBERS)
    imdb.files["titles"] = packed("titles", films)
    imdb.stalls.add("titles")
    await accept(api)

    async def many_are_staged() -> bool:
        job = await latest(api)
        return job is not None and job["counts"].get("titles", {}).get("seen", 0) >= 100_000

    await until(many_are_staged, limit_s=LIMIT_S)
    name = "catalog" if hub.mode == "split" else "hub"
    hub.kill(name)
    imdb.go_on()
    hub.start(name)
    await asyncio.to_thread(hub.wait_ready)
    job = await ended(api)
    assert (job["state"], job["error"]) == ("succeeded", None)
    assert job["counts"]["titles"]["added"] == len(NUMBERS)
    assert imdb.bytes_sent("ratings") == 1  # what was through was not done again


async def test_the_next_period_asks_only_for_what_has_changed(owned: tuple[Hub, Api], imdb: FakeImdb) -> None:
    hub, api = owned
    await accept(api)
    first = await ended(api)
    # Periods of another length begin at other times: to the schedule it is as a day later.
    hub.environment["HEADGATE_IMDB_REFRESH_S"] = "86399"
    imdb.files["ratings"] = packed("ratings", [*RATINGS, ("tt0000023", "8.0", 77)])
    name = "sync" if hub.mode == "split" else "hub"
    hub.kill(name)
    hub.start(name)
    await asyncio.to_thread(hub.wait_ready)
    second = await ended(api, after=first["id"])
    assert second["counts"]["ratings"]["added"] == 1
    assert second["counts"]["episodes"]["added"] == 1  # its place is known now, though the file is the same
    assert [status for name, status in imdb.asked if name == "titles"] == [200, 304]
