"""How much more two gateways carry behind nginx than one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from statistics import median

from benchmarks.chaos.deployed import deployed
from benchmarks.chaos.share import held_to
from benchmarks.figures import Figure
from benchmarks.load import requests_per_s
from tests.harness.cluster import Running

QUESTION = "/api/v1/manifest"
ROUNDS = 5
RUN_S = 6
SHARE = 0.2
"""Of one core for each gateway: what two of them carry has to fit beside nginx, the catalogs and wrk."""
BOTH = ("gateway-1", "gateway-2")


def measure() -> list[Figure]:
    one, two = asyncio.run(_carried())
    note = (
        f"{two:,.0f} requests/s against {one:,.0f}, each gateway held to {SHARE:.0%} of a core, since all "
        f"the rest and the load need their part of the {os.cpu_count()} there are; median of {ROUNDS} rounds"
    )
    return [Figure("two gateways against one", two / one, "×", "at least", 1.6, note)]


async def _carried() -> tuple[float, float]:
    ones, twos = list[float](), list[float]()
    async with deployed() as running:
        for _ in range(ROUNDS):
            await asyncio.to_thread(running.client.stop, BOTH[1])
            ones.append(await asyncio.to_thread(_run, running, BOTH[:1]))
            await asyncio.to_thread(running.client.start, BOTH[1])
            twos.append(await asyncio.to_thread(_run, running, BOTH))
    return median(ones), median(twos)


def _run(running: Running, names: Iterable[str]) -> float:
    headers = {"Authorization": f"Bearer {running.token}"}
    with held_to(SHARE, [running.client.member(name).pid for name in names]):
        return requests_per_s(running.url + QUESTION, seconds=RUN_S, headers=headers)
