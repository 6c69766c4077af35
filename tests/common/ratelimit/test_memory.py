from __future__ import annotations

import pytest

from libs.common.ratelimit import LocalRate, MemoryEngine, Quota, Rate, parse_limit
from tests.fakes.clock import ManualClock

LIMIT = parse_limit("some", "1/s burst 2")


async def test_the_least_recently_seen_is_forgotten_when_there_are_too_many(clock: ManualClock) -> None:
    engine = MemoryEngine(clock, max_keys=2)
    for subject in ("a", "a", "b", "a", "c"):
        await engine.take(subject, (LIMIT,))
    assert len(engine) == 2
    assert (await engine.take("a", (LIMIT,))).standings[0].remaining == 1  # forgotten, so rested
    assert (await engine.take("c", (LIMIT,))).standings[0].remaining == 0


def test_a_local_rate_counts_as_the_engine_does(clock: ManualClock) -> None:
    rate = Rate("some", 10, 1, 5)
    local, engine = LocalRate(rate, clock), MemoryEngine(clock)
    limit = parse_limit("some", "10/s burst 5")
    for step_s in (0, 0, 0, 0.05, 0, 0, 0, 0.1, 0.02, 0.08, 1, 0):
        clock.advance(step_s)
        left_us, verdict = local.take("a"), engine.take_now("a", (limit,))
        assert (left_us >= 0) == verdict.admitted
        if verdict.admitted:
            assert left_us // rate.interval_us == verdict.standings[0].remaining
        else:
            assert -left_us / 1e6 == pytest.approx(verdict.retry_after_s)


def test_a_local_rate_is_bounded(clock: ManualClock) -> None:
    local = LocalRate(Rate("some", 10, 1, 5), clock, max_keys=10)
    for number in range(100):
        local.take(str(number))
    assert len(local) == 10


def test_a_clock_set_back_locks_nobody_out() -> None:
    rate, quota = Rate("some", 1, 1, 5), Quota("other", 5, 10)
    assert rate.wait_us(rate.at((9_000_000_000,), 0), 0) == 1_000_000
    assert quota.at((7, 3, 5), 0) == (0, 0, 0)
