"""Caches that close themselves, and an upstream that counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, Protocol, TypeVar

import pytest
from redis.asyncio import Redis

from libs.common.cache import Cache, Lives, Loaded, Lookup
from libs.common.clock import Clock, SystemClock
from libs.common.metrics import Metrics
from libs.common.redis import make_redis
from libs.common.tasks import Tasks

T = TypeVar("T")


class Upstream:
    """Answers with `text`, counted, after `gate` opens; raises `error` instead if there is one."""

    def __init__(self, text: str = "one", lives: Lives | None = None, tags: tuple[str, ...] = ("t",)) -> None:
        self.text = text
        self.lives = lives if lives is not None else Lives(60)
        self.tags = tags
        self.store = True
        self.error: Exception | None = None
        self.calls = 0
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self) -> Loaded:
        self.calls += 1
        text = self.text  # as it is when asked: what changes later belongs to the next answer
        self.asked.set()
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return Loaded(text.encode(), self.lives, tags=self.tags, store=self.store)

    def close_gate(self) -> None:
        self.gate.clear()
        self.asked.clear()


class MakeCache(Protocol):
    async def __call__(
        self,
        *,
        clock: Clock | None = None,
        url: str | None = None,
        max_bytes: int = ...,
        lock_s: float = ...,
        near: bool = ...,
        metrics: Metrics | None = None,
    ) -> Cache: ...


@pytest.fixture
async def make_cache() -> AsyncIterator[MakeCache]:
    """Each call is a replica of its own: own memory, own tasks, own connections."""
    async with AsyncExitStack() as stack:

        async def make(
            *,
            clock: Clock | None = None,
            url: str | None = None,
            max_bytes: int = 1 << 20,
            lock_s: float = 5.0,
            near: bool = False,
            metrics: Metrics | None = None,
        ) -> Cache:
            redis: Redis | None = None
            if url is not None:
                redis = make_redis(url)
                stack.push_async_callback(redis.aclose)
            tasks = Tasks()
            stack.push_async_callback(tasks.aclose)
            cache = Cache(
                "test",
                clock=clock if clock is not None else SystemClock(),
                tasks=tasks,
                metrics=metrics if metrics is not None else Metrics("test"),
                max_bytes=max_bytes,
                redis=redis,
                lock_s=lock_s,
                near=near,
                random=lambda: 0.0,
            )
            stack.push_async_callback(cache.aclose)
            await cache.start()
            return cache

        yield make


def started(coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A caller beside the test, which awaits it before it ends."""
    return asyncio.get_running_loop().create_task(coro)


async def held_up(cache: Cache, upstream: Upstream) -> asyncio.Task[Lookup]:
    """A caller whose load has begun, and goes on when the upstream's gate is opened."""
    upstream.close_gate()
    caller = started(cache.get_or_load("k", upstream))
    await upstream.asked.wait()
    return caller


async def eventually(condition: Callable[[], object], *, within_s: float = 20.0) -> None:
    """Wait until `condition()` is true: for what another connection brings about."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  # what happens in another process sets no event here
            await asyncio.sleep(0.005)
