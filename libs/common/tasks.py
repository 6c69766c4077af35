"""Supervised background tasks: none is lost, none fails unseen, all end with their app."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog

from libs.common.clock import Clock

T = TypeVar("T")
log = structlog.get_logger(__name__)


async def heeding(call: Awaitable[T]) -> T:
    """What `call` answers; CancelledError if the task was cancelled meanwhile, whatever `call` made of that.

    asyncio.wait_for, by which redis-py sends, keeps a cancellation to itself on Python 3.11 when what it
    waits for ends at the same moment. A loop around it would go on, and whoever cancelled it wait for ever.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        return await call
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError


class Tasks:
    """The background tasks of one app. `uniform` (low, high) is where jitter comes from."""

    def __init__(self, *, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._uniform = uniform
        self._closed = False

    def __len__(self) -> int:
        return len(self._tasks)

    def spawn(self, name: str, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `coro` beside everything else. If it raises, `task_failed` is logged once, awaited or not."""
        if self._closed:
            coro.close()
            raise RuntimeError(f"{name}: this app is closing, no task can start")
        # The set keeps a strong reference: the loop itself holds tasks weakly.
        task = asyncio.create_task(coro, name=name)  # noqa: TID251  # the one place that may
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def every(
        self,
        name: str,
        interval_s: float,
        fn: Callable[[], Awaitable[object]],
        *,
        clock: Clock,
        jitter: float = 0.1,
        at_once: bool = False,
    ) -> asyncio.Task[None]:
        """Call `fn` again and again, `interval_s` ± `jitter` after it last ended, whatever it raises.

        The first call comes after one interval, or at once. Failing is logged when it begins and when it
        ends.
        """

        async def wait() -> None:
            await clock.sleep(interval_s * self._uniform(1 - jitter, 1 + jitter))

        return self.spawn(name, self._loop(name, fn, wait, at_once=at_once))

    async def aclose(self) -> None:
        """Cancel what runs and wait until it has ended."""
        self._closed = True
        while pending := [task for task in self._tasks if task is not asyncio.current_task()]:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            self._tasks.difference_update(pending)

    async def _loop(
        self,
        name: str,
        fn: Callable[[], Awaitable[object]],
        wait: Callable[[], Awaitable[None]],
        *,
        at_once: bool,
    ) -> None:
        failing = False
        if not at_once:
            await wait()
        while True:
            try:
                await heeding(fn())
            except Exception:
                if not failing:
                    log.exception("task_failed", task=name)
                failing = True
            else:
                if failing:
                    log.info("task_recovered", task=name)
                failing = False
            await wait()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("task_failed", task=task.get_name(), exc_info=error)
