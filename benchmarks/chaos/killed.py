"""kill -9 of one replica of each service under load."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from benchmarks.chaos.deployed import deployed, is_running
from benchmarks.figures import Figure
from deploy.cluster.settings import SERVICES

CLIENTS = 24
REQUESTS = 4_000
RECOVERED_S = 2.0


@dataclass(frozen=True)
class Killed:
    """What one kill cost: `late` failures came more than two seconds after it."""

    service: str
    sent: int
    failed: int
    late: int


def measure() -> list[Figure]:
    kills = asyncio.run(_killed())
    worst = max(kills, key=lambda kill: kill.failed / kill.sent)
    note = "; ".join(f"{kill.service} {kill.failed} of {kill.sent:,}" for kill in kills)
    share = 100 * worst.failed / worst.sent
    return [
        Figure(
            "failed requests, kill -9 of one replica", share, "%", "at most", 0.1, f"the worst of: {note}"
        ),
        Figure("of them later than 2 s after it", sum(kill.late for kill in kills), "", "at most", 0, note),
    ]


async def _killed() -> list[Killed]:
    kills = []
    async with deployed() as running:
        for service in SERVICES:
            name = f"{service}-1"
            restarts = (await asyncio.to_thread(running.client.member, name)).restarts
            async with running.under_load(clients=CLIENTS) as load:
                await load.more(REQUESTS // 4)
                await asyncio.to_thread(running.client.kill, name)
                killed_at = load.seconds
                await is_running(running, name, restarts + 1)
                await load.more(REQUESTS - load.asked)
            late = len(load.failed_since(killed_at + RECOVERED_S))
            kills.append(Killed(service, load.asked, len(load.failures), late))
    return kills
