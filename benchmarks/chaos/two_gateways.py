"""How much more two gateways carry behind nginx than one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.chaos.deployed import deployed
from benchmarks.figures import Figure
from benchmarks.load import requests_per_s
from tests.harness.cluster import Running

QUESTION = "/api/v1/manifest"
ROUNDS = 3
RUN_S = 6
BOTH = ("gateway-1", "gateway-2")


@dataclass(frozen=True)
class Carried:
    """`per_cpu_s` is requests per second of processor time of the busiest gateway: nothing else counts."""

    per_s: float
    per_cpu_s: float


def measure() -> list[Figure]:
    one, two = asyncio.run(_carried())
    wall = two.per_s / one.per_s
    note = (
        f"requests per second of the busiest gateway's processor time, {two.per_cpu_s:,.0f} against "
        f"{one.per_cpu_s:,.0f}; by the clock {two.per_s:,.0f} against {one.per_s:,.0f} ({wall:.2f} ×), since "
        f"{os.cpu_count()} cores also carry wrk, nginx, the catalogs, PostgreSQL and Redis"
    )
    return [Figure("two gateways against one", two.per_cpu_s / one.per_cpu_s, "×", "at least", 1.6, note)]


async def _carried() -> tuple[Carried, Carried]:
    ones: list[Carried] = []
    twos: list[Carried] = []
    async with deployed() as running:
        for _ in range(ROUNDS):
            await asyncio.to_thread(running.client.stop, BOTH[1])
            ones.append(await asyncio.to_thread(_run, running, BOTH[:1]))
            await asyncio.to_thread(running.client.start, BOTH[1])
            twos.append(await asyncio.to_thread(_run, running, BOTH))
    return _median(ones), _median(twos)


def _run(running: Running, names: Iterable[str]) -> Carried:
    pids = [running.client.member(name).pid for name in names]
    headers = {"Authorization": f"Bearer {running.token}"}
    before = [_cpu_s(pid) for pid in pids]
    per_s = requests_per_s(running.url + QUESTION, seconds=RUN_S, headers=headers)
    busiest = max(_cpu_s(pid) - used for pid, used in zip(pids, before, strict=True))
    return Carried(per_s, per_s * RUN_S / busiest)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _median(runs: list[Carried]) -> Carried:
    return Carried(median(run.per_s for run in runs), median(run.per_cpu_s for run in runs))
