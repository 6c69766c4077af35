"""The state Redis away for half a minute: nobody fails, and nobody gets much more than is his."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.chaos.deployed import deployed, passed
from benchmarks.figures import Figure
from libs.common.http import ClientSession, make_session
from tests.harness.clients import Api
from tests.harness.cluster import Running

CLIENTS = 8
AWAY_S = 30.0
SETTLED_S = 2.0
AFTER_S = 20.0
RATE = 10.0
OFFERED = 3 * RATE
LIMIT = {"HEADGATE_LIMIT_ACCOUNT": f"{RATE:.0f}/s burst 20"}
MEMBER = "member"
PASSWORD = "a member's password"


@dataclass
class Flood:
    """One member who asks three times too often: when each request was admitted, and what else came."""

    admitted: list[float] = field(default_factory=list)
    refused: int = 0
    failed: list[int] = field(default_factory=list)

    def rate(self, begin: float, end: float) -> float:
        return sum(begin <= moment < end for moment in self.admitted) / (end - begin)


def measure() -> list[Figure]:
    return asyncio.run(_away())


async def _away() -> list[Figure]:
    async with deployed(LIMIT) as running:
        token = await _member(running)
        async with running.under_load(clients=CLIENTS) as load, _flood(running, token) as flood:
            await passed(load, 10.0)
            left = time.perf_counter()
            await asyncio.to_thread(running.client.stop, "redis-state")
            await passed(load, load.seconds + AWAY_S)
            back = time.perf_counter()
            await asyncio.to_thread(running.client.start, "redis-state")
            settled = time.perf_counter() + SETTLED_S
            await passed(load, load.seconds + SETTLED_S + AFTER_S)
    during = flood.rate(left, back) / RATE
    after = flood.rate(settled, settled + AFTER_S) / RATE
    failed = len(load.failures) + len(flood.failed)
    note = f"{AWAY_S:.0f} s without the state Redis, {load.asked:,} requests of others, two gateways"
    return [
        Figure("failed requests, Redis away", failed, "", "at most", 0, note),
        Figure(
            "admitted of a limit meanwhile", during, "×", "at most", 2.0, f"{OFFERED:.0f}/s offered; {note}"
        ),
        Figure("admitted from 2 s after it is back", after, "×", "at most", 1.02, f"over {AFTER_S:.0f} s"),
        Figure("and no less", after, "×", "at least", 0.98, f"over {AFTER_S:.0f} s"),
    ]


async def _member(running: Running) -> str:
    """The access token of an account of the free tier."""
    async with Api.of(running.url) as api:
        api.token = running.token
        await api.post("/api/v1/accounts", {"username": MEMBER, "password": PASSWORD, "tier": "free"})
    async with Api.of(running.url) as api:
        await api.sign_in(MEMBER, PASSWORD)
        return api.token


@asynccontextmanager
async def _flood(running: Running, token: str) -> AsyncIterator[Flood]:
    flood, stopped = Flood(), asyncio.Event()
    async with make_session(limit=0, limit_per_host=0) as session, asyncio.TaskGroup() as group:

        async def offer() -> None:
            due = time.perf_counter()
            while not stopped.is_set():
                group.create_task(_ask(session, running.url, token, flood))
                due += 1 / OFFERED
                await asyncio.sleep(max(0.0, due - time.perf_counter()))

        group.create_task(offer())
        try:
            yield flood
        finally:
            stopped.set()


async def _ask(session: ClientSession, base: str, token: str, flood: Flood) -> None:
    asked_at = time.perf_counter()
    headers = {"Authorization": f"Bearer {token}"}
    async with session.get(f"{base}/api/v1/addons", headers=headers) as answer:
        await answer.read()
    if answer.status == 429:
        flood.refused += 1
    elif answer.status == 200:
        flood.admitted.append(asked_at)
    else:
        flood.failed.append(answer.status)
