"""Background tasks are not lost, their failures are seen, and they end with the app."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from libs.common.tasks import Tasks, heeding
from tests.fakes.clock import ManualClock, settle


def even(_low: float, _high: float) -> float:
    return 1.0


async def test_a_failing_task_is_logged_once_with_its_name() -> None:
    tasks = Tasks()

    async def fail() -> None:
        raise ValueError("broken")

    with capture_logs() as lines:
        task = tasks.spawn("warm_up", fail())
        with pytest.raises(ValueError, match="broken"):
            await task
        await settle()
    assert [(line["event"], line["task"]) for line in lines] == [("task_failed", "warm_up")]
    assert len(tasks) == 0


async def test_a_task_nobody_holds_still_ends() -> None:
    tasks, go, ended = Tasks(), asyncio.Event(), list[str]()

    async def work() -> None:
        await go.wait()
        ended.append("yes")

    tasks.spawn("work", work())
    await settle()
    gc.collect()
    go.set()
    await settle()
    assert ended == ["yes"]


async def test_a_cancellation_that_a_library_keeps_to_itself_ends_the_task_all_the_same() -> None:
    tasks, began = Tasks(), asyncio.Event()

    async def keeps_it() -> str:
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return "an answer"

    tasks.every("every", 60.0, keeps_it, clock=ManualClock(), at_once=True)
    await began.wait()
    began.clear()
    heeds = tasks.spawn("heeds", heeding(keeps_it()))
    await began.wait()
    async with asyncio.timeout(5):
        await tasks.aclose()
    assert heeds.cancelled()


async def test_who_was_cancelled_before_may_still_clean_up() -> None:
    asked = asyncio.Event()

    async def work() -> str:
        try:
            await asked.wait()
        except asyncio.CancelledError:
            return await heeding(asyncio.sleep(0, "cleaned up"))
        return ""

    task = asyncio.ensure_future(work())  # noqa: TID251  awaited below
    await settle()
    task.cancel()
    assert await task == "cleaned up"


async def test_closing_cancels_and_waits_for_the_clean_up() -> None:
    tasks, events = Tasks(), list[str]()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            events.append("cleaned up")

    tasks.spawn("work", work())
    await settle()
    await tasks.aclose()
    assert events == ["cleaned up"]


async def test_after_closing_no_task_starts() -> None:
    tasks = Tasks()
    await tasks.aclose()

    async def work() -> None:
        raise AssertionError("never runs")

    with pytest.raises(RuntimeError, match="closing"):
        tasks.spawn("work", work())


async def test_a_cancelled_task_is_not_a_failure() -> None:
    tasks = Tasks()
    with capture_logs() as lines:
        task = tasks.spawn("work", asyncio.Event().wait())
        await settle()
        task.cancel()
        await settle()
    assert lines == []


async def test_a_loop_runs_after_each_interval(clock: ManualClock) -> None:
    tasks, at = Tasks(uniform=even), list[float]()
    start = clock.monotonic()

    async def note() -> None:
        at.append(clock.monotonic() - start)

    tasks.every("note", 10, note, clock=clock)
    await clock.advance_and_settle(35)
    assert at == [10, 20, 30]
    await tasks.aclose()


async def test_a_loop_may_begin_at_once(clock: ManualClock) -> None:
    tasks, runs = Tasks(uniform=even), list[int]()

    async def note() -> None:
        runs.append(1)

    tasks.every("note", 10, note, clock=clock, at_once=True)
    await settle()
    assert len(runs) == 1
    await tasks.aclose()


async def test_a_loop_survives_failures_and_logs_their_begin_and_end_only(clock: ManualClock) -> None:
    tasks, runs = Tasks(uniform=even), list[int]()

    async def fails_twice() -> None:
        runs.append(1)
        if len(runs) <= 2:
            raise OSError("out")

    with capture_logs() as lines:
        tasks.every("sweep", 10, fails_twice, clock=clock)
        await clock.advance_and_settle(45)
    assert len(runs) == 4
    assert [line["event"] for line in lines] == ["task_failed", "task_recovered"]
    await tasks.aclose()


async def test_jitter_spreads_the_intervals(clock: ManualClock) -> None:
    bounds = list[tuple[float, float]]()

    def late(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    tasks, at = Tasks(uniform=late), list[float]()
    start = clock.monotonic()

    async def note() -> None:
        at.append(clock.monotonic() - start)

    tasks.every("note", 10, note, clock=clock, jitter=0.2)
    await clock.advance_and_settle(13)
    assert at == pytest.approx([12])
    assert bounds[0] == (0.8, 1.2)
    await tasks.aclose()
