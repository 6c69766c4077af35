"""Figures about connections: how many there are, how many are idle, who waits and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from libs.common.metrics import Metrics
from libs.common.sojourn import Sojourns


class Queue:
    """Callers that wait for a connection of one role: `shared`, or SQLite's `reader` and `writer`."""

    def __init__(
        self,
        role: str,
        *,
        metrics: Metrics,
        sojourns: Sojourns,
        size: Callable[[], int],
        idle: Callable[[], int],
    ) -> None:
        self._line = sojourns.line(f"db_{role}")
        self._observe = (
            metrics.histogram("db_acquire_seconds", "Waiting for a database connection.", ("role",))
            .labels(role)
            .observe
        )
        gauges = {
            "db_pool_connections": ("Open database connections.", size),
            "db_pool_idle_connections": ("Open database connections nobody uses.", idle),
            "db_pool_waiting": ("Callers waiting for a database connection.", lambda: self._line.waiting),
        }
        for name, (help_, read) in gauges.items():
            metrics.gauge(name, help_, ("role",)).labels(role).set_function(read)

    def join(self) -> float:
        """Begin to wait; what it returns is for `leave`."""
        return self._line.join()

    def leave(self, joined_at: float, *, served: bool = True) -> None:
        """With a connection if `served`, else without one."""
        self._observe(self._line.leave(joined_at, served=served))


class Line:
    """`async with` a lock, its waiters counted and timed."""

    def __init__(self, lock: asyncio.Lock | asyncio.Semaphore, queue: Queue) -> None:
        self._lock = lock
        self._queue = queue

    async def __aenter__(self) -> None:
        joined_at = self._queue.join()
        try:
            await self._lock.acquire()
        except BaseException:
            self._queue.leave(joined_at, served=False)
            raise
        self._queue.leave(joined_at)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()
