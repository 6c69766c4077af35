"""What only the shared engine does: no races, refusals remembered, keys that end, outages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from libs.common.clock import SystemClock
from libs.common.ratelimit import Limit, RedisEngine, parse_limit
from libs.common.redis.client import StateRedis, make_redis
from tests import servers
from tests.waiting import until

SLOW = parse_limit("slow", "1/h burst 50")
DAILY = parse_limit("daily", "3/d")


@pytest.fixture
def own_server() -> Iterator[servers.RedisServer]:
    """One that may be killed."""
    with servers.redis_server() as server:
        yield server


@pytest.fixture
async def own_redis(own_server: servers.RedisServer) -> AsyncIterator[StateRedis]:
    redis = make_redis(own_server.url)
    yield StateRedis(redis, SystemClock(), used_for="limits")
    await redis.aclose()


def engine_on(redis: StateRedis, *, replicas: int = 1) -> RedisEngine:
    return RedisEngine(redis, SystemClock(), replicas=lambda: replicas)


async def test_two_hundred_at_once_from_two_replicas_get_exactly_the_burst(redis_url: str) -> None:
    # Many at once on a busy machine are slow, which is not what is looked at here.
    own, other = (make_redis(redis_url, timeout_s=10.0) for _ in range(2))
    engines = [
        engine_on(StateRedis(redis, SystemClock(), used_for="limits", timeout_s=10.0))
        for redis in (own, other)
    ]
    verdicts = await asyncio.gather(*(engines[number % 2].take("a", (SLOW,)) for number in range(200)))
    await own.aclose()
    await other.aclose()
    assert sum(verdict.admitted for verdict in verdicts) == 50


async def test_what_one_policy_refuses_is_taken_from_no_other(state_redis: StateRedis) -> None:
    engine = engine_on(state_redis)
    verdicts = [await engine.take("a", (SLOW, DAILY)) for _ in range(5)]
    assert [verdict.admitted for verdict in verdicts] == [True, True, True, False, False]
    assert verdicts[-1].violated == ("daily-day",)
    assert (await engine.take("a", (SLOW,))).standings[0].remaining == 50 - 4


async def test_subjects_are_counted_apart(state_redis: StateRedis) -> None:
    engine = engine_on(state_redis)
    for _ in range(3):
        await engine.take("a", (DAILY,))
    assert not (await engine.take("a", (DAILY,))).admitted
    assert (await engine.take("b", (DAILY,))).admitted


async def test_every_key_of_a_request_has_one_hash_tag_and_an_end(
    state_redis: StateRedis, redis_server: servers.RedisServer
) -> None:
    await engine_on(state_redis).take("account:1", (SLOW, DAILY))
    keys = redis_server.command("KEYS", "*").split()
    assert sorted(keys) == ["headgate:limit:{account:1}:daily-day", "headgate:limit:{account:1}:slow"]
    assert (
        3600_000 < int(redis_server.command("PTTL", keys[-1] if "slow" in keys[-1] else keys[0])) <= 3602_000
    )
    assert all(int(redis_server.command("PTTL", key)) > 0 for key in keys)


async def test_a_flood_of_refused_requests_costs_redis_nothing(
    state_redis: StateRedis, redis_server: servers.RedisServer
) -> None:
    engine = engine_on(state_redis)
    for _ in range(4):
        verdict = await engine.take("a", (DAILY,))
    before = _scripts_run(redis_server)
    later = [await engine.take("a", (DAILY,)) for _ in range(500)]
    assert _scripts_run(redis_server) == before
    assert not any(repeated.admitted for repeated in later)
    assert verdict.retry_after_s - 5 < later[-1].retry_after_s <= verdict.retry_after_s


@pytest.mark.parametrize("how", ["killed", "paused"])
async def test_without_redis_each_limit_does_what_it_says(
    own_server: servers.RedisServer, own_redis: StateRedis, how: str
) -> None:
    engine = engine_on(own_redis, replicas=2)
    limits = {what: parse_limit(what, f"2/h burst 4; outage {what}") for what in ("local", "allow", "deny")}
    await engine.take("a", (limits["local"],))
    own_server.kill() if how == "killed" else own_server.pause()
    try:
        taken: dict[str, list[bool]] = {}
        for what, limit in limits.items():
            taken[what] = [(await engine.take("a", (limit,))).admitted for _ in range(8)]
        assert taken == {
            "local": [True] * 3 + [False] * 5,  # one had been taken before
            "allow": [True] * 8,
            "deny": [False] * 8,
        }
        local = (await engine.take("a", (limits["local"],))).retry_after_s
        assert 3500 < local <= 3600  # one an hour is half of two
        assert engine.out
    finally:
        own_server.resume()


async def test_an_outage_does_not_begin_with_another_burst(
    own_server: servers.RedisServer, own_redis: StateRedis
) -> None:
    engine = engine_on(own_redis, replicas=2)
    for _ in range(50):
        assert (await engine.take("a", (SLOW,))).admitted
    for _ in range(3):
        assert (await engine.take("b", (DAILY,))).admitted
    own_server.kill()
    assert not any(
        [(await engine.take(subject, (limit,))).admitted for subject, limit in (("a", SLOW), ("b", DAILY))]
    )


async def test_an_outage_knows_every_limit_a_caller_met_and_not_just_the_last(
    own_server: servers.RedisServer, own_redis: StateRedis
) -> None:
    engine = engine_on(own_redis)
    for _ in range(50):
        assert (await engine.take("a", (SLOW,))).admitted
    assert (await engine.take("a", (DAILY,))).admitted
    own_server.kill()
    assert not (await engine.take("a", (SLOW,))).admitted
    assert [(await engine.take("a", (DAILY,))).admitted for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("how", ["killed", "paused"])
async def test_limits_are_exact_again_within_two_seconds_of_redis_return(
    own_server: servers.RedisServer, own_redis: StateRedis, how: str
) -> None:
    engine, limit = engine_on(own_redis), parse_limit("some", "1000/s burst 1000; outage allow")
    own_server.kill() if how == "killed" else own_server.pause()
    await _is_out(engine, limit)
    own_server.start() if how == "killed" else own_server.resume()
    back_at = time.perf_counter()

    async def exact() -> bool:
        await engine.take("a", (limit,))
        return not engine.out

    await until(exact)
    assert time.perf_counter() - back_at < 2.0
    # Nothing of the outage is left: a rested caller has the burst and not one more.
    assert sum([(await engine.take("b", (SLOW,))).admitted for _ in range(60)]) == 50


async def _is_out(engine: RedisEngine, limit: Limit) -> None:
    async def out() -> bool:
        await engine.take("a", (limit,))
        return engine.out

    await until(out)


def _scripts_run(server: servers.RedisServer) -> int:
    lines = server.command("INFO", "commandstats").splitlines()
    return sum(
        int(line.split("calls=")[1].split(",")[0]) for line in lines if line.startswith("cmdstat_eval")
    )
