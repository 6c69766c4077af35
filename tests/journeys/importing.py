"""A hub that imports IMDb's data sets, and how its import is started and followed over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.imdb import FakeImdb
from tests.harness.clients import Api, Json
from tests.harness.hub import Hub, running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

NOBODY = "http://127.0.0.1:1/none.json"
LIMIT_S = 60.0


@asynccontextmanager
async def owned_hub(
    request: pytest.FixtureRequest, imdb: FakeImdb, directory: Path, *, anime_url: str = NOBODY
) -> AsyncIterator[tuple[Hub, Api]]:
    """A hub of the mode that is the fixture's parameter, its owner signed in, the licence never heard of."""
    environment = {
        "HEADGATE_IMDB_URL": imdb.url,
        "HEADGATE_ANIME_IDS_URL": anime_url,
        "HEADGATE_JOB_LEASE_S": "1",
    }
    if request.param == "split":
        environment |= request.getfixturevalue("fresh_stores")
    with running(request.param, environment, directory) as hub:
        async with Api.of(hub.url) as api:
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
    """The latest import, once it has ended, if it isn't the one of `after`."""
    job: Json = None

    async def done() -> bool:
        nonlocal job
        job = await latest(api)
        return job is not None and job["id"] != after and job["finished_at"] is not None

    await until(done, limit_s=LIMIT_S)
    return job


async def imported(api: Api, *, after: Json) -> Json:
    """Starts one more; how it ended."""
    answer = await api.send("POST", "/api/v1/sync/jobs", {"kind": "imdb"})
    assert answer.status in {200, 201, 202}, answer.body
    return await ended(api, after=after["id"])
