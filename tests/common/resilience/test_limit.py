"""The concurrency limit and its queue."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.resilience import Limiter, LimitExceeded
from tests.fakes.clock import settle


async def test_holders_beyond_the_limit_wait_their_turn() -> None:
    limiter = Limiter(max_concurrent=2, max_waiting=10)
    order: list[int] = []
    go = asyncio.Event()

    async def hold(number: int) -> None:
        async with limiter:
            order.append(number)
            await go.wait()

    held = asyncio.gather(*(hold(number) for number in range(5)))
    await settle()
    assert (order, limiter.in_flight, limiter.waiting) == ([0, 1], 2, 3)
    go.set()
    await held
    assert (order, limiter.in_flight, limiter.waiting) == ([0, 1, 2, 3, 4], 0, 0)


async def test_a_full_queue_refuses_at_once() -> None:
    limiter = Limiter(max_concurrent=1, max_waiting=1)
    async with limiter:
        waiting = asyncio.gather(limiter.acquire())
        await settle()
        with pytest.raises(LimitExceeded):
            await limiter.acquire()
    await waiting
    limiter.release()


async def test_the_queue_is_left_when_the_time_is_over() -> None:
    limiter = Limiter(max_concurrent=1, max_waiting=1)
    async with limiter:
        with pytest.raises(LimitExceeded):
            await limiter.acquire(0.01)
        assert limiter.waiting == 0
    async with limiter:
        assert limiter.in_flight == 1


async def test_a_cancelled_waiter_takes_no_place() -> None:
    limiter = Limiter(max_concurrent=1, max_waiting=1)
    async with limiter:
        waiting = asyncio.gather(limiter.acquire(), return_exceptions=True)
        await settle()
        waiting.cancel()
        await settle()
        assert limiter.waiting == 0
    assert limiter.in_flight == 0
    async with limiter:
        pass
