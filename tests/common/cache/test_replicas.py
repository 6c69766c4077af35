"""Several replicas on one Redis: one load, one truth."""

from __future__ import annotations

import asyncio
import sys

import pytest
from redis.asyncio import Redis

from libs.common.cache import Cache, Lives, Loaded
from libs.common.redis import make_redis
from tests.common.cache.conftest import MakeCache, Upstream, eventually, held_up, started


def value_of(cache: Cache, key: str) -> bytes | None:
    entry = cache.peek(key)
    return None if entry is None else entry.value


@pytest.fixture
async def redis(redis_url: str) -> Redis:
    return make_redis(redis_url)


async def test_fifty_cold_callers_on_two_replicas_cause_one_load(
    make_cache: MakeCache, redis_url: str
) -> None:
    caches, upstream = [await make_cache(url=redis_url) for _ in range(2)], Upstream()
    upstream.close_gate()
    callers = [started(caches[number % 2].get_or_load("k", upstream)) for number in range(50)]
    await upstream.asked.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await asyncio.shield(asyncio.gather(*callers))
    upstream.gate.set()
    lookups = await asyncio.gather(*callers)
    assert upstream.calls == 1
    assert {lookup.entry.value for lookup in lookups} == {b"one"}
    assert {lookup.state for lookup in lookups} == {"miss"}


async def test_two_processes_cause_one_load(redis_url: str) -> None:
    command = [sys.executable, "-m", "tests.common.cache.replica", redis_url, "k", "0.5"]
    replicas = [
        await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE) for _ in range(2)
    ]
    outputs = [(await replica.communicate())[0].decode().split("\n") for replica in replicas]
    answers = {line for lines in outputs for line in lines if ":" in line}
    loads = sum(lines.count("loading") for lines in outputs)
    assert loads == 1
    assert {answer.split(":")[1] for answer in answers} == {"answer 1"}


async def test_a_dead_holder_is_replaced_when_its_lock_ends(make_cache: MakeCache, redis_url: str) -> None:
    command = [sys.executable, "-m", "tests.common.cache.replica", redis_url, "k", "60"]
    holder = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"loading\n"
    cache, upstream = await make_cache(url=redis_url), Upstream(text="taken over")
    caller = started(cache.get_or_load("k", upstream))
    holder.kill()
    await holder.communicate()
    async with asyncio.timeout(5):
        assert (await caller).entry.value == b"taken over"


async def test_a_load_longer_than_the_lock_keeps_it(make_cache: MakeCache, redis_url: str) -> None:
    caches = [await make_cache(url=redis_url, lock_s=0.15) for _ in range(2)]
    upstream = Upstream()
    upstream.close_gate()
    callers = [started(cache.get_or_load("k", upstream)) for cache in caches]
    await upstream.asked.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await asyncio.shield(asyncio.gather(*callers))
    upstream.gate.set()
    await asyncio.gather(*callers)
    assert upstream.calls == 1


async def test_when_the_holder_fails_the_other_replica_tries_itself(
    make_cache: MakeCache, redis_url: str
) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    broken, sound = Upstream(), Upstream(text="sound")
    broken.close_gate()
    broken.error = ZeroDivisionError()
    failing = started(first.get_or_load("k", broken))
    await broken.asked.wait()
    waiting = started(second.get_or_load("k", sound))
    broken.gate.set()
    with pytest.raises(ZeroDivisionError):
        await failing
    assert (await waiting).entry.value == b"sound"


async def test_what_one_replica_loaded_the_other_has(make_cache: MakeCache, redis_url: str) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    upstream = Upstream()
    await first.get_or_load("k", upstream)
    lookup = await second.get_or_load("k", upstream)
    assert (lookup.entry.value, lookup.state) == (b"one", "hit")
    assert value_of(second, "k") == b"one"
    assert upstream.calls == 1


async def test_a_stale_answer_is_renewed_by_one_replica(make_cache: MakeCache, redis_url: str) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    upstream = Upstream(lives=Lives(0.05, stale_s=60))
    await first.get_or_load("k", upstream)
    await second.get_or_load("k", upstream)
    await eventually(lambda: value_of(first, "k") is None)
    upstream.text, upstream.lives = "two", Lives(60)
    upstream.close_gate()
    for cache in (first, second):
        assert (await cache.get_or_load("k", upstream)).state == "stale"
    await upstream.asked.wait()
    upstream.gate.set()
    await eventually(lambda: value_of(first, "k") == value_of(second, "k") == b"two")
    assert upstream.calls == 2


async def test_an_invalidation_reaches_the_other_replica(make_cache: MakeCache, redis_url: str) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    upstream = Upstream(tags=("account:1",))
    for cache in (first, second):
        await cache.get_or_load("k", upstream)
    await second.put("other", Loaded(b"stays", Lives(60), tags=("account:2",)))
    await first.invalidate("account:1")
    await eventually(lambda: value_of(second, "k") is None)
    assert await second.get("k") is None
    assert value_of(second, "other") == b"stays"
    await second.get_or_load("k", upstream)
    assert upstream.calls == 2


async def test_a_load_on_its_way_in_one_replica_does_not_survive_the_invalidation_in_another(
    make_cache: MakeCache, redis_url: str
) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    upstream = Upstream(tags=("account:1",))
    caller = await held_up(first, upstream)
    await second.invalidate("account:1")
    upstream.gate.set()
    assert (await caller).entry.value == b"one"
    assert await second.get("k") is None
    assert await first.get("k") is None


async def test_a_slow_refill_does_not_overwrite_a_newer_value(make_cache: MakeCache, redis_url: str) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    upstream = Upstream(text="old")
    slow = await held_up(first, upstream)
    await second.put("k", Loaded(b"new", Lives(60)))
    upstream.gate.set()
    assert (await slow).entry.value == b"new"
    assert value_of(first, "k") == value_of(second, "k") == b"new"


async def test_a_newer_value_replaces_the_copy_in_the_other_replica(
    make_cache: MakeCache, redis_url: str
) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    await first.put("k", Loaded(b"one", Lives(60)))
    assert await second.get("k") is not None
    await first.put("k", Loaded(b"two", Lives(60)))
    await eventually(lambda: value_of(second, "k") is None)
    entry = await second.get("k")
    assert entry is not None
    assert entry.value == b"two"


async def test_an_entry_whose_mark_was_evicted_is_void(
    make_cache: MakeCache, redis_url: str, redis: Redis
) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    await first.put("k", Loaded(b"one", Lives(60), tags=("t",)))
    await redis.delete("v1:test:m:t")
    assert await second.get("k") is None
    await second.put("k", Loaded(b"two", Lives(60), tags=("t",)))
    assert await second.get("k") is not None
    await redis.aclose()


async def test_a_damaged_entry_is_a_miss_and_is_replaced(
    make_cache: MakeCache, redis_url: str, redis: Redis
) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    upstream = Upstream()
    await first.get_or_load("k", upstream)
    await redis.hset("v1:test:e:k", "e", b"\x80\x04pickled")
    assert (await second.get_or_load("k", upstream)).state == "miss"
    await redis.hdel("v1:test:e:k", "e")
    third = await make_cache(url=redis_url)
    async with asyncio.timeout(5):
        assert (await third.get_or_load("k", upstream)).state == "miss"
    assert upstream.calls == 3
    await redis.aclose()


async def test_entries_end_in_redis_when_nobody_may_serve_them(
    make_cache: MakeCache, redis_url: str, redis: Redis
) -> None:
    cache = await make_cache(url=redis_url)
    await cache.put("k", Loaded(b"one", Lives(10, stale_s=20, error_s=90)))
    assert 99_000 < await redis.pttl("v1:test:e:k") <= 100_000
    await redis.aclose()


async def test_racing_writers_leave_every_replica_with_the_same_value(
    make_cache: MakeCache, redis_url: str
) -> None:
    first, second = [await make_cache(url=redis_url) for _ in range(2)]
    for number in range(100):
        key = f"k{number}"
        await asyncio.gather(
            first.put(key, Loaded(b"first", Lives(60))), second.put(key, Loaded(b"second", Lives(60)))
        )
    probe = await make_cache(url=redis_url)
    for number in range(100):
        key = f"k{number}"
        truth = await probe.get(key)
        assert truth is not None
        await eventually(lambda key=key, truth=truth: value_of(first, key) in {None, truth.value})  # type: ignore[misc]
        await eventually(lambda key=key, truth=truth: value_of(second, key) in {None, truth.value})  # type: ignore[misc]
