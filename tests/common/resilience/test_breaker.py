"""The circuit breaker: what trips it, what doesn't, and who gets through while it makes up its mind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import structlog

from libs.common.http import ConnectionReset, TimedOut, UpstreamStatus
from libs.common.metrics import Metrics
from libs.common.resilience import Breaker, BreakerOpen
from tests.fakes.clock import ManualClock, settle


def middle(low: float, high: float) -> float:
    """No jitter."""
    return (low + high) / 2


def make_breaker(clock: ManualClock, **options: float) -> Breaker:
    settings = {"fail_max": 3, "reset_s": 30.0, **options}
    return Breaker("addon", clock=clock, uniform=middle, **settings)  # type: ignore[arg-type]


def state_of(breaker: Breaker) -> str:
    return breaker.state


@pytest.fixture
def breaker(clock: ManualClock) -> Breaker:
    return make_breaker(clock)


async def succeed() -> str:
    return "fine"


async def reset() -> str:
    raise ConnectionReset("gone")


def answering(status: int) -> Callable[[], Awaitable[str]]:
    async def answer() -> str:
        raise UpstreamStatus(status)

    return answer


async def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(ConnectionReset):
            await breaker.call(reset)


class Slow:
    """A call that is under way until the test ends it."""

    def __init__(self, breaker: Breaker) -> None:
        self._end: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def wait() -> str:
            return await self._end

        self.outcome = asyncio.gather(breaker.call(wait), return_exceptions=True)

    async def finish(self, result: str | Exception) -> str | BaseException:
        if isinstance(result, Exception):
            self._end.set_exception(result)
        else:
            self._end.set_result(result)
        return (await self.outcome)[0]

    async def cancel(self) -> None:
        self._end.cancel()
        assert isinstance((await self.outcome)[0], asyncio.CancelledError)


async def slow(breaker: Breaker) -> Slow:
    call = Slow(breaker)
    await settle()
    return call


async def test_results_and_errors_pass_through_unchanged(breaker: Breaker) -> None:
    assert await breaker.call(succeed) == "fine"
    with pytest.raises(ConnectionReset, match="gone"):
        await breaker.call(reset)


async def test_consecutive_failures_open_it_and_the_last_error_is_the_original(breaker: Breaker) -> None:
    await fail(breaker, 3)
    assert state_of(breaker) == "open"
    with pytest.raises(BreakerOpen):
        await breaker.call(succeed)


async def test_a_failing_coroutine_counts_when_it_fails_not_when_it_is_made(breaker: Breaker) -> None:
    """pybreaker by itself takes the making of a coroutine for a success."""
    await fail(breaker, 2)
    assert breaker.failures == 2


async def test_a_success_between_starts_the_count_again(breaker: Breaker) -> None:
    await fail(breaker, 2)
    await breaker.call(succeed)
    await fail(breaker, 2)
    assert state_of(breaker) == "closed"


async def test_an_open_circuit_says_how_long(breaker: Breaker, clock: ManualClock) -> None:
    await fail(breaker, 3)
    clock.advance(10)
    with pytest.raises(BreakerOpen) as caught:
        await breaker.call(succeed)
    assert caught.value.retry_after_s == pytest.approx(20)
    assert breaker.retry_after_s == pytest.approx(20)
    clock.advance(100)
    assert breaker.retry_after_s == 0


async def test_after_the_wait_one_success_closes_it(breaker: Breaker, clock: ManualClock) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    assert await breaker.call(succeed) == "fine"
    assert state_of(breaker) == "closed"
    assert breaker.failures == 0


async def test_a_failed_probe_opens_it_again_for_twice_as_long(breaker: Breaker, clock: ManualClock) -> None:
    await fail(breaker, 3)
    for wait_s in (30, 60, 120, 240, 300, 300):
        assert breaker.retry_after_s == pytest.approx(wait_s)
        clock.advance(wait_s)
        await fail(breaker)
        assert state_of(breaker) == "open"


async def test_once_closed_the_wait_starts_small_again(breaker: Breaker, clock: ManualClock) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    await fail(breaker)
    clock.advance(60)
    await breaker.call(succeed)
    await fail(breaker, 3)
    assert breaker.retry_after_s == pytest.approx(30)


async def test_the_wait_is_jittered(clock: ManualClock) -> None:
    breaker = Breaker("addon", clock=clock, fail_max=1, reset_s=30, uniform=lambda low, high: high)
    await fail(breaker)
    assert breaker.retry_after_s == pytest.approx(33)


async def test_only_one_probe_is_let_through_at_a_time(breaker: Breaker, clock: ManualClock) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    probe = await slow(breaker)
    results = await asyncio.gather(*(breaker.call(succeed) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(result, BreakerOpen) for result in results)
    assert await probe.finish("fine") == "fine"
    assert state_of(breaker) == "closed"


async def test_as_many_probes_as_allowed_are_let_through(clock: ManualClock) -> None:
    breaker = make_breaker(clock, max_probes=2)
    await fail(breaker, 3)
    clock.advance(30)
    first, second, third = await slow(breaker), await slow(breaker), await slow(breaker)
    assert isinstance((await third.outcome)[0], BreakerOpen)
    await second.finish("fine")
    assert state_of(breaker) == "closed"
    await first.finish("fine")


# Results of an earlier state


async def test_a_late_success_does_not_close_what_later_failures_opened(
    breaker: Breaker, clock: ManualClock
) -> None:
    before = await slow(breaker)
    await fail(breaker, 3)
    await before.finish("fine")
    assert state_of(breaker) == "open"


async def test_a_probe_outrun_by_another_does_not_close_the_reopened_circuit(clock: ManualClock) -> None:
    breaker = make_breaker(clock, max_probes=2)
    await fail(breaker, 3)
    clock.advance(30)
    outrun = await slow(breaker)
    await fail(breaker)
    assert state_of(breaker) == "open"
    await outrun.finish("fine")
    assert state_of(breaker) == "open"


async def test_a_late_failure_does_not_prolong_the_wait(breaker: Breaker, clock: ManualClock) -> None:
    before = await slow(breaker)
    await fail(breaker, 3)
    clock.advance(10)
    await before.finish(ConnectionReset("late"))
    assert breaker.retry_after_s == pytest.approx(20)


async def test_a_failure_from_before_does_not_decide_for_the_probe(
    breaker: Breaker, clock: ManualClock
) -> None:
    before = await slow(breaker)
    await fail(breaker, 3)
    clock.advance(30)
    probe = await slow(breaker)
    await before.finish(ConnectionReset("late"))
    assert state_of(breaker) == "half_open"
    await probe.finish("fine")
    assert state_of(breaker) == "closed"


async def test_a_slot_of_an_earlier_generation_is_not_given_back_twice(
    breaker: Breaker, clock: ManualClock
) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    two_at_once = make_breaker(clock, max_probes=2)
    await fail(two_at_once, 3)
    clock.advance(30)
    outrun = await slow(two_at_once)
    await fail(two_at_once)
    clock.advance(60)
    await slow(two_at_once)
    await slow(two_at_once)
    await outrun.finish("fine")
    with pytest.raises(BreakerOpen):
        await two_at_once.call(succeed)


# Neutral outcomes


async def test_a_cancelled_call_says_nothing_while_closed(breaker: Breaker) -> None:
    await fail(breaker, 2)
    for _ in range(5):
        await (await slow(breaker)).cancel()
    assert (breaker.state, breaker.failures) == ("closed", 2)


async def test_a_cancelled_probe_gives_its_slot_back(breaker: Breaker, clock: ManualClock) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    await (await slow(breaker)).cancel()
    assert state_of(breaker) == "half_open"
    assert await breaker.call(succeed) == "fine"
    assert state_of(breaker) == "closed"


@pytest.mark.parametrize("status", [400, 401, 404, 429])
async def test_a_considered_refusal_neither_counts_nor_clears(breaker: Breaker, status: int) -> None:
    await fail(breaker, 2)
    for _ in range(10):
        with pytest.raises(UpstreamStatus):
            await breaker.call(answering(status))
    assert (breaker.state, breaker.failures) == ("closed", 2)


async def test_a_considered_refusal_leaves_half_open_as_it_is(breaker: Breaker, clock: ManualClock) -> None:
    await fail(breaker, 3)
    clock.advance(30)
    with pytest.raises(UpstreamStatus):
        await breaker.call(answering(404))
    assert state_of(breaker) == "half_open"
    assert await breaker.call(succeed) == "fine"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_counts(breaker: Breaker, status: int) -> None:
    with pytest.raises(UpstreamStatus):
        await breaker.call(answering(status))
    assert breaker.failures == 1


@pytest.mark.parametrize("error", [TimedOut("slow"), TimeoutError(), OSError()])
async def test_a_time_out_and_a_broken_socket_count(breaker: Breaker, error: Exception) -> None:
    async def raise_it() -> str:
        raise error

    with pytest.raises(type(error)):
        await breaker.call(raise_it)
    assert breaker.failures == 1


async def test_a_bug_of_ours_does_not_count_unless_told_so(breaker: Breaker) -> None:
    async def bug() -> str:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await breaker.call(bug)
    assert breaker.failures == 0
    with pytest.raises(KeyError):
        await breaker.call(bug, is_failure=lambda error: True)
    assert breaker.failures == 1


# The ratio


async def alternate(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        await breaker.call(succeed)
        await fail(breaker)


async def test_failing_every_other_time_opens_it_once_there_are_enough_calls(clock: ManualClock) -> None:
    breaker = make_breaker(clock, min_calls=20, ratio=0.5, window_s=10)
    await alternate(breaker, 9)
    assert state_of(breaker) == "closed"
    await alternate(breaker, 1)
    assert state_of(breaker) == "open"


async def test_calls_older_than_the_window_do_not_count_to_the_ratio(clock: ManualClock) -> None:
    breaker = make_breaker(clock, min_calls=20, ratio=0.5, window_s=10)
    await alternate(breaker, 9)
    clock.advance(10)
    await alternate(breaker, 9)
    assert state_of(breaker) == "closed"


async def test_below_the_ratio_it_stays_closed(clock: ManualClock) -> None:
    breaker = make_breaker(clock, min_calls=20, ratio=0.5, window_s=10)
    for _ in range(30):
        await breaker.call(succeed)
        await breaker.call(succeed)
        await fail(breaker)
    assert state_of(breaker) == "closed"


async def test_a_new_state_begins_a_new_window(clock: ManualClock) -> None:
    breaker = make_breaker(clock, min_calls=20, ratio=0.5, window_s=100, reset_s=1.0)
    await alternate(breaker, 10)
    clock.advance(1)
    await breaker.call(succeed)
    assert state_of(breaker) == "closed"
    await alternate(breaker, 9)
    assert state_of(breaker) == "closed"


# Seen from outside


async def test_the_gauge_follows_every_transition(clock: ManualClock) -> None:
    metrics = Metrics("test")
    breaker = Breaker("addon", clock=clock, fail_max=1, reset_s=30, metrics=metrics, uniform=middle)

    def gauge() -> float | None:
        return metrics.registry.get_sample_value("headgate_upstream_breaker_state", {"upstream": "addon"})

    assert gauge() == 0
    await fail(breaker)
    assert gauge() == 2
    clock.advance(30)
    probe = await slow(breaker)
    assert gauge() == 1
    await probe.finish("fine")
    assert gauge() == 0


async def test_going_bad_and_recovering_are_logged_once_each(clock: ManualClock) -> None:
    breaker = make_breaker(clock)
    with structlog.testing.capture_logs() as logs:
        await fail(breaker, 3)
        for _ in range(3):
            clock.advance(1000)
            await fail(breaker)
        clock.advance(1000)
        await breaker.call(succeed)
    assert [entry["event"] for entry in logs] == ["upstream_failing", "upstream_recovered"]
