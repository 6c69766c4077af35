"""Trying again: how often, how long it waits, and when it doesn't."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import pytest

from libs.common.deadline import Deadline
from libs.common.http import ConnectionReset, NameNotFound, Unreachable, UpstreamStatus
from libs.common.resilience import BreakerOpen, RetryBudget, RetryPolicy, retrying
from tests.fakes.clock import ManualClock, settle


class Instant(ManualClock):
    """Sleeping moves this clock on at once, and is remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, delay_s: float) -> None:
        self.slept.append(delay_s)
        self.advance(delay_s)


class Script:
    """A call that raises, in turn, what the script says, and then succeeds."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "fine"


@pytest.fixture
def instant() -> Instant:
    return Instant()


async def run(
    script: Script,
    clock: ManualClock,
    *,
    policy: RetryPolicy | None = None,
    budget: RetryBudget | None = None,
    deadline_s: float = 60,
) -> str:
    return await retrying(
        script,
        policy=policy or RetryPolicy(),
        budget=budget or RetryBudget(),
        deadline=Deadline.after(clock, deadline_s),
        clock=clock,
        uniform=lambda low, high: high,
    )


def resets(count: int) -> Sequence[BaseException]:
    return [ConnectionReset(f"reset {n}") for n in range(count)]


async def test_a_first_success_is_asked_once(instant: Instant) -> None:
    script = Script()
    assert await run(script, instant) == "fine"
    assert (script.calls, instant.slept) == (1, [])


async def test_a_passing_failure_is_outlived(instant: Instant) -> None:
    script = Script(*resets(2))
    assert await run(script, instant) == "fine"
    assert (script.calls, instant.slept) == (3, [0.1, 0.2])


async def test_after_the_last_attempt_its_own_error_is_raised(instant: Instant) -> None:
    script = Script(*resets(9))
    with pytest.raises(ConnectionReset, match="reset 2"):
        await run(script, instant)
    assert script.calls == 3


async def test_the_wait_doubles_up_to_its_ceiling(instant: Instant) -> None:
    with pytest.raises(ConnectionReset):
        await run(Script(*resets(9)), instant, policy=RetryPolicy(attempts=7, base_s=0.5, max_s=4))
    assert instant.slept == [0.5, 1, 2, 4, 4, 4]


async def test_the_jitter_is_drawn_from_nothing_to_the_ceiling(instant: Instant) -> None:
    drawn: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        drawn.append((low, high))
        return low

    await retrying(
        Script(*resets(2)),
        policy=RetryPolicy(),
        budget=RetryBudget(),
        deadline=Deadline.after(instant, 60),
        clock=instant,
        uniform=uniform,
    )
    assert drawn == [(0, 0.1), (0, 0.2)]
    assert instant.slept == [0, 0]


async def test_it_waits_at_least_as_long_as_the_upstream_asks(instant: Instant) -> None:
    assert await run(Script(UpstreamStatus(429, 7.0)), instant) == "fine"
    assert instant.slept == [7.0]


async def test_a_wait_beyond_the_deadline_gives_up_at_once(instant: Instant) -> None:
    script = Script(UpstreamStatus(503, 30.0))
    with pytest.raises(UpstreamStatus):
        await run(script, instant, deadline_s=10)
    assert (script.calls, instant.slept) == (1, [])


async def test_attempts_stop_before_the_deadline(instant: Instant) -> None:
    script = Script(*resets(9))
    with pytest.raises(ConnectionReset):
        await run(script, instant, policy=RetryPolicy(attempts=9, base_s=1, max_s=1), deadline_s=3)
    assert (script.calls, instant.slept) == (3, [1, 1])


@pytest.mark.parametrize(
    "error",
    [
        BreakerOpen(1.0),
        NameNotFound("no such name"),
        UpstreamStatus(404),
        UpstreamStatus(500),
        KeyError("a bug of ours"),
    ],
)
async def test_what_would_fail_again_is_not_tried_again(instant: Instant, error: Exception) -> None:
    script = Script(error)
    with pytest.raises(type(error)):
        await run(script, instant)
    assert script.calls == 1


@pytest.mark.parametrize(
    "error", [Unreachable("refused"), UpstreamStatus(429), UpstreamStatus(503), TimeoutError()]
)
async def test_what_may_pass_is_tried_again(instant: Instant, error: Exception) -> None:
    assert await run(Script(error), instant) == "fine"


async def test_cancellation_is_never_retried(instant: Instant) -> None:
    script = Script(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await run(script, instant)
    assert script.calls == 1


# The budget


async def test_retries_under_way_are_bounded_whatever_the_number_of_failures(clock: ManualClock) -> None:
    budget = RetryBudget(ratio=0.2, min_concurrent=3)
    scripts = [Script(*resets(9)) for _ in range(10)]
    runs = [asyncio.gather(run(script, clock, budget=budget), return_exceptions=True) for script in scripts]
    await settle()
    assert clock.sleepers == 3
    assert sum(task.done() for task in runs) == 7
    await clock.advance_and_settle(60)
    assert all(task.done() for task in runs)


@pytest.mark.parametrize(("active", "slots"), [(0, 3), (10, 3), (50, 10), (100, 20)])
def test_a_share_of_the_calls_under_way_may_retry_but_always_a_few(active: int, slots: int) -> None:
    budget = RetryBudget(ratio=0.2, min_concurrent=3)
    with contextlib.ExitStack() as calls:
        for _ in range(active):
            calls.enter_context(budget.active())
        assert sum(budget.take() for _ in range(active + 10)) == slots


async def test_a_slot_is_given_back_when_the_call_ends_in_any_way(clock: ManualClock) -> None:
    budget = RetryBudget(ratio=0, min_concurrent=1)
    waiting = asyncio.gather(run(Script(*resets(1)), clock, budget=budget), return_exceptions=True)
    await settle()
    assert not budget.take()
    waiting.cancel()
    await settle()
    assert budget.take()
    budget.give_back()
    again = asyncio.gather(run(Script(*resets(1)), clock, budget=budget))
    await clock.advance_and_settle(1)
    [result] = await again
    assert result == "fine"
    assert budget.take()
