"""The same requests at the same times to both engines: they answer alike, and as the plain model says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.clock import SystemClock
from libs.common.ratelimit import Engine, Limit, MemoryEngine, Policy, Quota, Rate, RedisEngine, Verdict
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis
from tests import servers
from tests.common.ratelimit.model import Model
from tests.fakes.clock import ManualClock

START_US = 864_000_000_000
# Whole microseconds between two requests, so that the model's fractions and the engines agree exactly.
PERIODS = [(count, period_s) for count in (1, 2, 5, 10, 50) for period_s in (1, 2, 60)]
RATES = st.builds(
    lambda pair, burst: Rate("rate", pair[0], pair[1], burst), st.sampled_from(PERIODS), st.integers(3, 12)
)
QUOTAS = st.builds(
    Quota,
    st.just("quota"),
    st.integers(3, 20),
    st.sampled_from([1, 2, 7, 60, 86_400]),
)
POLICIES = st.one_of(st.tuples(RATES), st.tuples(QUOTAS), st.tuples(RATES, QUOTAS), st.tuples(QUOTAS, RATES))
STEPS = st.lists(
    st.sampled_from(
        [0, 0, 0, 1, 999, 1000, 20_000, 100_000, 333_333, 500_000, 1_000_000, 2_500_000, 61_000_000]
    ),
    min_size=1,
    max_size=60,
)


class MicrosecondClock(ManualClock):
    """Counts microseconds in whole numbers, so that a long trace gathers no rounding."""

    def __init__(self) -> None:
        super().__init__()
        self.us = START_US

    def monotonic(self) -> float:
        return self.us / 1_000_000 + 1e-7  # the middle of a microsecond's digits, against rounding down


async def trace(
    engine: Engine, clock: MicrosecondClock, limits: tuple[Limit, ...], steps: Sequence[int]
) -> list[Verdict]:
    verdicts = []
    for step_us in steps:
        clock.us += step_us
        verdicts.append(await engine.take("somebody", limits))
    return verdicts


def limits_of(policies: Sequence[Policy]) -> tuple[Limit, ...]:
    return tuple(Limit(f"limit-{policy.name}", (policy,)) for policy in policies)


def check_against_model(
    policies: Sequence[Policy], steps: Sequence[int], verdicts: Sequence[Verdict]
) -> None:
    model, now_us = Model(policies), START_US
    for step_us, verdict in zip(steps, verdicts, strict=True):
        now_us += step_us
        admitted, remaining = model.take(now_us)
        assert verdict.admitted == admitted
        assert [standing.remaining for standing in verdict.standings] == remaining


@settings(deadline=None)
@given(policies=POLICIES, steps=STEPS)
def test_memory_counts_as_the_model(policies: Sequence[Policy], steps: Sequence[int]) -> None:
    clock = MicrosecondClock()
    verdicts = asyncio.run(trace(MemoryEngine(clock), clock, limits_of(policies), steps))
    check_against_model(policies, steps, verdicts)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(policies=POLICIES, steps=STEPS)
def test_redis_counts_as_memory_and_as_the_model(
    redis_server: servers.RedisServer, policies: Sequence[Policy], steps: Sequence[int]
) -> None:
    async def both() -> tuple[list[Verdict], list[Verdict]]:
        clock = MicrosecondClock()
        redis = make_redis(redis_server.url)
        try:
            await redis.flushall()
            engine = RedisEngine(
                StateRedis(redis, SystemClock(), used_for="limits"), clock, now_us=lambda: clock.us
            )
            far = await trace(engine, clock, limits_of(policies), steps)
        finally:
            await redis.aclose()
        clock = MicrosecondClock()
        return far, await trace(MemoryEngine(clock), clock, limits_of(policies), steps)

    far, near = asyncio.run(both())
    check_against_model(policies, steps, far)
    assert [verdict.standings for verdict in far] == [verdict.standings for verdict in near]
    assert [verdict.violated for verdict in far] == [verdict.violated for verdict in near]
    for one, other in zip(far, near, strict=True):
        assert one.retry_after_s == pytest.approx(other.retry_after_s, abs=2e-6)


@settings(deadline=None)
@given(policies=POLICIES, steps=STEPS)
def test_whoever_waits_as_told_is_admitted_and_a_microsecond_sooner_is_not(
    policies: Sequence[Policy], steps: Sequence[int]
) -> None:
    clock = MicrosecondClock()
    engine, limits = MemoryEngine(clock), limits_of(policies)
    asyncio.run(trace(engine, clock, limits, steps))
    refused = engine.take_now("somebody", limits)
    if refused.admitted:
        return
    wait_us = round(refused.retry_after_s * 1_000_000)
    clock.us += wait_us - 1
    assert not engine.take_now("somebody", limits).admitted
    clock.us += 1
    assert engine.take_now("somebody", limits).admitted


@settings(deadline=None)
@given(policies=POLICIES, steps=STEPS)
def test_more_is_there_when_it_was_said_to_be(policies: Sequence[Policy], steps: Sequence[int]) -> None:
    clock = MicrosecondClock()
    engine, limits = MemoryEngine(clock), limits_of(policies)
    last = asyncio.run(trace(engine, clock, limits, steps))[-1]
    for standing in last.standings:
        if standing.more_in_us == 0:
            assert standing.remaining == standing.policy.quota
            continue
        state = engine._states[(standing.policy.name, "somebody")]
        then_us = clock.us + standing.more_in_us
        before, after = (
            standing.policy.remaining(standing.policy.at(state, at), at) for at in (then_us - 1, then_us)
        )
        assert (before, after) == (standing.remaining, standing.remaining + 1) or before < after
