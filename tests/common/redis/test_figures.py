"""What is told of a Redis: its figures, and what is wrong with it for its role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from libs.common.metrics import Metrics
from libs.common.redis import make_redis
from libs.common.redis.figures import POLICIES, RedisFigures
from tests.servers import RedisServer


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = make_redis(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def configured(redis_server: RedisServer) -> Iterator[RedisServer]:
    """The shared Redis, to be set up differently and put back."""
    before = redis_server.command("CONFIG", "GET", "save").splitlines()
    yield redis_server
    redis_server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    redis_server.command("CONFIG", "SET", "appendonly", "no")
    redis_server.command("CONFIG", "SET", "save", before[1] if len(before) > 1 else "")


def values(metrics: Metrics, name: str) -> dict[str, float]:
    return {labels["role"]: value for labels, value in metrics.values(name)}


async def test_figures_are_those_of_the_server(redis: Redis) -> None:
    metrics = Metrics("gateway")
    figures = RedisFigures(redis, "cache", metrics=metrics)
    await figures.ask()
    (state,) = figures.states()
    assert (state.up, state.role, state.policy, state.warnings) == (True, "cache", "noeviction", ())
    assert state.memory_bytes > 100_000
    assert values(metrics, "redis_up") == {"cache": 1}
    assert values(metrics, "redis_memory_bytes") == {"cache": state.memory_bytes}
    policies = {labels["policy"]: value for labels, value in metrics.values("redis_eviction_policy")}
    assert policies == {name: float(name == "noeviction") for name in POLICIES}


async def test_a_state_redis_that_may_throw_away_or_forget_is_warned_of_once(
    redis: Redis, configured: RedisServer
) -> None:
    configured.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    configured.command("CONFIG", "SET", "save", "")
    figures = RedisFigures(redis, "state", metrics=Metrics("gateway"))
    with capture_logs() as logs:
        await figures.ask()
        await figures.ask()
    assert [line["event"] for line in logs] == ["redis_state_may_be_evicted", "redis_state_not_on_disk"]
    (state,) = figures.states()
    assert (state.policy, state.kept_on_disk, len(state.warnings)) == ("allkeys-lru", False, 2)


@pytest.mark.parametrize("setting", [("appendonly", "yes"), ("save", "3600 1")])
async def test_one_that_writes_to_disk_is_not_warned_of(
    redis: Redis, configured: RedisServer, setting: tuple[str, str]
) -> None:
    configured.command("CONFIG", "SET", "save", "")
    configured.command("CONFIG", "SET", *setting)
    figures = RedisFigures(redis, "state", metrics=Metrics("gateway"))
    await figures.ask()
    (state,) = figures.states()
    assert (state.kept_on_disk, state.warnings) == (True, ())


async def test_a_cache_may_throw_away(redis: Redis, configured: RedisServer) -> None:
    configured.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    figures = RedisFigures(redis, "cache", metrics=Metrics("gateway"))
    await figures.ask()
    assert figures.states()[0].warnings == ()


async def test_one_that_is_out_keeps_its_last_figures(redis: Redis, redis_server: RedisServer) -> None:
    metrics = Metrics("gateway")
    figures = RedisFigures(redis, "state", metrics=metrics)
    await figures.ask()
    redis_server.pause()
    try:
        await figures.ask()
    finally:
        redis_server.resume()
    (state,) = figures.states()
    assert (state.up, state.memory_bytes > 0) == (False, True)
    assert values(metrics, "redis_up") == {"state": 0}
