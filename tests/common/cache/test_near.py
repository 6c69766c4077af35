"""A near cache: what it holds stays in the process, what ends it comes from everywhere."""

from __future__ import annotations

import asyncio

from libs.common.redis import make_redis
from tests.common.cache.conftest import MakeCache, Upstream, eventually, held_up


async def test_entries_stay_in_the_process(make_cache: MakeCache, redis_url: str) -> None:
    here, there = [await make_cache(url=redis_url, near=True) for _ in range(2)]
    upstream = Upstream()
    await here.get_or_load("k", upstream)
    assert (await here.get_or_load("k", upstream)).state == "hit"
    assert await there.get("k") is None
    await there.get_or_load("k", upstream)
    assert upstream.calls == 2
    async with make_redis(redis_url) as redis:
        assert [key async for key in redis.scan_iter("*:e:*")] == []


async def test_an_invalidation_ends_them_on_every_replica(make_cache: MakeCache, redis_url: str) -> None:
    here, there = [await make_cache(url=redis_url, near=True) for _ in range(2)]
    for cache in (here, there):
        await cache.get_or_load("k", Upstream())
    before = there.changes
    await here.invalidate("t")
    assert here.peek("k") is None
    await eventually(lambda: there.peek("k") is None)
    assert there.changes > before


async def test_a_load_on_its_way_during_anothers_invalidation_is_not_kept(
    make_cache: MakeCache, redis_url: str
) -> None:
    here, there = [await make_cache(url=redis_url, near=True) for _ in range(2)]
    upstream = Upstream()
    caller = await held_up(there, upstream)
    before = there.changes
    await here.invalidate("t")
    await eventually(lambda: there.changes > before)
    upstream.gate.set()
    assert (await caller).entry.value == b"one"
    assert there.peek("k") is None


async def test_replicas_do_not_wait_for_each_other(make_cache: MakeCache, redis_url: str) -> None:
    """The other's answer could not be read here, so there is nothing to wait for."""
    here, there = [await make_cache(url=redis_url, near=True) for _ in range(2)]
    slow, quick = Upstream("slow"), Upstream("quick")
    waiting = await held_up(here, slow)
    async with asyncio.timeout(10):
        assert (await there.get_or_load("k", quick)).entry.value == b"quick"
    slow.gate.set()
    await waiting
