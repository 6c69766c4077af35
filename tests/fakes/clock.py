"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime

START = 1_800_000_000.0
MONOTONIC_START = 1000.0


class ManualClock:
    """A `Clock` moved by `advance`. Sleepers wake in the order of their time, each seeing its own time."""

    def __init__(self, start: float = START) -> None:
        self._start = start
        self._monotonic = MONOTONIC_START
        self._order = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)

    def time(self) -> float:
        # Made of where the clock stands, not of its moves: many small ones would add up their errors.
        return self._start + (self._monotonic - MONOTONIC_START)

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, delay_s: float) -> None:
        if delay_s <= 0:
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        heapq.heappush(self._sleepers, (self._monotonic + delay_s, self._order, waiter))
        await waiter

    @property
    def sleepers(self) -> int:
        """How many are asleep now."""
        return sum(not waiter.done() for _, _, waiter in self._sleepers)

    def advance(self, seconds: float) -> None:
        """Move on and wake whoever's time has come. They run when the test next awaits; see `settle`."""
        until = self._monotonic + seconds
        while self._sleepers and self._sleepers[0][0] <= until:
            at, _, waiter = heapq.heappop(self._sleepers)
            self._monotonic = max(at, self._monotonic)
            if not waiter.done():
                waiter.set_result(None)
        self._monotonic = until

    async def advance_and_settle(self, seconds: float) -> None:
        """Move on step by step, letting everyone woken run (and sleep again) before time moves further."""
        until = self._monotonic + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self.advance(max(0.0, self._sleepers[0][0] - self._monotonic))
            await settle()
        self.advance(until - self._monotonic)
        await settle()


async def settle(rounds: int = 20) -> None:
    """Let tasks that are ready run until they wait for something else."""
    for _ in range(rounds):
        await asyncio.sleep(0)
