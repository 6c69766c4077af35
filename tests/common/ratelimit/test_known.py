"""Taking ahead of Redis: only with room to spare, only for a moment, and counted there all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from libs.common.clock import SystemClock
from libs.common.ratelimit import RedisEngine, parse_limit
from libs.common.ratelimit.engine import policies_of
from libs.common.ratelimit.known import MOST_UNCONFIRMED, RECENT_S, TRUSTED_S, Known
from libs.common.ratelimit.policies import State
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis
from libs.common.tasks import Tasks
from tests import servers
from tests.fakes.clock import ManualClock
from tests.waiting import until

HOURLY = parse_limit("hourly", "1/h burst 50")
DAILY = parse_limit("daily", "20/d")
RESTED = (0,)


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.aclose()


@pytest.fixture
def known(clock: ManualClock) -> Known:
    return Known(clock, max_keys=3)


def engine_on(redis: StateRedis, tasks: Tasks) -> RedisEngine:
    return RedisEngine(redis, SystemClock(), tasks=tasks)


async def told(tasks: Tasks) -> bool:
    return len(tasks) == 0


def note(known: Known, clock: ManualClock, subject: str = "a", taken: int = 0) -> None:
    """Redis told that so many have been taken of a full burst."""
    pairs = policies_of((HOURLY,))
    state: State = RESTED
    for _ in range(taken):
        state = pairs[0][1].taken(state)
    known.note(subject, pairs, [state], 0, clock.monotonic())


def left(known: Known, subject: str = "a") -> int | None:
    verdict = known.take_ahead(subject, policies_of((HOURLY,)))
    return None if verdict is None else verdict.standings[0].remaining


def test_nobody_unknown_is_let_in_ahead(known: Known, clock: ManualClock) -> None:
    assert left(known) is None
    note(known, clock)
    assert left(known) == 49
    assert left(known, "b") is None


def test_with_half_or_less_left_redis_is_asked(known: Known, clock: ManualClock) -> None:
    note(known, clock, taken=24)
    assert left(known) == 25
    assert left(known) is None


def test_what_was_told_long_ago_counts_no_more(known: Known, clock: ManualClock) -> None:
    note(known, clock)
    clock.advance(TRUSTED_S)
    assert left(known) == 49
    clock.advance(0.01)
    assert left(known) is None


def test_few_are_let_in_before_redis_has_heard_of_them(known: Known, clock: ManualClock) -> None:
    note(known, clock)
    assert [left(known) for _ in range(MOST_UNCONFIRMED + 1)] == [*range(49, 49 - MOST_UNCONFIRMED, -1), None]
    known.confirmed("a")
    assert left(known) == 49 - MOST_UNCONFIRMED


def test_of_a_large_quota_more_are_let_in_before_redis_has_heard_of_them(
    known: Known, clock: ManualClock
) -> None:
    pairs = policies_of((parse_limit("large", "1/h burst 320"),))
    known.note("a", pairs, [RESTED], 0, clock.monotonic())

    ahead = [known.take_ahead("a", pairs) is not None for _ in range(21)]

    assert ahead == [True] * 20 + [False]


def test_of_what_was_told_a_while_ago_no_more_are_let_in_than_of_a_small_quota(
    known: Known, clock: ManualClock
) -> None:
    pairs = policies_of((parse_limit("large", "1/h burst 320"),))
    known.note("a", pairs, [RESTED], 0, clock.monotonic())
    clock.advance(RECENT_S + 0.01)

    ahead = [known.take_ahead("a", pairs) is not None for _ in range(MOST_UNCONFIRMED + 1)]

    assert ahead == [True] * MOST_UNCONFIRMED + [False]


def test_what_redis_has_not_heard_of_is_added_to_what_it_tells(known: Known, clock: ManualClock) -> None:
    note(known, clock)
    assert [left(known), left(known)] == [49, 48]
    known.confirmed("a")
    note(known, clock, taken=10)  # ten and the one of the two that it hasn't heard of
    assert left(known) == 50 - 10 - 1 - 1


def test_every_policy_has_to_have_room(known: Known, clock: ManualClock) -> None:
    pairs = policies_of((HOURLY, DAILY))
    known.note("a", pairs, [RESTED, (0, 0, 10)], 0, clock.monotonic())
    assert known.take_ahead("a", pairs) is None
    known.note("a", pairs, [RESTED, (0, 0, 9)], 0, clock.monotonic())
    assert known.take_ahead("a", pairs) is not None


def test_only_the_callers_heard_of_last_are_known(known: Known, clock: ManualClock) -> None:
    for subject in "abcd":
        note(known, clock, subject)
    assert len(known) == 3
    assert left(known, "a") is None
    assert left(known, "d") == 49


async def test_who_is_far_from_a_limit_waits_for_no_redis_and_is_counted_there(
    state_redis: StateRedis, redis_server: servers.RedisServer, tasks: Tasks
) -> None:
    engine = engine_on(state_redis, tasks)
    await engine.take("a", (HOURLY,))
    redis_server.pause()
    try:
        ahead = [await engine.take("a", (HOURLY,)) for _ in range(3)]
    finally:
        redis_server.resume()
    assert [verdict.standings[0].remaining for verdict in ahead] == [48, 47, 46]
    await until(partial(told, tasks))
    other = engine_on(state_redis, tasks)
    assert (await other.take("a", (HOURLY,))).standings[0].remaining == 45


async def test_whoever_has_to_wait_has_those_told_of_who_did_not(
    state_redis: StateRedis, redis_server: servers.RedisServer, tasks: Tasks, clock: ManualClock
) -> None:
    """The clock stands still: the time for which they are gathered never ends."""
    engine = RedisEngine(state_redis, clock, tasks=tasks)
    limit = parse_limit("daily", "100/d")

    async def counted() -> int:
        return int(redis_server.command("GET", "headgate:limit:{a}:daily-day").split()[-1])

    for _ in range(1 + MOST_UNCONFIRMED):
        await engine.take("a", (limit,))
    assert await counted() == 1

    decided = await engine.take("a", (limit,))

    assert decided.standings[0].remaining == 100 - (1 + MOST_UNCONFIRMED + 1)

    assert await counted() == 1 + MOST_UNCONFIRMED + 1


async def test_a_crowd_of_one_caller_at_one_gateway_gets_exactly_the_burst(
    state_redis: StateRedis, tasks: Tasks
) -> None:
    engine, limit = engine_on(state_redis, tasks), parse_limit("small", "1/h burst 20")
    admitted = 0
    for crowd in (1, 8, 1, 32, 5):
        verdicts = await asyncio.gather(*(engine.take("a", (limit,)) for _ in range(crowd)))
        admitted += sum(verdict.admitted for verdict in verdicts)
    assert admitted == 20


async def test_a_caller_of_two_gateways_gets_the_burst_and_no_more(redis_url: str, tasks: Tasks) -> None:
    own, other = make_redis(redis_url), make_redis(redis_url)
    engines = [
        engine_on(StateRedis(redis, SystemClock(), used_for="limits"), tasks) for redis in (own, other)
    ]
    admitted = 0
    for number in range(120):
        admitted += (await engines[number % 2].take("a", (HOURLY,))).admitted
        await asyncio.sleep(0)
    await until(partial(told, tasks))
    await own.aclose()
    await other.aclose()
    assert 50 <= admitted <= 50 + MOST_UNCONFIRMED


async def test_what_was_taken_ahead_holds_when_redis_went_away_meanwhile(tasks: Tasks) -> None:
    with servers.redis_server() as server:
        redis = make_redis(server.url)
        engine = engine_on(StateRedis(redis, SystemClock(), used_for="limits"), tasks)
        for _ in range(20):
            await engine.take("a", (HOURLY,))
            await until(partial(told, tasks))
        server.kill()
        taken = [(await engine.take("a", (HOURLY,))).admitted for _ in range(40)]
        await redis.aclose()
    assert taken == [True] * 30 + [False] * 10
