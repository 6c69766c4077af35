"""Redis goes, hangs and comes back: answers go on, and nothing wrong survives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from libs.common.cache import Lives, Loaded
from libs.common.metrics import Metrics
from libs.common.redis.gate import FAILURES
from tests import servers
from tests.common.cache.conftest import MakeCache, Upstream, eventually
from tests.common.cache.test_replicas import value_of
from tests.fakes.clock import ManualClock


@pytest.fixture
def own_redis() -> Iterator[servers.RedisServer]:
    """A Redis of this test alone, to kill."""
    with servers.redis_server() as server:
        yield server


async def test_redis_killed_midway_and_back(make_cache: MakeCache, own_redis: servers.RedisServer) -> None:
    with capture_logs() as logs:
        first, second = [await make_cache(url=own_redis.url) for _ in range(2)]
        upstream = Upstream(tags=("t",))
        await first.get_or_load("before", upstream)
        await second.get_or_load("before", upstream)
        own_redis.kill()
        assert (await first.get_or_load("before", upstream)).state == "hit"
        for number in range(20):
            assert (await first.get_or_load(f"during{number}", upstream)).state == "miss"
        own_redis.start()
        await eventually(lambda: [entry["event"] for entry in logs].count("redis_back") == 2)
    upstream.text = "two"
    await first.get_or_load("after", upstream)
    lookup = await second.get_or_load("after", upstream)
    assert (lookup.entry.value, lookup.state) == (b"two", "hit")
    events = [entry["event"] for entry in logs]
    assert events.count("redis_lost") == 2  # one per replica, however many calls failed
    assert events.count("redis_back") == 2


async def test_memory_is_emptied_when_the_link_is_back(
    make_cache: MakeCache, own_redis: servers.RedisServer
) -> None:
    cache = await make_cache(url=own_redis.url)
    await cache.put("k", Loaded(b"one", Lives(60), tags=("t",)))
    own_redis.kill()
    own_redis.start()
    await eventually(lambda: value_of(cache, "k") is None)
    upstream = Upstream()
    await cache.get_or_load("k", upstream)
    assert value_of(cache, "k") == b"one"


async def test_an_invalidation_during_an_outage_reaches_redis_afterwards(
    make_cache: MakeCache, redis_server: servers.RedisServer, redis_url: str
) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    upstream = Upstream(tags=("account:1",))
    for cache in (first, second):
        await cache.get_or_load("k", upstream)
    redis_server.pause()
    try:
        await first.invalidate("account:1")
        assert value_of(first, "k") is None
    finally:
        redis_server.resume()
    await eventually(lambda: value_of(second, "k") is None)
    upstream.text = "two"
    assert (await second.get_or_load("k", upstream)).entry.value == b"two"
    assert (await first.get_or_load("k", upstream)).entry.value == b"two"


async def test_a_redis_that_hangs_holds_nobody_for_long(
    make_cache: MakeCache, redis_server: servers.RedisServer, redis_url: str, clock: ManualClock
) -> None:
    """Each call that waits for Redis waits `TIMEOUT_S`; of 30, only the first few do."""
    metrics, upstream = Metrics("test", clock=clock), Upstream()
    cache = await make_cache(url=redis_url, clock=clock, metrics=metrics)
    redis_server.pause()
    try:
        for number in range(30):
            await cache.get_or_load(f"k{number}", upstream)
    finally:
        redis_server.resume()
    assert upstream.calls == 30
    waited = metrics.registry.get_sample_value("headgate_cache_redis_errors_total", {"cache": "test"})
    assert waited is not None
    assert 1 <= waited <= FAILURES


async def test_a_start_without_redis_works_and_joins_later(
    make_cache: MakeCache, own_redis: servers.RedisServer
) -> None:
    own_redis.kill()
    async with asyncio.timeout(10):
        cache = await make_cache(url=own_redis.url)
    upstream = Upstream()
    assert (await cache.get_or_load("k", upstream)).state == "miss"
    own_redis.start()
    await eventually(lambda: value_of(cache, "k") is None)
    await cache.get_or_load("k", upstream)
    other = await make_cache(url=own_redis.url)
    assert (await other.get_or_load("k", upstream)).state == "hit"


async def test_a_link_that_redis_cuts_is_made_again(
    make_cache: MakeCache, own_redis: servers.RedisServer
) -> None:
    first, second = [await make_cache(url=own_redis.url) for _ in range(2)]
    await second.put("k", Loaded(b"one", Lives(60), tags=("t",)))
    own_redis.command("CLIENT", "KILL", "TYPE", "pubsub")
    await eventually(lambda: value_of(second, "k") is None)
    assert await second.get("k") is not None
    await first.invalidate("t")
    await eventually(lambda: value_of(second, "k") is None)


async def test_strangers_on_the_channel_are_ignored(
    make_cache: MakeCache, redis_server: servers.RedisServer, redis_url: str
) -> None:
    cache = await make_cache(url=redis_url)
    await cache.put("k", Loaded(b"one", Lives(60), tags=("t",)))
    for words in ("", "nonsense", "t", "t x t", "q 5 t", "t -5 t"):
        redis_server.command("PUBLISH", "v1:test:news", words)
    redis_server.command("PUBLISH", "v1:test:news", "r 0 k")
    await cache.put("k2", Loaded(b"two", Lives(60), tags=("t",)))
    assert value_of(cache, "k") == b"one"


async def test_a_link_that_hangs_is_found_without_any_call(
    make_cache: MakeCache, redis_server: servers.RedisServer, redis_url: str
) -> None:
    with capture_logs() as logs:
        cache = await make_cache(url=redis_url)
        await cache.put("k", Loaded(b"one", Lives(60)))
        redis_server.pause()
        try:
            await eventually(lambda: any(entry["event"] == "redis_lost" for entry in logs))
        finally:
            redis_server.resume()
        await eventually(lambda: value_of(cache, "k") is None)
