"""Figures about connections: how many there are, how many are idle, who waits and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from libs.common.clock import Clock
from libs.common.metrics import Metrics


class Queue:
    """Callers that wait for a connection of one role: `shared`, or SQLite's `reader` and `writer`."""

    def __init__(
        self,
        role: str,
        *,
        clock: Clock,
        metrics: Metrics,
        size: Callable[[], int],
        idle: Callable[[], int],
    ) -> None:
        self.waiting = 0
        self._clock = clock
        self._observe = (
            metrics.histogram("db_acquire_seconds", "Waiting for a database connection.", ("role",))
            .labels(role)
            .observe
        )
        gauges = {
            "db_pool_connections": ("Open database connections.", size),
            "db_pool_idle_connections": ("Open database connections nobody uses.", idle),
            "db_pool_waiting": ("Callers waiting for a database connection.", lambda: self.waiting),
        }
        for name, (help_, read) in gauges.items():
            metrics.gauge(name, help_, ("role",)).labels(role).set_function(read)

    def join(self) -> float:
        """Begin to wait; what it returns is for `leave`."""
        self.waiting += 1
        return self._clock.monotonic()

    def leave(self, joined_at: float) -> None:
        self.waiting -= 1
        self._observe(self._clock.monotonic() - joined_at)


class Line:
    """`async with` a lock, its waiters counted and timed."""

    def __init__(self, lock: asyncio.Lock | asyncio.Semaphore, queue: Queue) -> None:
        self._lock = lock
        self._queue = queue

    async def __aenter__(self) -> None:
        joined_at = self._queue.join()
        try:
            await self._lock.acquire()
        finally:
            self._queue.leave(joined_at)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()
