"""Whose turn it is to load a key: one replica at a time, decided by a lock in Redis."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from libs.common.cache.entry import Entry
from libs.common.clock import Clock
from libs.common.redis.gate import RedisOut
from libs.common.tasks import Tasks

if TYPE_CHECKING:
    from libs.common.cache.redis import RedisTier

FIRST_POLL_S, LONGEST_POLL_S = 0.01, 0.1  # news from the holder cuts the wait short; polling is for lost news
HOLD_S = 60.0  # a load that hangs for longer no longer keeps the other replicas out


class Turn(NamedTuple):
    """The right to load. Only what was stamped by Redis (`shared`) may be written to Redis."""

    stamp: int
    shared: bool
    token: str = ""


class Known(NamedTuple):
    """The stored answer: its stamp (0 for none), and the entry if it can be served."""

    stamp: int
    entry: Entry | None


class Answer(NamedTuple):
    """No turn is needed: here is what somebody stored. `waited` if it was loaded while we stood in line."""

    entry: Entry
    waited: bool


class Turns:
    """Locks by key. A holder that dies is replaced `lock_s` after its last sign of life."""

    def __init__(self, tier: RedisTier, *, tasks: Tasks, clock: Clock, lock_s: float) -> None:
        self._tier = tier
        self._tasks = tasks
        self._clock = clock
        self._lock_ms = int(lock_s * 1000)
        self._waiting: dict[str, asyncio.Event] = {}

    async def take(self, key: str, *, seen: int, read: Callable[[], Awaitable[Known]]) -> Turn | Answer:
        """Wait for the turn, or for somebody's answer that is newer than `seen`. Raises RedisOut."""
        token = secrets.token_hex(8)
        known = await read()
        waited = False
        for poll_s in _polls():
            if known.entry is not None and known.stamp > seen:
                return Answer(known.entry, waited)
            seen = max(seen, known.stamp)
            grip = await self._tier.acquire(key, token=token, lock_ms=self._lock_ms, seen=seen)
            if grip.state == "locked":
                return Turn(grip.stamp, shared=True, token=token)
            if grip.state == "newer":
                known = await read()
                if known.entry is None:  # void or unreadable: newer, and still no answer
                    seen = max(seen, grip.stamp)
                continue
            waited = True
            await self._pause(key, poll_s)
        raise AssertionError("polling has no end")

    @asynccontextmanager
    async def held(self, key: str, turn: Turn) -> AsyncIterator[None]:
        """Keep the lock alive as long as the body runs, then open it."""
        if not turn.token:
            yield
            return
        renewal = self._tasks.spawn("cache_lock_renewal", self._renew(key, turn.token))
        try:
            yield
        finally:
            renewal.cancel()
            with suppress(RedisOut):
                await self._tier.release(key, token=turn.token)

    def wake(self, key: str) -> None:
        """There is news of this key: look again now."""
        event = self._waiting.get(key)
        if event is not None:
            event.set()

    async def _pause(self, key: str, longest_s: float) -> None:
        event = self._waiting.setdefault(key, asyncio.Event())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(longest_s):
                    await event.wait()
        finally:
            self._waiting.pop(key, None)

    async def _renew(self, key: str, token: str) -> None:
        until = self._clock.monotonic() + HOLD_S
        while self._clock.monotonic() < until:
            await self._clock.sleep(self._lock_ms / 3000)
            with suppress(RedisOut):
                if not await self._tier.renew(key, token=token, lock_ms=self._lock_ms):
                    return


def _polls() -> Iterator[float]:
    poll_s = FIRST_POLL_S
    while True:
        yield poll_s
        poll_s = min(poll_s * 1.5, LONGEST_POLL_S)
