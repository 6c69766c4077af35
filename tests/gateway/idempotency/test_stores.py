"""Claims and kept answers, the same in memory and in Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.identity import Identity
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis
from services.gateway.idempotency.model import Change
from services.gateway.idempotency.redis import RedisStore
from services.gateway.idempotency.store import OVERHEAD_BYTES, MemoryStore, Store
from tests.fakes.clock import ManualClock
from tests.waiting import until

OWNER = Identity("acc1", "pro1", "premium", ("owner",))


def change(key: str = "k1", sent: bytes = b"{}", identity: Identity = OWNER) -> Change:
    return Change.of(identity, method="POST", raw_path="/api/v1/addons", key=key, sent=sent)


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore(SystemClock())
        return
    redis = make_redis(request.getfixturevalue("redis_url"))
    yield RedisStore(StateRedis(redis, SystemClock(), used_for="test"))
    await redis.aclose()


async def test_the_first_claims_and_others_find_it_busy(store: Store) -> None:
    assert await store.claim(change(), "a", 10) == "mine"
    assert await store.claim(change(), "b", 10) == "busy"


async def test_the_kept_answer_is_given_to_whoever_asks_again(store: Store) -> None:
    await store.claim(change(), "a", 10)
    await store.keep(change(), "a", b"answer \x00\xff", 60)
    assert await store.claim(change(), "b", 10) == b"answer \x00\xff"


@pytest.mark.parametrize("is_done", [False, True])
async def test_another_body_under_the_same_key_is_told_apart(store: Store, is_done: bool) -> None:
    await store.claim(change(), "a", 10)
    if is_done:
        await store.keep(change(), "a", b"answer", 60)
    assert await store.claim(change(sent=b"{ }"), "b", 10) == "other"


@pytest.mark.parametrize(
    "stranger",
    [Identity("acc2", "pro1", roles=("owner",)), Identity("acc1", "pro2", roles=("owner",))],
)
async def test_the_same_key_of_another_account_or_profile_is_another_change(
    store: Store, stranger: Identity
) -> None:
    await store.claim(change(), "a", 10)
    await store.keep(change(), "a", b"answer", 60)
    assert await store.claim(change(identity=stranger), "b", 10) == "mine"


async def test_who_lost_a_role_is_not_shown_what_it_was_answered(store: Store) -> None:
    await store.claim(change(), "a", 10)
    await store.keep(change(), "a", b"answer", 60)
    demoted = Identity("acc1", "pro1", "premium", ("member",))
    assert await store.claim(change(identity=demoted), "b", 10) == "mine"


async def test_a_released_claim_is_free_at_once(store: Store) -> None:
    await store.claim(change(), "a", 10)
    await store.release(change(), "b")
    assert await store.claim(change(), "b", 10) == "busy"
    await store.release(change(), "a")
    assert await store.claim(change(), "b", 10) == "mine"


async def test_a_release_does_not_take_a_kept_answer_away(store: Store) -> None:
    await store.claim(change(), "a", 10)
    await store.keep(change(), "a", b"answer", 60)
    await store.release(change(), "a")
    assert await store.claim(change(), "b", 10) == b"answer"


async def test_a_claim_that_nobody_renews_ends_by_itself(store: Store) -> None:
    await store.claim(change(), "a", 0.1)

    async def is_free() -> bool:
        return await store.claim(change(), "b", 10) == "mine"

    await until(is_free)


async def test_only_its_holder_renews_a_claim(store: Store) -> None:
    await store.claim(change(), "a", 0.2)
    await store.renew(change(), "a", 60)
    await store.renew(change(), "b", 0.001)
    assert await store.claim(change(), "c", 10) == "busy"


async def test_a_holder_that_was_given_up_does_not_overwrite_its_successor(store: Store) -> None:
    await store.claim(change(), "a", 10)
    await store.release(change(), "a")
    await store.claim(change(), "b", 10)
    await store.keep(change(), "a", b"late", 60)
    assert await store.claim(change(), "c", 10) == "busy"


async def test_an_answer_is_kept_even_if_its_claim_has_ended(store: Store) -> None:
    await store.keep(change(), "a", b"answer", 60)
    assert await store.claim(change(), "b", 10) == b"answer"


async def test_kept_answers_end(store: Store) -> None:
    await store.keep(change(), "a", b"answer", 0.05)

    async def is_free() -> bool:
        return await store.claim(change(), "b", 10) == "mine"

    await until(is_free)


async def test_memory_lets_the_oldest_answers_go(clock: ManualClock) -> None:
    store = MemoryStore(clock, max_bytes=3 * (OVERHEAD_BYTES + 1000))
    for number in range(10):
        await store.keep(change(f"k{number}"), "a", b"x" * 1000, 60)
    assert store.held_bytes <= 3 * (OVERHEAD_BYTES + 1000)
    assert await store.claim(change("k9"), "b", 10) == b"x" * 1000
    assert await store.claim(change("k0"), "b", 10) == "mine"


async def test_one_account_cannot_void_the_keys_of_another_in_memory(clock: ManualClock) -> None:
    each = OVERHEAD_BYTES + 1000
    store = MemoryStore(clock, max_bytes=4 * each, max_account_bytes=3 * each)
    neighbour = Identity("acc2", "pro2")
    assert await store.claim(change("claimed", identity=neighbour), "a", 10) == "mine"
    assert await store.keep(change("kept", identity=neighbour), "a", b"answer", 60)
    kept = [await store.keep(change(f"k{number}"), "a", b"x" * 1000, 60) for number in range(10)]
    assert kept == [True] * 3 + [False] * 7
    assert await store.claim(change("claimed", identity=neighbour), "b", 10) == "busy"
    assert await store.claim(change("kept", identity=neighbour), "b", 10) == b"answer"
    clock.advance(61)
    assert await store.keep(change("later"), "a", b"x" * 1000, 60)


async def test_claims_are_never_taken_away_to_make_room(clock: ManualClock) -> None:
    store = MemoryStore(clock, max_bytes=2 * OVERHEAD_BYTES)
    for number in range(10):
        await store.claim(change(f"k{number}"), "a", 10)
    await store.keep(change("k9"), "a", b"x", 60)
    assert [await store.claim(change(f"k{number}"), "b", 10) for number in range(9)] == ["busy"] * 9


async def test_one_account_cannot_fill_redis(redis_url: str) -> None:
    redis = make_redis(redis_url)
    store = RedisStore(StateRedis(redis, SystemClock(), used_for="test"), max_account_bytes=5000)
    for number in range(10):
        await store.claim(change(f"k{number}"), "a", 10)
        await store.keep(change(f"k{number}"), "a", b"x" * 1000, 60)
    neighbour = change("k1", identity=Identity("acc2", "pro2"))
    await store.keep(neighbour, "a", b"answer", 60)
    assert await store.claim(change("k0"), "b", 10) == b"x" * 1000
    assert await store.claim(change("k9"), "b", 10) == "mine"
    assert await store.claim(neighbour, "b", 10) == b"answer"
    assert len(await redis.keys("*")) < 8
    await redis.aclose()
