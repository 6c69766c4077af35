"""Every replica restarted, one after the other, again and again, under mixed reads and changes."""

from __future__ import annotations

import asyncio

from benchmarks.chaos.deployed import deployed
from benchmarks.figures import Figure
from tests.harness.load import Load

REQUESTS = 50_000
CLIENTS = 24


def measure() -> list[Figure]:
    load, rounds = asyncio.run(_restarted())
    sent = load.asked
    note = f"of {sent:,} through nginx, {rounds} rolling restarts of all ten replicas, {CLIENTS} clients"
    changes = sum(" POST " in f" {failure[1]} " for failure in load.failures)
    return [
        Figure("failed reads, rolling restart", len(load.failures) - changes, "", "at most", 0, note),
        Figure("failed POSTs with a key, rolling restart", changes, "", "at most", 0, note),
    ]


async def _restarted() -> tuple[Load, int]:
    rounds = 0
    async with deployed() as running, running.under_load(clients=CLIENTS) as load:
        while load.asked < REQUESTS:
            await asyncio.to_thread(running.client.restart)
            rounds += 1
    return load, rounds
