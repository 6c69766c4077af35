"""Asking many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import pytest
import structlog

from libs.common.clock import SystemClock
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.fanout import Failed, Grace, Late, Outcome, Ready, gather_within
from libs.common.http import TimedOut, UpstreamStatus
from libs.common.resilience import BreakerOpen, LimitExceeded, UpstreamResting
from libs.common.tasks import Tasks
from tests.fakes.clock import ManualClock, settle


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.aclose()


def soon(seconds: float = 5) -> Deadline:
    return Deadline.after(SystemClock(), seconds)


def giving(value: str) -> Callable[[], Awaitable[str]]:
    async def call() -> str:
        return value

    return call


def raising(error: Exception) -> Callable[[], Awaitable[str]]:
    async def call() -> str:
        raise error

    return call


def waiting_for(event: asyncio.Event, value: str = "late") -> Callable[[], Awaitable[str]]:
    async def call() -> str:
        await event.wait()
        return value

    return call


async def test_when_all_are_in_the_answer_leaves_in_the_order_of_the_calls(tasks: Tasks) -> None:
    go = asyncio.Event()

    async def last_first() -> str:
        go.set()
        return "c"

    calls = {"a": waiting_for(go, "a"), "b": giving("b"), "c": last_first}
    outcomes = await gather_within(calls, deadline=soon(), tasks=tasks)
    assert [(key, outcome.value) for key, outcome in outcomes.items() if isinstance(outcome, Ready)] == [
        ("a", "a"),
        ("b", "b"),
        ("c", "c"),
    ]


async def test_no_calls_are_answered_at_once(tasks: Tasks) -> None:
    assert await gather_within({}, deadline=soon(), tasks=tasks) == {}


async def test_elapsed_time_is_by_the_deadlines_clock(tasks: Tasks) -> None:
    clock = ManualClock()
    go = asyncio.Event()
    gathered = asyncio.gather(
        gather_within({"a": waiting_for(go)}, deadline=Deadline.after(clock, 60), tasks=tasks)
    )
    await settle()
    clock.advance(3)
    go.set()
    [outcomes] = await gathered
    assert outcomes == {"a": Ready("late", 3.0)}


async def test_at_the_deadline_what_is_missing_is_late_and_goes_on(tasks: Tasks) -> None:
    go = asyncio.Event()
    filled: list[str] = []

    async def slow() -> str:
        await go.wait()
        filled.append("cache")
        return "late"

    outcomes = await gather_within({"slow": slow, "b": giving("b")}, deadline=soon(0.05), tasks=tasks)
    assert outcomes["slow"] == Late()
    assert isinstance(outcomes["b"], Ready)
    go.set()
    await settle()
    assert filled == ["cache"]
    assert outcomes["slow"] == Late()


async def test_a_deadline_that_is_over_still_takes_what_is_there_at_once(tasks: Tasks) -> None:
    calls = {"cached": giving("x"), "slow": waiting_for(asyncio.Event())}
    outcomes = await gather_within(calls, deadline=soon(0), tasks=tasks)
    assert isinstance(outcomes["cached"], Ready)
    assert outcomes["slow"] == Late()


async def test_enough_ends_the_waiting(tasks: Tasks) -> None:
    seen: list[set[str]] = []

    def enough(outcomes: Mapping[str, Outcome[str]]) -> bool:
        seen.append(set(outcomes))
        return "b" in outcomes

    calls = {"a": waiting_for(asyncio.Event()), "b": giving("b")}
    outcomes = await gather_within(calls, deadline=soon(), tasks=tasks, enough=enough)
    assert outcomes["a"] == Late()
    assert seen == [{"b"}]


async def test_with_grace_the_rest_has_a_moment_more(tasks: Tasks) -> None:
    calls = {"a": waiting_for(asyncio.Event()), "b": giving("b")}
    grace: Grace[str, str] = Grace(lambda outcomes: "b" in outcomes, 0.01)
    async with asyncio.timeout(10):
        outcomes = await gather_within(calls, deadline=soon(60), tasks=tasks, grace=grace)
    assert outcomes["a"] == Late()
    assert isinstance(outcomes["b"], Ready)


async def test_who_comes_in_the_grace_is_in_the_answer(tasks: Tasks) -> None:
    go = asyncio.Event()

    def once(outcomes: Mapping[str, Outcome[str]]) -> bool:
        go.set()
        return True

    calls = {"a": waiting_for(go, "a"), "b": giving("b")}
    outcomes = await gather_within(calls, deadline=soon(60), tasks=tasks, grace=Grace(once, 30))
    assert isinstance(outcomes["a"], Ready)


async def test_grace_never_goes_past_the_deadline(tasks: Tasks) -> None:
    calls = {"a": waiting_for(asyncio.Event()), "b": giving("b")}
    grace: Grace[str, str] = Grace(lambda _: True, 30)
    async with asyncio.timeout(10):
        outcomes = await gather_within(calls, deadline=soon(0.02), tasks=tasks, grace=grace)
    assert outcomes["a"] == Late()


async def test_a_caller_that_leaves_does_not_end_the_calls(tasks: Tasks) -> None:
    go = asyncio.Event()
    ended: list[str] = []

    async def slow() -> None:
        await go.wait()
        ended.append("slow")

    gathered = asyncio.gather(
        gather_within({"slow": slow}, deadline=soon(), tasks=tasks), return_exceptions=True
    )
    await settle()
    gathered.cancel()
    go.set()
    await settle()
    assert ended == ["slow"]


@pytest.mark.parametrize(
    ("error", "failed"),
    [
        (UpstreamStatus(429, 7.0), Failed("rate_limited", "The server answered 429 Too Many Requests.", 7.0)),
        (UpstreamStatus(503), Failed("upstream_status", "The server answered 503 Service Unavailable.")),
        (TimedOut("Too slow."), Failed("timed_out", "Too slow.")),
        (TimeoutError(), Failed("timed_out", "The source did not answer in time.")),
        (BreakerOpen(9.0), Failed("circuit_open", str(BreakerOpen(9.0)), 9.0)),
        (UpstreamResting(9.0), Failed("asked_to_wait", str(UpstreamResting(9.0)), 9.0)),
        (LimitExceeded(), Failed("too_busy", str(LimitExceeded()))),
        (NotFound("No such title."), Failed("not_found", "No such title.")),
    ],
)
async def test_a_foreseen_error_is_a_value_and_is_not_logged(
    tasks: Tasks, error: Exception, failed: Failed
) -> None:
    with structlog.testing.capture_logs() as logs:
        outcomes = await gather_within(
            {"bad": raising(error), "good": giving("x")}, deadline=soon(), tasks=tasks
        )
    assert outcomes["bad"] == failed
    assert isinstance(outcomes["good"], Ready)
    assert logs == []


async def test_an_unforeseen_error_is_logged_once_and_keeps_its_text_to_itself(tasks: Tasks) -> None:
    with structlog.testing.capture_logs() as logs:
        outcomes = await gather_within({"bad": raising(KeyError("secret"))}, deadline=soon(), tasks=tasks)
        await settle()
    assert outcomes["bad"] == Failed("internal", "Something went wrong while asking this source.")
    assert [entry["event"] for entry in logs] == ["fanout_call_failed"]


async def test_a_call_cancelled_from_inside_does_not_hold_up_the_others(tasks: Tasks) -> None:
    outcomes = await gather_within({"gone": _cancelled, "good": giving("x")}, deadline=soon(), tasks=tasks)
    assert isinstance(outcomes["gone"], Failed)
    assert isinstance(outcomes["good"], Ready)


async def _cancelled() -> str:
    raise asyncio.CancelledError
