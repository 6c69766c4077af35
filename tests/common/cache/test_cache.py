"""One process, memory alone: lives, one flight per key, invalidation, errors."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.cache import Cache, CacheStopped, Lives, Loaded, LoadTimedOut
from libs.common.cache.cache import QUIET_S
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from tests.common.cache.conftest import MakeCache, Upstream, held_up, started
from tests.fakes.clock import ManualClock, settle


class Broken(Exception):
    pass


async def test_fifty_cold_callers_cause_one_load(make_cache: MakeCache, clock: ManualClock) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream()
    upstream.close_gate()
    callers = [started(cache.get_or_load("k", upstream)) for _ in range(50)]
    await upstream.asked.wait()
    upstream.gate.set()
    lookups = await asyncio.gather(*callers)
    assert upstream.calls == 1
    assert {lookup.entry.value for lookup in lookups} == {b"one"}
    assert {lookup.state for lookup in lookups} == {"miss"}
    assert (await cache.get_or_load("k", upstream)).state == "hit"


async def test_a_cancelled_waiter_harms_nobody(make_cache: MakeCache, clock: ManualClock) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream()
    upstream.close_gate()
    callers = [started(cache.get_or_load("k", upstream)) for _ in range(5)]
    await upstream.asked.wait()
    callers[0].cancel()
    await settle()
    assert callers[0].cancelled()
    upstream.gate.set()
    lookups = await asyncio.gather(*callers[1:])
    assert {lookup.entry.value for lookup in lookups} == {b"one"}
    assert upstream.calls == 1


async def test_the_load_goes_on_when_every_waiter_has_left(make_cache: MakeCache, clock: ManualClock) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream()
    caller = await held_up(cache, upstream)
    caller.cancel()
    await settle()
    upstream.gate.set()
    await settle()
    entry = cache.peek("k")
    assert entry is not None
    assert entry.value == b"one"


async def test_peek_sees_only_what_is_fresh(make_cache: MakeCache, clock: ManualClock) -> None:
    cache = await make_cache(clock=clock)
    await cache.put("k", Loaded(b"v", Lives(10, stale_s=10)))
    clock.advance(9.9)
    assert cache.peek("k") is not None
    clock.advance(0.2)
    assert cache.peek("k") is None
    assert await cache.get("k") is not None
    clock.advance(10)
    assert await cache.get("k") is None


async def test_what_is_held_counts_as_long_as_it_would_stand_in(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache = await make_cache(clock=clock)
    await cache.put("k", Loaded(b"v", Lives(10, error_s=90), tags=("t",)))
    clock.advance(99)
    assert await cache.get("k") is None
    held = cache.held("k")
    assert held is not None
    assert held.value == b"v"
    await cache.invalidate("t")
    assert cache.held("k") is None


async def test_a_stale_answer_comes_at_once_and_is_renewed_behind(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream(lives=Lives(10, stale_s=30))
    await cache.get_or_load("k", upstream)
    clock.advance(11)
    upstream.text = "two"
    upstream.close_gate()
    stale = [await cache.get_or_load("k", upstream) for _ in range(3)]
    assert {lookup.entry.value for lookup in stale} == {b"one"}
    assert {lookup.state for lookup in stale} == {"stale"}
    upstream.gate.set()
    await settle()
    assert upstream.calls == 2
    renewed = await cache.get_or_load("k", upstream)
    assert (renewed.entry.value, renewed.state) == (b"two", "hit")


async def test_a_failed_load_without_an_old_answer_reaches_every_waiter(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream()
    upstream.error = Broken()
    outcomes = await asyncio.gather(
        *(cache.get_or_load("k", upstream) for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(outcome, Broken) for outcome in outcomes)
    assert upstream.calls == 1
    upstream.error = None
    assert (await cache.get_or_load("k", upstream)).entry.value == b"one"


async def test_a_failed_load_is_covered_by_an_old_answer_for_its_error_time(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream(lives=Lives(10, error_s=100))
    await cache.get_or_load("k", upstream)
    upstream.error = Broken()
    clock.advance(11)
    lookup = await cache.get_or_load("k", upstream)
    assert (lookup.entry.value, lookup.state) == (b"one", "stale")
    clock.advance(100)
    with pytest.raises(Broken):
        await cache.get_or_load("k", upstream)


async def test_a_failing_upstream_is_not_asked_for_each_caller(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream(lives=Lives(10, error_s=100))
    await cache.get_or_load("k", upstream)
    upstream.error = Broken()
    clock.advance(11)
    for _ in range(5):
        await cache.get_or_load("k", upstream)
        await settle()
    assert upstream.calls == 2
    clock.advance(QUIET_S)
    await cache.get_or_load("k", upstream)
    assert upstream.calls == 3


async def test_an_invalidated_tag_is_loaded_anew_and_others_stay(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache = await make_cache(clock=clock)
    await cache.put("a", Loaded(b"a", Lives(60), tags=("one", "two")))
    await cache.put("b", Loaded(b"b", Lives(60), tags=("two",)))
    await cache.invalidate("one")
    assert cache.peek("a") is None
    assert await cache.get("a") is None
    assert cache.peek("b") is not None


async def test_an_answer_on_its_way_during_an_invalidation_is_not_kept(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream(tags=("account:1",))
    caller = await held_up(cache, upstream)
    await cache.invalidate("account:1")
    upstream.gate.set()
    assert (await caller).entry.value == b"one"
    assert cache.peek("k") is None


async def test_who_asks_after_an_invalidation_does_not_join_the_load_from_before(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream()
    before = await held_up(cache, upstream)
    upstream.text = "two"
    await cache.invalidate("t")
    after = started(cache.get_or_load("k", upstream))
    await settle()
    upstream.gate.set()
    assert (await before).entry.value == b"one"
    assert (await after).entry.value == b"two"
    entry = cache.peek("k")
    assert entry is not None
    assert entry.value == b"two"


async def test_a_slow_load_does_not_overwrite_what_was_put_meanwhile(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream(text="old")
    caller = await held_up(cache, upstream)
    await cache.put("k", Loaded(b"new", Lives(60)))
    upstream.gate.set()
    assert (await caller).entry.value == b"new"
    entry = cache.peek("k")
    assert entry is not None
    assert entry.value == b"new"


async def test_an_answer_not_to_be_stored_serves_its_waiters_only(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream()
    upstream.store = False
    assert (await cache.get_or_load("k", upstream)).state == "bypass"
    assert (await cache.get_or_load("k", upstream)).state == "bypass"
    assert upstream.calls == 2


async def test_a_caller_waits_no_longer_than_it_says_and_the_load_goes_on(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache, upstream = await make_cache(clock=clock), Upstream()
    upstream.close_gate()
    with pytest.raises(LoadTimedOut):
        await cache.get_or_load("k", upstream, wait_s=0.01)
    upstream.gate.set()
    await settle()
    assert cache.peek("k") is not None
    assert upstream.calls == 1


async def test_a_stopping_process_tells_its_waiters(clock: ManualClock) -> None:
    tasks = Tasks()
    cache = Cache("test", clock=clock, tasks=tasks, metrics=Metrics("test"))
    upstream = Upstream()
    caller = await held_up(cache, upstream)
    await tasks.aclose()
    with pytest.raises(CacheStopped):
        await caller


async def test_the_figures_tell_what_happened(make_cache: MakeCache, clock: ManualClock) -> None:
    metrics = Metrics("test")
    cache, upstream = await make_cache(clock=clock, metrics=metrics), Upstream(lives=Lives(10, stale_s=10))
    await cache.get_or_load("k", upstream)
    await cache.get_or_load("k", upstream)
    clock.advance(11)
    await cache.get_or_load("k", upstream)
    await settle()
    text = metrics.render().decode()
    for state, tier in {"miss": "source", "hit": "memory", "stale": "memory"}.items():
        assert f'headgate_cache_lookups_total{{cache="test",state="{state}",tier="{tier}"}} 1.0' in text
    assert 'headgate_cache_loads_total{cache="test"} 2.0' in text
    assert 'headgate_cache_entries{cache="test"} 1.0' in text


async def test_callers_that_share_a_load_are_counted(make_cache: MakeCache, clock: ManualClock) -> None:
    metrics = Metrics("test")
    cache, upstream = await make_cache(clock=clock, metrics=metrics), Upstream()
    upstream.close_gate()
    callers = [started(cache.get_or_load("k", upstream)) for _ in range(4)]
    await upstream.asked.wait()
    upstream.gate.set()
    await asyncio.gather(*callers)
    assert metrics.registry.get_sample_value("headgate_cache_coalesced_total", {"cache": "test"}) == 3


async def test_two_caches_share_one_registry(clock: ManualClock) -> None:
    metrics, tasks = Metrics("test"), Tasks()
    for name in ("a", "b"):
        cache = Cache(name, clock=clock, tasks=tasks, metrics=metrics)
        await cache.put("k", Loaded(b"v", Lives(60)))
    text = metrics.render().decode()
    assert 'headgate_cache_entries{cache="a"} 1.0' in text
    assert 'headgate_cache_entries{cache="b"} 1.0' in text
    await tasks.aclose()
