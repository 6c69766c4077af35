"""The real clock agrees with itself; the manual one moves only when told."""

from __future__ import annotations

import asyncio
from datetime import UTC

from libs.common.clock import SystemClock
from tests.fakes.clock import ManualClock, settle


def test_the_system_clock_is_aware_and_in_utc() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert abs(clock.now().timestamp() - clock.time()) < 5


def test_the_monotonic_clock_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()


async def test_sleeping_no_time_yields_once() -> None:
    await SystemClock().sleep(0)


async def test_sleepers_wake_in_the_order_of_their_time() -> None:
    clock, woken = ManualClock(), list[str]()

    async def sleeper(name: str, delay_s: float) -> None:
        await clock.sleep(delay_s)
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("late", 2))
        group.create_task(sleeper("early", 1))
        await settle()
        assert clock.sleepers == 2
        clock.advance(0.9)
        await settle()
        assert woken == []
        clock.advance(5)
    assert woken == ["early", "late"]


async def test_a_loop_of_sleeps_sees_every_step() -> None:
    clock, seen = ManualClock(), list[float]()
    start = clock.monotonic()

    async def ticker() -> None:
        for _ in range(3):
            await clock.sleep(10)
            seen.append(clock.monotonic() - start)

    async with asyncio.TaskGroup() as group:
        group.create_task(ticker())
        await clock.advance_and_settle(35)
    assert seen == [10, 20, 30]


def test_both_faces_of_the_manual_clock_move_together() -> None:
    clock = ManualClock(start=100.0)
    clock.advance(5)
    assert clock.time() == 105.0
    assert clock.now().timestamp() == 105.0
