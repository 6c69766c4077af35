"""One upstream as its callers see it, against servers that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.deadline import Deadline
from libs.common.http import (
    ConnectionReset,
    Fetched,
    Fetcher,
    Guard,
    TimedOut,
    UpstreamStatus,
    make_session,
    raise_for_upstream,
)
from libs.common.metrics import Metrics
from libs.common.resilience import (
    BreakerOpen,
    LimitExceeded,
    ResilienceSettings,
    RetryPolicy,
    UpstreamResting,
    Upstreams,
)
from tests.fakes.clock import ManualClock, settle
from tests.fakes.misbehaving import MisbehavingServer

QUICK = ResilienceSettings(retry=RetryPolicy(attempts=3, base_s=0.001), fail_max=3)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("test")


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    guard = Guard(allow_private=True)
    async with make_session(guard=guard) as session:
        yield Fetcher(session, guard, SystemClock())


def make_upstreams(metrics: Metrics, settings: ResilienceSettings = QUICK) -> Upstreams:
    return Upstreams(clock=SystemClock(), metrics=metrics, settings=settings)


def soon(seconds: float = 5) -> Deadline:
    return Deadline.after(SystemClock(), seconds)


class Asking:
    """What a service hands to an upstream: fetch, and raise for an error status."""

    def __init__(self, fetcher: Fetcher, url: str) -> None:
        self._fetcher = fetcher
        self._url = url

    async def __call__(self, deadline: Deadline) -> Fetched:
        fetched = await self._fetcher.get(self._url, deadline=deadline)
        raise_for_upstream(fetched)
        return fetched


async def test_a_passing_503_is_outlived(fetcher: Fetcher, metrics: Metrics) -> None:
    async with MisbehavingServer("flaky", fail_first=2) as server:
        fetched = await make_upstreams(metrics).get("a").call(Asking(fetcher, server.url()), deadline=soon())
    assert fetched.status == 200
    assert len(server.requests) == 3


async def test_a_call_that_is_not_idempotent_is_made_once(fetcher: Fetcher, metrics: Metrics) -> None:
    async with MisbehavingServer("flaky") as server:
        with pytest.raises(UpstreamStatus):
            await (
                make_upstreams(metrics)
                .get("a")
                .call(Asking(fetcher, server.url()), deadline=soon(), idempotent=False)
            )
    assert len(server.requests) == 1


async def test_every_attempt_passes_the_breaker_and_an_open_one_ends_them(
    fetcher: Fetcher, metrics: Metrics
) -> None:
    upstream = make_upstreams(metrics).get("a")
    async with MisbehavingServer("reset_midway") as server:
        with pytest.raises(ConnectionReset):
            await upstream.call(Asking(fetcher, server.url()), deadline=soon())
        assert upstream.state.state == "open"
        with pytest.raises(BreakerOpen):
            await upstream.call(Asking(fetcher, server.url()), deadline=soon())
    assert len(server.requests) == 3


async def test_a_retry_after_within_the_deadline_is_honoured(fetcher: Fetcher) -> None:
    clock = ManualClock()
    guard = Guard(allow_private=True)
    async with (
        MisbehavingServer("rate_limited", retry_after="5") as server,
        make_session(guard=guard) as session,
    ):
        upstream = Upstreams(clock=clock, metrics=Metrics("test"), settings=QUICK).get("a")
        asking = Asking(Fetcher(session, guard, clock), server.url())
        call = asyncio.gather(
            upstream.call(asking, deadline=Deadline.after(clock, 60)), return_exceptions=True
        )
        while not clock.sleepers:
            await settle(1)
        server.behaviour = "ok"
        clock.advance(4.9)
        await settle()
        assert len(server.requests) == 1
        clock.advance(0.2)
        [result] = await call
    assert isinstance(result, Fetched)
    assert result.status == 200


async def test_a_retry_after_beyond_the_deadline_gives_up_at_once(fetcher: Fetcher, metrics: Metrics) -> None:
    upstream = make_upstreams(metrics).get("a")
    async with MisbehavingServer("rate_limited", retry_after="3000") as server:
        with pytest.raises(UpstreamStatus) as caught:
            await upstream.call(Asking(fetcher, server.url()), deadline=soon())
    assert caught.value.retry_after_s == 3000
    assert len(server.requests) == 1
    assert upstream.state.failures == 0


async def test_an_attempt_that_hangs_is_ended_and_counted(metrics: Metrics) -> None:
    settings = ResilienceSettings(attempt_s=0.02, retry=RetryPolicy(attempts=2, base_s=0.001))
    upstream = make_upstreams(metrics, settings).get("a")
    ended = 0

    async def hang(deadline: Deadline) -> None:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        finally:
            ended += 1

    with pytest.raises(TimedOut):
        await upstream.call(hang, deadline=soon())
    assert (ended, upstream.state.failures) == (2, 2)


async def test_each_attempt_is_told_its_own_deadline(metrics: Metrics) -> None:
    told: list[float] = []

    async def listen(deadline: Deadline) -> None:
        told.append(deadline.remaining_s)

    upstream = make_upstreams(metrics, ResilienceSettings(attempt_s=3)).get("a")
    await upstream.call(listen, deadline=soon(10))
    await upstream.call(listen, deadline=soon(1))
    assert told == [pytest.approx(3, abs=0.2), pytest.approx(1, abs=0.2)]


async def test_without_time_left_nothing_is_asked_and_nothing_counted(metrics: Metrics) -> None:
    upstream = make_upstreams(metrics).get("a")

    async def never(deadline: Deadline) -> None:
        raise AssertionError("asked")

    with pytest.raises(TimedOut):
        await upstream.call(never, deadline=soon(0))
    assert upstream.state.failures == 0


async def test_calls_beyond_the_limit_wait_and_then_are_refused_without_blame(metrics: Metrics) -> None:
    settings = ResilienceSettings(max_concurrent=1, max_waiting=1)
    upstream = make_upstreams(metrics, settings).get("a")
    go = asyncio.Event()

    async def hold(deadline: Deadline) -> str:
        await go.wait()
        return "fine"

    first = asyncio.gather(upstream.call(hold, deadline=soon()))
    second = asyncio.gather(upstream.call(hold, deadline=soon()))
    await settle()
    assert (upstream.state.in_flight, upstream.state.waiting) == (1, 1)
    with pytest.raises(LimitExceeded):
        await upstream.call(hold, deadline=soon())
    go.set()
    assert [*await first, *await second] == ["fine", "fine"]
    assert (upstream.state.failures, upstream.state.in_flight) == (0, 0)


async def test_a_cancelled_call_frees_its_place(metrics: Metrics) -> None:
    upstream = make_upstreams(metrics).get("a")

    async def hang(deadline: Deadline) -> None:
        await asyncio.Event().wait()

    call = asyncio.gather(upstream.call(hang, deadline=soon()), return_exceptions=True)
    await settle()
    call.cancel()
    await settle()
    assert (upstream.state.in_flight, upstream.state.failures) == (0, 0)


# The collection


async def good(deadline: Deadline) -> str:
    return "fine"


def test_a_key_names_one_upstream(metrics: Metrics) -> None:
    upstreams = make_upstreams(metrics)
    assert upstreams.get("addon:a1") is upstreams.get("addon:a1")
    assert upstreams.get("addon:a1") is not upstreams.get("addon:a2")


@pytest.mark.parametrize(
    "key", ["https://x.example/secret", "x.example/secret", "u@x", "", "a b", "a?b", "x" * 129]
)
def test_a_key_that_could_hold_a_secret_is_refused(metrics: Metrics, key: str) -> None:
    with pytest.raises(ValueError, match="opaque"):
        make_upstreams(metrics).get(key)


def test_the_least_recently_used_is_forgotten_with_its_metrics(metrics: Metrics) -> None:
    upstreams = make_upstreams(metrics, ResilienceSettings(max_upstreams=2))
    upstreams.get("a")
    upstreams.get("b")
    upstreams.get("a")
    upstreams.get("c")
    assert [state.name for state in upstreams.snapshot()] == ["a", "c"]
    text = metrics.render().decode()
    assert 'upstream="a"' in text
    assert 'upstream="b"' not in text


async def test_a_forgotten_upstream_in_use_still_answers(metrics: Metrics) -> None:
    upstreams = make_upstreams(metrics, ResilienceSettings(max_upstreams=1))
    upstream = upstreams.get("a")
    upstreams.get("b")
    assert await upstream.call(good, deadline=soon()) == "fine"


async def test_outcomes_are_counted(metrics: Metrics, fetcher: Fetcher) -> None:
    settings = ResilienceSettings(retry=RetryPolicy(attempts=1), fail_max=1)
    upstream = make_upstreams(metrics, settings).get("a")
    await upstream.call(good, deadline=soon())
    async with MisbehavingServer() as server:
        for behaviour in ("error_404", "error_500"):
            with pytest.raises(UpstreamStatus):
                await upstream.call(Asking(fetcher, server.url(f"/{behaviour}")), deadline=soon())
    with pytest.raises(BreakerOpen):
        await upstream.call(good, deadline=soon())
    counts = {
        outcome: metrics.registry.get_sample_value(
            "headgate_upstream_calls_total", {"upstream": "a", "outcome": outcome}
        )
        for outcome in ("ok", "failed", "neutral", "rejected")
    }
    assert counts == {"ok": 1, "failed": 1, "neutral": 1, "rejected": 1}


async def test_the_snapshot_shows_what_an_operator_needs(metrics: Metrics) -> None:
    upstreams = make_upstreams(metrics, ResilienceSettings(retry=RetryPolicy(attempts=1), fail_max=1))

    async def bad(deadline: Deadline) -> None:
        raise ConnectionReset("gone")

    await upstreams.get("good").call(good, deadline=soon())
    with pytest.raises(ConnectionReset):
        await upstreams.get("bad").call(bad, deadline=soon())
    [first, second] = upstreams.snapshot()
    assert (first.name, first.state, first.failures) == ("bad", "open", 1)
    assert 20 < first.retry_after_s <= 33
    assert (second.name, second.state, second.retry_after_s) == ("good", "closed", 0)


# Asked to wait


async def test_an_upstream_that_asks_to_be_left_alone_is_left_alone_by_every_question(
    metrics: Metrics,
) -> None:
    clock = ManualClock()
    settings = ResilienceSettings(retry=RetryPolicy(attempts=1))
    upstream = Upstreams(clock=clock, metrics=metrics, settings=settings).get("a")
    calls = 0

    async def busy(deadline: Deadline) -> None:
        nonlocal calls
        calls += 1
        raise UpstreamStatus(429, 120.0)

    with pytest.raises(UpstreamStatus):
        await upstream.call(busy, deadline=Deadline.after(clock, 20))
    clock.advance(60)
    with pytest.raises(UpstreamResting) as resting:
        await upstream.call(good, deadline=Deadline.after(clock, 20))
    assert resting.value.retry_after_s == 60
    assert (calls, upstream.state.failures, upstream.state.retry_after_s) == (1, 0, 60)
    clock.advance(60)
    assert await upstream.call(good, deadline=Deadline.after(clock, 20)) == "fine"


@pytest.mark.parametrize(
    ("error", "rests_s"),
    [
        (UpstreamStatus(503, 86_400.0), 300),
        (UpstreamStatus(429), 0),
        (UpstreamStatus(404, 120.0), 0),
        (ConnectionReset("gone"), 0),
    ],
    ids=["a day", "no word", "not found", "reset"],
)
async def test_it_rests_as_long_as_it_asks_for_within_bounds(
    metrics: Metrics, error: Exception, rests_s: float
) -> None:
    clock = ManualClock()
    settings = ResilienceSettings(retry=RetryPolicy(attempts=1))
    upstream = Upstreams(clock=clock, metrics=metrics, settings=settings).get("a")

    async def failing(deadline: Deadline) -> None:
        raise error

    with pytest.raises(type(error)):
        await upstream.call(failing, deadline=Deadline.after(clock, 20))
    assert upstream.state.retry_after_s == rests_s


async def test_who_queued_before_it_asked_for_rest_is_held_back_too(metrics: Metrics) -> None:
    settings = ResilienceSettings(retry=RetryPolicy(attempts=1), max_concurrent=1)
    upstream = make_upstreams(metrics, settings).get("a")
    go = asyncio.Event()

    async def busy(deadline: Deadline) -> None:
        await go.wait()
        raise UpstreamStatus(429, 120.0)

    first = asyncio.gather(upstream.call(busy, deadline=soon()), return_exceptions=True)
    second = asyncio.gather(upstream.call(good, deadline=soon()), return_exceptions=True)
    await settle()
    go.set()
    assert isinstance((await first)[0], UpstreamStatus)
    assert isinstance((await second)[0], UpstreamResting)
    assert upstream.state.in_flight == 0
