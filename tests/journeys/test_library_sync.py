"""An account's syncs in both forms of a hub: the first by itself, through deaths, cancelled, cut off."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from tests.fakes.panel.accounts import YEAR_S, Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.harness.clients import Api, Json
from tests.harness.hub import Hub, running
from tests.harness.library_store import differing, held, missing
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.waiting import until

ACCOUNTS = "/api/v1/xtream-accounts"
JOBS = "/api/v1/sync/jobs"
FILMS = "get_vod_streams"
KINDS = ("channels", "movies", "series")


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    clock = SystemClock()
    account = Account(expires_at=int(clock.time()) + YEAR_S)
    library = Library(seed=3, films=1500, channels=300, series=200)
    async with FakePanel(library, account, clock=clock) as panel:
        yield panel


@pytest.fixture(params=["embedded", "split"])
async def owned(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Hub, Api]]:
    environment = {"HEADGATE_JOB_LEASE_S": "1"}
    if request.param == "split":
        environment |= request.getfixturevalue("fresh_stores")
    with running(request.param, environment, tmp_path) as hub:
        async with Api.of(hub.url) as api:
            await api.sign_in(USERNAME, PASSWORD)
            yield hub, api


async def latest(api: Api) -> Json:
    """The newest sync; nothing while somebody who is needed for the answer is dead."""
    answer = await api.send("GET", f"{JOBS}?kind=xtream&limit=1")
    return answer.json["items"][0] if answer.status == 200 and answer.json["items"] else None


async def ended(api: Api, *, after: str = "") -> Json:
    job: Json = None

    async def done() -> bool:
        nonlocal job
        job = await latest(api)
        return job is not None and job["id"] != after and job["finished_at"] is not None

    await until(done)
    return job


async def totals(api: Api) -> dict[str, int]:
    (account,) = (await api.get(ACCOUNTS))["items"]
    return {kind: account["totals"][kind] for kind in KINDS}


def there(panel: FakePanel) -> dict[str, int]:
    library = panel.library
    named = {
        "channels": library.rows("live"),
        "movies": library.rows("vod"),
        "series": library.rows("series"),
    }
    return {kind: len(list(rows)) for kind, rows in named.items()}


async def test_what_a_panel_has_is_there_whatever_happens_to_a_sync(
    owned: tuple[Hub, Api], panel: FakePanel
) -> None:
    hub, api = owned
    worker = "hub" if hub.mode == "embedded" else "sync"
    await api.post(ACCOUNTS, {"url": panel.url, "username": "u1", "password": "p1"})
    job = await ended(api)
    assert (job["state"], job["error"]) == ("succeeded", None), hub.logs()[-6000:]
    assert await totals(api) == there(panel)

    # The worker dies at any moment, several times, while everything is sent again.
    moments = random.Random(7)
    yesterday, panel.library = panel.library, panel.library.evolved(seed=2, share=0.03)
    before = await api.post(JOBS, {"kind": "xtream", "mode": "full"})
    for _ in range(2):
        await asyncio.sleep(moments.uniform(0.1, 1.2))
        hub.kill(worker)
        left = await held(hub)
        assert (left.wrong, missing(left, before=yesterday, now=panel.library)) == ((), [])
        hub.start(worker)
        await asyncio.to_thread(hub.wait_ready)
    job = await ended(api)
    assert (job["id"], job["state"], job["error"]) == (before["id"], "succeeded", None)
    assert await totals(api) == there(panel)
    left = await held(hub)
    assert (left.wrong, differing(left, panel.library)) == ((), [])

    # Somebody cancels.
    slow = panel.fail("slow_first_byte", FILMS)
    job = await api.post(JOBS, {"kind": "xtream"})
    await asyncio.wait_for(slow.reached.wait(), 30)
    started = time.monotonic()  # noqa: TID251  how long a person waits
    await api.delete(f"{JOBS}/{job['id']}")
    assert (await ended(api))["state"] == "cancelled"
    assert time.monotonic() - started < 1.0  # noqa: TID251
    panel.heal()
    assert await totals(api) == there(panel)

    # The account is removed in the middle of it.
    slow = panel.fail("slow_first_byte", FILMS)
    await api.post(JOBS, {"kind": "xtream"})
    await asyncio.wait_for(slow.reached.wait(), 30)
    (account,) = (await api.get(ACCOUNTS))["items"]
    await api.delete(f"{ACCOUNTS}/{account['id']}")
    panel.heal()

    async def is_forgotten() -> bool:
        return await latest(api) is None

    await until(is_forgotten)
    assert (await api.get("/api/v1/library/movies"))["items"] == []
