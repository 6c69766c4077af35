"""How many calls one upstream gets at a time, and how many may queue for it."""

import asyncio
from types import TracebackType
from typing import Self


class LimitExceeded(Exception):
    """Not asked: too many calls to this upstream are under way already."""

    reason = "too_busy"
    retry_after_s: float | None = None

    def __init__(self) -> None:
        super().__init__("Too many requests to this source are under way already.")


class Limiter:
    """At most ``max_concurrent`` holders, first come first served, and at most ``max_waiting`` in the queue.

    ``async with limiter:`` waits as long as it takes; ``acquire(timeout_s)`` gives up with LimitExceeded.
    """

    def __init__(self, max_concurrent: int, max_waiting: int) -> None:
        self._semaphore = asyncio.Semaphore(max_concurrent)
        self._max_waiting = max_waiting
        self._waiting = 0
        self._in_flight = 0

    @property
    def in_flight(self) -> int:
        return self._in_flight

    @property
    def waiting(self) -> int:
        return self._waiting

    async def acquire(self, timeout_s: float | None = None) -> None:
        if self._semaphore.locked():
            await self._queue(timeout_s)
        else:
            await self._semaphore.acquire()
        self._in_flight += 1

    def release(self) -> None:
        self._in_flight -= 1
        self._semaphore.release()

    async def _queue(self, timeout_s: float | None) -> None:
        if self._waiting >= self._max_waiting:
            raise LimitExceeded
        self._waiting += 1
        try:
            async with asyncio.timeout(timeout_s):
                await self._semaphore.acquire()
        except TimeoutError:
            raise LimitExceeded from None
        finally:
            self._waiting -= 1

    async def __aenter__(self) -> Self:
        await self.acquire()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
