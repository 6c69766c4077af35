"""How exactly two gateways on one Redis keep a rate, and what limiting a request costs in memory."""

from __future__ import annotations

import asyncio
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks import owner
from benchmarks.figures import Figure
from benchmarks.open_loop import Latency, latency
from libs.common.clock import SystemClock
from libs.common.env import Env
from libs.common.identity import Identity
from libs.common.metrics import Metrics
from libs.common.ratelimit import MemoryEngine, limit_headers
from services.gateway.limits.rules import Limits
from services.gateway.limits.settings import LimitSettings
from tests.harness.hub import UNLIMITED, running, stores

QUESTION = "/api/v1/manifest"
SECONDS = 60.0
OFFERED = 3.0
TAKES = 20_000
ROUNDS = 5


def measure() -> list[Figure]:
    return [_exactness(), _cost()]


def _exactness() -> Figure:
    """Three times the rate of the owner's tier, half through each gateway; the burst is taken off."""
    limit = LimitSettings.from_env(Env({})).premium.policies[0]
    rate = limit.quota / limit.window_s
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hub = stack.enter_context(running("split", stack.enter_context(stores()), folder))
        urls = [hub.url + QUESTION, hub.second_pair() + QUESTION]
        headers = {"Authorization": f"Bearer {owner.sign_in(hub.url)}"}

        def load(url: str) -> Latency:
            return latency(url, rate=rate * OFFERED / 2, seconds=SECONDS, headers=headers)

        with ThreadPoolExecutor(len(urls)) as pool:
            seen = list(pool.map(load, urls))
    admitted = sum(one.sent - one.failed for one in seen)
    # The two didn't begin at the same moment, and on a busy machine the last answers come late.
    lasted_s = max(one.ended_s for one in seen) - min(one.began_s for one in seen)
    granted = rate * lasted_s
    off = abs(admitted - limit.quota - granted) / granted
    note = (
        f"{admitted:,} admitted, of which {limit.quota} burst; {rate:g}/s over {lasted_s:.1f} s, "
        f"{OFFERED:g}× offered, two gateways on one Redis"
    )
    return Figure("limiter, off the tier's rate", 100 * off, "%", "at most", 2, note)


def _cost() -> Figure:
    """The coarse limit, a search's two limits and the headers, by this process's CPU time."""
    clock = SystemClock()
    settings = LimitSettings.from_env(Env(UNLIMITED))
    limits = Limits(
        settings, MemoryEngine(clock), clock=clock, metrics=Metrics("gateway", clock=clock), alone=False
    )
    identity = Identity("acc1", "pro1", "free", ())

    async def take() -> None:
        for _ in range(TAKES):
            limits.take_address("203.0.113.1")
            verdict = await limits.take(identity, "203.0.113.1", "search")
            assert verdict is not None
            limit_headers(verdict.standings, "draft10")

    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time()
        asyncio.run(take())
        took.append((time.process_time() - began) / TAKES)
    note = f"CPU of the coarse limit, a search's two limits and the headers, median of {ROUNDS} × {TAKES:,}"
    return Figure("limiting a request in memory", median(took) * 1e6, "µs", "at most", 150, note)
