"""Answers renewed before their time is over, by whoever wants them to stay fresh."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.cache import Lives
from libs.common.cache.cache import QUIET_S
from tests.common.cache.conftest import MakeCache, Upstream
from tests.fakes.clock import ManualClock

LIVES = Lives(100, stale_s=50, error_s=100)


@pytest.mark.parametrize(("passed_s", "state", "calls"), [(0, "hit", 1), (49, "hit", 1), (51, "miss", 2)])
async def test_what_has_enough_of_its_time_left_is_given_as_it_is(
    make_cache: MakeCache, clock: ManualClock, passed_s: float, state: str, calls: int
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream(lives=LIVES)
    await cache.get_or_load("k", upstream)
    clock.advance(passed_s)
    assert (await cache.get_ahead("k", upstream, share=0.5)).state == state
    assert upstream.calls == calls


async def test_what_is_not_there_or_old_is_waited_for(make_cache: MakeCache, clock: ManualClock) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream(lives=LIVES)
    assert (await cache.get_ahead("k", upstream, share=0.1)).state == "miss"
    clock.advance(120)
    assert (await cache.get_ahead("k", upstream, share=0.1)).state == "miss"
    assert upstream.calls == 2


@pytest.mark.parametrize(("passed_s", "state"), [(95, "hit"), (120, "stale"), (180, "stale")])
async def test_what_cannot_be_loaded_is_as_good_as_it_was(
    make_cache: MakeCache, clock: ManualClock, passed_s: float, state: str
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream(lives=LIVES)
    await cache.get_or_load("k", upstream)
    upstream.error = OSError("away")
    clock.advance(passed_s)
    for _ in range(2):
        assert (await cache.get_ahead("k", upstream, share=0.1)).state == state
    assert upstream.calls == 2
    clock.advance(QUIET_S + 0.1)
    assert (await cache.get_ahead("k", upstream, share=0.1)).entry.value == b"one"
    assert upstream.calls == 3


async def test_who_renews_can_see_what_is_worth_it(make_cache: MakeCache, clock: ManualClock) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream(lives=LIVES)
    assert cache.hits("k") == 0
    for _ in range(3):
        await cache.get_or_load("k", upstream)
    assert cache.hits("k") == 2


async def test_replicas_that_renew_together_load_once(
    make_cache: MakeCache, redis_url: str, clock: ManualClock
) -> None:
    caches = [await make_cache(url=redis_url, clock=clock) for _ in range(2)]
    upstream = Upstream(lives=LIVES)
    await caches[0].get_or_load("k", upstream)
    clock.advance(60)
    upstream.close_gate()
    renewing = asyncio.gather(*(cache.get_ahead("k", upstream, share=0.5) for cache in caches))
    await upstream.asked.wait()
    upstream.gate.set()
    lookups = await renewing
    assert upstream.calls == 2
    assert lookups[0].entry.stamp == lookups[1].entry.stamp
