"""Bad data sets and dead workers, in both forms of a hub: what was there stays, and people are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.fakes.imdb import BROKEN, RATINGS, FakeImdb, packed
from tests.harness.clients import Api, Json
from tests.harness.hub import Hub, Mode, running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

TITLES = [
    (f"tt{n:07d}", "movie", f"Film {n}", f"Film {n}", 0, 2001, None, 90, "Drama")
    for n in range(1_000_000, 1_250_000)
]

LIMIT_S = 60.0


@pytest.fixture
async def imdb() -> AsyncIterator[FakeImdb]:
    async with FakeImdb() as fake:
        yield fake


@pytest.fixture(params=["embedded", "split"])
async def owned(
    request: pytest.FixtureRequest, imdb: FakeImdb, tmp_path: Path
) -> AsyncIterator[tuple[Hub, Api]]:
    """A hub whose owner is signed in and has accepted the licence."""
    mode: Mode = request.param
    environment = {
        "HEADGATE_IMDB_URL": imdb.url,
        "HEADGATE_ANIME_IDS_URL": "http://127.0.0.1:1/none.json",
        "HEADGATE_JOB_LEASE_S": "1",
    }
    async with AsyncExitStack() as stack:
        if mode == "split":
            environment |= request.getfixturevalue("fresh_stores")
        hub = stack.enter_context(running(mode, environment, tmp_path))
        api = await stack.enter_async_context(Api.of(hub.url))
        await api.sign_in(USERNAME, PASSWORD)
        yield hub, api


async def accept(api: Api) -> None:
    answer = await api.send("PUT", "/api/v1/sync/imdb/licence", {"accepted": True})
    assert answer.status == 200, answer.body


async def latest(api: Api) -> Json:
    """The latest import; nothing while somebody who is needed for the answer is dead."""
    answer = await api.send("GET", "/api/v1/sync/imdb")
    return answer.json["job"] if answer.status == 200 else None


async def ended(api: Api, *, after: str = "") -> Json:
    job: Json = None

    async def done() -> bool:
        nonlocal job
        job = await latest(api)
        return job is not None and job["id"] != after and job["finished_at"] is not None

    await until(done, limit_s=LIMIT_S)
    return job


async def imported(api: Api, *, after: Json) -> Json:
    answer = await api.send("POST", "/api/v1/sync/jobs", {"kind": "imdb"})
    assert answer.status in {200, 201, 202}, answer.body
    return await ended(api, after=after["id"])


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
    imdb.files["titles"] = packed("titles", TITLES)
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
    assert job["counts"]["titles"]["added"] == len(TITLES)
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
