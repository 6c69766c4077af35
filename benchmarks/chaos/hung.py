"""One replica of each service hung by SIGSTOP: who fails once that can be known."""

from __future__ import annotations

import asyncio

from benchmarks.chaos.deployed import deployed, is_running, passed
from benchmarks.figures import Figure
from deploy.cluster.settings import SERVICES

CLIENTS = 24
REQUESTS = 4_000
HUNG_S = 20.0
KNOWN_S = 10.0


def measure() -> list[Figure]:
    told, late = asyncio.run(_hung())
    return [Figure("failed requests once a hung replica is known", late, "", "at most", 0, told)]


async def _hung() -> tuple[str, int]:
    told: list[str] = []
    late = 0
    async with deployed() as running:
        for service in SERVICES:
            name = f"{service}-1"
            restarts = (await asyncio.to_thread(running.client.member, name)).restarts
            async with running.under_load(clients=CLIENTS) as load:
                await load.more(REQUESTS // 4)
                await asyncio.to_thread(running.client.pause, name)
                hung_at = load.seconds
                await passed(load, hung_at + HUNG_S)
                await is_running(running, name, restarts + 1)
                await load.more(REQUESTS // 4)
            late += len(load.failed_since(hung_at + KNOWN_S))
            told.append(f"{service} {len(load.failures)} of {load.asked:,} in all")
    return f"SIGSTOP, watched for {HUNG_S:.0f} s, counted from {KNOWN_S:.0f} s on: " + "; ".join(told), late
