"""Requests at a fixed rate, each timed from when it was due: a server that stalls can't slow its own clock.

Run as a process of its own, so that the load has a core while it measures: `python -m benchmarks.open_loop
URL RATE SECONDS`, headers as a JSON object on standard input, percentiles in seconds on standard output.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from libs.common.clock import SystemClock
from libs.common.http import ClientSession, make_session
from libs.common.serve import run_loop

CONNECTIONS = 64
LATE_S = 5.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from due to answered; `failed` counts what was no 2xx, or never came.

    The first was due at `began_s` and the last answered at `ended_s` of the machine's monotonic clock.
    """

    p50_s: float
    p99_s: float
    sent: int
    failed: int
    began_s: float
    ended_s: float


def latency(url: str, *, rate: float, seconds: float, headers: Mapping[str, str]) -> Latency:
    """What `rate` requests a second, for that long, meet at `url`."""
    command = [sys.executable, "-m", "benchmarks.open_loop", url, str(rate), str(seconds)]
    done = subprocess.run(command, input=json.dumps(headers), capture_output=True, text=True, check=True)
    return Latency(**json.loads(done.stdout))


async def _load(url: str, rate: float, seconds: float, headers: Mapping[str, str]) -> Latency:
    now = SystemClock().monotonic  # uvloop's own time stands still within a millisecond
    took: list[float] = []
    failed = 0

    async def one(session: ClientSession, due: float) -> None:
        nonlocal failed
        try:
            async with session.get(url, headers=headers) as answer:
                await answer.read()
                failed += answer.status >= 300
        except OSError:
            failed += 1
        took.append(now() - due)

    async with make_session(limit=CONNECTIONS, limit_per_host=0) as session, asyncio.TaskGroup() as group:
        first = now() + 0.1
        for number in range(int(rate * seconds)):
            due = first + number / rate
            if due > now():
                await asyncio.sleep(due - now())
            group.create_task(one(session, due))
    ended = now()
    took.sort()
    return Latency(took[len(took) // 2], took[int(len(took) * 0.99)], len(took), failed, first, ended)


async def _main(arguments: list[str]) -> None:
    url, rate, seconds = arguments
    found = await _load(url, float(rate), float(seconds), json.loads(sys.stdin.read()))
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    run_loop(_main(sys.argv[1:]))
