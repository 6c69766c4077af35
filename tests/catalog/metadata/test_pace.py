"""The rate at which TMDB is asked."""

from __future__ import annotations

import asyncio

import pytest

from deploy.cluster.ports import free_port
from libs.common.clock import SystemClock
from libs.common.deadline import Deadline
from libs.common.ratelimit import MemoryEngine, RedisEngine
from libs.common.redis.client import StateRedis, make_redis
from libs.common.resilience import LimitExceeded
from services.catalog.sources.tmdb import Pace
from tests.fakes.clock import ManualClock


async def taken(pace: Pace, clock: ManualClock, turns: int) -> list[float]:
    """When each of so many turns, all asked for now, was given."""
    began, given = clock.monotonic(), list[float]()
    deadline = Deadline.after(clock, 1000)

    async def take() -> None:
        await pace.turn(deadline)
        given.append(clock.monotonic() - began)

    waiting = asyncio.gather(*(take() for _ in range(turns)))
    await clock.advance_and_settle(100)
    await waiting
    return given


@pytest.mark.parametrize("per_second", [2, 3, 10, 40, 100])
async def test_no_second_holds_more_than_the_rate(per_second: int) -> None:
    clock = ManualClock()
    given = await taken(Pace(MemoryEngine(clock), per_second, clock), clock, per_second * 3)
    assert max(sum(at <= other < at + 0.999 for other in given) for at in given) <= per_second
    assert given[-1] <= 3 * per_second / (per_second * 0.5)


async def test_the_few_questions_of_a_title_do_not_wait() -> None:
    clock = ManualClock()
    given = await taken(Pace(MemoryEngine(clock), 40, clock), clock, 6)
    assert given[:5] == pytest.approx([0] * 5)
    assert given[5] > 0.01


async def test_a_turn_that_comes_too_late_is_refused_at_once_and_not_lost() -> None:
    clock = ManualClock()
    pace = Pace(MemoryEngine(clock), 2, clock)
    await pace.turn(Deadline.after(clock, 0.5))
    with pytest.raises(LimitExceeded):
        await pace.turn(Deadline.after(clock, 0.5))
    clock.advance(1)
    await pace.turn(Deadline.after(clock, 0))


async def test_replicas_keep_the_rate_together(redis_url: str) -> None:
    # Patient: a Redis that is slow for a moment would be out, and that is another test.
    clock, redis = SystemClock(), make_redis(redis_url, timeout_s=10.0)
    state = StateRedis(redis, clock, used_for="rates", timeout_s=10.0)
    paces = [Pace(RedisEngine(state, clock), 40, clock) for _ in range(2)]
    given = list[float]()

    async def take(pace: Pace) -> None:
        await pace.turn(Deadline.after(clock, 30))
        given.append(clock.monotonic())

    await asyncio.gather(*(take(pace) for pace in paces for _ in range(45)))
    await redis.aclose()
    # Redis counted each a moment before it was known here.
    assert max(sum(at <= other < at + 0.95 for other in given) for at in given) <= 40


async def test_while_redis_is_out_each_replica_keeps_to_its_share() -> None:
    clock = ManualClock()
    redis = make_redis(f"redis://127.0.0.1:{free_port()}/0")
    engine = RedisEngine(StateRedis(redis, clock, used_for="rates"), clock, replicas=lambda: 4)
    pace = Pace(engine, 40, clock)
    given = await taken(pace, clock, 40)
    await redis.aclose()
    assert max(sum(at <= other < at + 0.999 for other in given) for at in given) <= 15
