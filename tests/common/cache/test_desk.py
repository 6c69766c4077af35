"""What administrators see of a cache, and clear: in one process, and in all replicas."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from libs.common.cache import Cache, Lives, Loaded
from libs.common.cache.shown import handle_of
from tests.common.cache.conftest import MakeCache, Upstream, eventually, held_up
from tests.fakes.clock import ManualClock

SECRET_TAG = "account:9fJ2kLmN0pQrStUvWxYz"


async def fill(cache: Cache, *keys: str, tags: tuple[str, ...] = ("t",)) -> None:
    for key in keys:
        await cache.get_or_load(key, Upstream(text=key, lives=Lives(60, 60, 60), tags=tags))


async def test_what_was_asked_for_most_comes_first(make_cache: MakeCache, clock: ManualClock) -> None:
    cache = await make_cache(clock=clock)
    await fill(cache, "a", "b", "c", tags=(SECRET_TAG,))
    for key in ("b", "b", "c"):
        assert cache.peek(key) is not None
    clock.advance(10)
    found = cache.desk.most_asked(2)
    assert [(one.key, one.hits) for one in found] == [("b", 2), ("c", 1)]
    assert (found[0].age_s, found[0].fresh_for_s, found[0].tags) == (10, 50, ("account:9fJ2kL…",))
    assert found[0].bytes > 0


async def test_hits_are_the_questions_and_outlive_their_answers(
    make_cache: MakeCache, clock: ManualClock
) -> None:
    cache = await make_cache(clock=clock)
    await fill(cache, "a")
    assert cache.peek("a") is not None
    clock.advance(70)
    await cache.put("a", Loaded(b"new", Lives(60)))
    assert [one.hits for one in cache.desk.most_asked(9)] == [1]


async def test_keys_that_are_proofs_are_never_shown(make_cache: MakeCache) -> None:
    cache = await make_cache(near=True)
    await fill(cache, "sessions:abc")
    assert cache.desk.most_asked(9) == ()
    assert await cache.desk.clear() == 1


@pytest.mark.parametrize("name", [lambda key: key, handle_of])
async def test_one_key_is_cleared_by_itself_or_by_its_handle(
    make_cache: MakeCache, name: Callable[[str], str]
) -> None:
    cache = await make_cache()
    await fill(cache, "a:1", "a:2")
    assert await cache.desk.remove(name("a:1")) == 1
    assert cache.held("a:1") is None
    assert cache.peek("a:2") is not None


@pytest.mark.parametrize("shown", ["account:9fJ2kL…", SECRET_TAG])
async def test_a_tag_is_cleared_as_it_is_and_as_it_is_shown(make_cache: MakeCache, shown: str) -> None:
    cache = await make_cache()
    await fill(cache, "a", tags=(SECRET_TAG,))
    await fill(cache, "b")
    assert await cache.desk.remove_tag(shown) == 1
    assert cache.held("a") is None
    assert cache.peek("b") is not None


async def test_everything_is_cleared(make_cache: MakeCache) -> None:
    cache = await make_cache()
    await fill(cache, "a", "b", tags=())
    assert await cache.desk.clear() == 2
    assert cache.held("a") is None
    await fill(cache, "a")
    assert cache.peek("a") is not None


async def test_a_key_is_cleared_in_redis_and_in_every_replica(make_cache: MakeCache, redis_url: str) -> None:
    one, two = [await make_cache(url=redis_url) for _ in range(2)]
    await fill(one, "a", "b")
    assert (await two.get("a")) is not None
    assert await one.desk.remove(handle_of("a")) == 1
    await eventually(lambda: two.held("a") is None)
    assert await two.get("a") is None
    assert await two.get("b") is not None
    lookup = await two.get_or_load("a", Upstream(text="new"))
    assert (lookup.state, lookup.entry.value) == ("miss", b"new")
    await eventually(lambda: one.desk.most_asked(9))
    assert (await one.get_or_load("a", Upstream(text="other"))).entry.value == b"new"


async def test_a_load_that_began_before_brings_nothing_back(make_cache: MakeCache, redis_url: str) -> None:
    one, two = [await make_cache(url=redis_url) for _ in range(2)]
    upstream = Upstream(text="old")
    caller = await held_up(one, upstream)
    await two.desk.remove("k")
    upstream.gate.set()
    assert (await caller).entry.value == b"old"
    assert await two.get("k") is None


async def test_all_is_cleared_in_redis_and_in_every_replica(make_cache: MakeCache, redis_url: str) -> None:
    one, two, proofs = [await make_cache(url=redis_url, near=near) for near in (False, False, True)]
    await fill(one, *(f"k{number}" for number in range(2500)))
    await fill(two, "other", tags=())
    await fill(proofs, "sessions:1")
    assert await two.desk.clear() == 1
    await eventually(lambda: not one.desk.most_asked(9))
    assert await one.get("k7") is None
    assert await one.get("other") is None
    # Caches of another kind under the same name hear of it as well: they share the news.
    await eventually(lambda: proofs.held("sessions:1") is None)
    await fill(one, "k7")
    assert await two.get("k7") is not None


async def test_without_redis_for_now_this_process_is_cleared_all_the_same(
    make_cache: MakeCache, redis_url: str
) -> None:
    cache = await make_cache(url="redis://127.0.0.1:1/0")
    await fill(cache, "a", "b")
    assert await cache.desk.remove("a") == 1
    assert await cache.desk.clear() == 1
    assert cache.held("b") is None
