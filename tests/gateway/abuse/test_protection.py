"""Decisions from signals, alone and shared through a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from ipaddress import ip_network

import pytest
from structlog.testing import capture_logs

from libs.common.errors import InvalidInput, NotFound
from libs.common.metrics import Metrics
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis
from libs.common.tasks import Tasks
from services.gateway.abuse.judge import BATCH_S
from services.gateway.abuse.model import MOST_ALLOWED, CannotBlock, FixedNetwork, ListFull, Mode
from services.gateway.abuse.protection import LOOK_S, Protection
from services.gateway.abuse.redis_store import RedisDecisions
from services.gateway.abuse.scenarios import BLOCK_S, GUESSING, SCANNERS_POINTS, SCANNING, Signal
from services.gateway.errors import Blocked
from tests.fakes.clock import ManualClock
from tests.servers import RedisServer
from tests.waiting import until

STRANGER = "203.0.113.7"
SCAN = Signal(SCANNING, SCANNERS_POINTS)
Make = Callable[..., Protection]


@pytest.fixture
async def make(clock: ManualClock) -> AsyncIterator[Make]:
    """Makes the protection of one gateway, with the store of the given Redis or its own memory."""
    async with AsyncExitStack() as stack:

        def one(redis_url: str = "", *, mode: Mode = "on") -> Protection:
            tasks = Tasks()
            shared = None
            if redis_url:
                redis = make_redis(redis_url)
                stack.push_async_callback(redis.aclose)
                shared = RedisDecisions(StateRedis(redis, clock, used_for="test"), clock)
            stack.push_async_callback(tasks.aclose)
            return Protection(
                mode=mode,
                exempt=[ip_network("127.0.0.0/8"), ip_network("198.51.100.1/32")],
                clock=clock,
                tasks=tasks,
                metrics=Metrics("gateway", clock=clock),
                shared=shared,
            )

        yield one


def is_blocked(protection: Protection, address: str = STRANGER) -> bool:
    try:
        protection.check(address)
    except Blocked:
        return True
    return False


async def scan(
    protection: Protection, clock: ManualClock, address: str = STRANGER, *, times: int = 5
) -> None:
    for _ in range(times):
        protection.note(address, SCAN)
    await clock.advance_and_settle(BATCH_S)


async def blocked_soon(protection: Protection, clock: ManualClock, *, wanted: bool = True) -> None:
    """Time passes until this gateway has heard; far less than a second on its clock."""
    started = clock.monotonic()

    async def heard() -> bool:
        await protection.look()
        return is_blocked(protection) is wanted

    await until(heard)
    assert clock.monotonic() - started < 1


async def test_a_scanner_is_blocked_and_its_neighbours_are_not(make: Make, clock: ManualClock) -> None:
    protection = make()
    await scan(protection, clock)

    assert is_blocked(protection)
    assert not is_blocked(protection, "203.0.113.8")
    (block,) = protection.blocks()
    assert (block.network, block.scope, block.scenario) == (STRANGER, "address", "path_scanning")
    with pytest.raises(Blocked) as refused:
        protection.check(STRANGER)
    assert refused.value.retry_after_s == pytest.approx(BLOCK_S, abs=1)


async def test_four_misses_in_a_minute_are_nobodys_fault(make: Make, clock: ManualClock) -> None:
    protection = make()
    for _ in range(100):
        await scan(protection, clock, times=1)
        clock.advance(SCANNERS_POINTS / SCANNING.leak_per_s)
    assert protection.blocks() == []


async def test_a_block_ends_by_itself_and_the_next_lasts_twice_as_long(
    make: Make, clock: ManualClock
) -> None:
    protection = make()
    await scan(protection, clock)
    clock.advance(BLOCK_S)
    assert not is_blocked(protection)
    assert protection.blocks() == []

    await scan(protection, clock)
    clock.advance(BLOCK_S + 1)
    assert is_blocked(protection)
    clock.advance(BLOCK_S)
    assert not is_blocked(protection)


async def test_many_addresses_of_one_network_block_the_network(make: Make, clock: ManualClock) -> None:
    protection = make()
    for last in range(1, 20):
        await scan(protection, clock, f"203.0.113.{last}", times=1)
    assert [block.network for block in protection.blocks()] == ["203.0.113.0/24"]
    assert is_blocked(protection, "203.0.113.200")


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "redis"])
async def test_one_address_that_scans_faster_than_it_is_judged_blocks_only_itself(
    make: Make, clock: ManualClock, redis_url: str, shared: bool
) -> None:
    protection = make(redis_url if shared else "")
    for _ in range(100):
        protection.note(STRANGER, SCAN)

    async def judged() -> bool:
        await clock.advance_and_settle(BATCH_S)
        return is_blocked(protection)

    await until(judged)
    assert [block.network for block in protection.blocks()] == [STRANGER]
    assert not is_blocked(protection, "203.0.113.8")


async def test_an_ipv6_household_is_one_address(make: Make, clock: ManualClock) -> None:
    protection = make()
    for last in range(1, 6):
        await scan(protection, clock, f"2001:db8::{last}", times=1)
    (block,) = protection.blocks()
    assert (block.network, block.scope) == ("2001:db8::/64", "address")
    assert is_blocked(protection, "2001:db8::ffff")


async def test_one_old_token_asked_for_a_hundred_times_is_one_guess(make: Make, clock: ManualClock) -> None:
    protection = make()
    for _ in range(100):
        protection.note(STRANGER, Signal(GUESSING, 1.0, "old"))
    await clock.advance_and_settle(BATCH_S)
    assert protection.blocks() == []
    for number in range(30):
        protection.note(STRANGER, Signal(GUESSING, 1.0, f"guess {number}"))
    await clock.advance_and_settle(BATCH_S)
    assert is_blocked(protection)


@pytest.mark.parametrize("address", ["127.0.0.1", "198.51.100.1", "", "::ffff:127.0.0.1"])
async def test_who_is_exempt_is_never_blocked(make: Make, clock: ManualClock, address: str) -> None:
    protection = make()
    await scan(protection, clock, address, times=1000)
    assert protection.blocks() == []
    assert not is_blocked(protection, address)


async def test_observing_lists_and_refuses_nobody(make: Make, clock: ManualClock) -> None:
    protection = make(mode="observe")
    with capture_logs() as lines:
        await scan(protection, clock)
    assert not is_blocked(protection)
    assert [block.network for block in protection.blocks()] == [STRANGER]
    assert [line["event"] for line in lines] == ["abuse_would_block"]


async def test_switched_off_it_counts_nothing(make: Make, clock: ManualClock) -> None:
    protection = make(mode="off")
    await scan(protection, clock)
    assert protection.blocks() == []


async def test_an_administrator_blocks_and_revokes(make: Make) -> None:
    protection = make()
    block = await protection.block("203.0.113.99/24", reason="noise", expires_in_s=60, made_by="acc1")
    assert (block.network, block.scope, block.scenario) == ("203.0.113.0/24", "network", "manual")
    assert is_blocked(protection)
    assert (await protection.revoke(block.id)).network == block.network
    assert not is_blocked(protection)
    with pytest.raises(NotFound):
        await protection.revoke(block.id)


@pytest.mark.parametrize("network", ["127.0.0.1", "198.51.100.0/24", "0.0.0.0/0", "::/0", "192.0.2.0/24"])
async def test_what_would_hurt_the_hub_or_the_asker_is_not_blocked(make: Make, network: str) -> None:
    with pytest.raises(CannotBlock):
        await make().block(network, reason="", expires_in_s=60, made_by="acc1", asked_from="192.0.2.9")


async def test_what_is_no_network_is_told_to_be_none(make: Make) -> None:
    with pytest.raises(InvalidInput):
        await make().block("example.org", reason="", expires_in_s=60, made_by="acc1")


async def test_allowing_a_network_ends_its_blocks(make: Make, clock: ManualClock) -> None:
    protection = make()
    await scan(protection, clock)
    allowed = await protection.allow("203.0.113.0/24", reason="office", made_by="acc1")
    assert not is_blocked(protection)
    await protection.disallow(allowed.id)
    assert is_blocked(protection)
    with pytest.raises(NotFound):
        await protection.disallow(allowed.id)


async def test_what_the_settings_allow_only_the_settings_end(make: Make) -> None:
    protection = make()
    fixed = [one for one in protection.allowed() if one.fixed]
    assert [one.network for one in fixed] == ["127.0.0.0/8", "198.51.100.1"]
    with pytest.raises(FixedNetwork):
        await protection.disallow(fixed[0].id)


async def test_a_decision_at_one_gateway_holds_at_the_other(
    make: Make, clock: ManualClock, redis_url: str
) -> None:
    one, other = make(redis_url), make(redis_url)
    await one.start()
    for _ in range(5):
        one.note(STRANGER, SCAN)
    await clock.advance_and_settle(BATCH_S)
    await blocked_soon(one, clock)
    await blocked_soon(other, clock)

    await other.revoke(other.blocks()[0].id)
    await blocked_soon(one, clock, wanted=False)
    assert BATCH_S + LOOK_S * 1.1 < 1


async def test_scores_of_all_gateways_add_up(make: Make, clock: ManualClock, redis_url: str) -> None:
    one, other = make(redis_url), make(redis_url)
    for protection in (one, other, one, other, one):
        protection.note(STRANGER, SCAN)
    await clock.advance_and_settle(BATCH_S)
    await blocked_soon(one, clock)


async def test_a_block_outlives_the_gateway_that_made_it(
    make: Make, clock: ManualClock, redis_url: str
) -> None:
    await make(redis_url).block(STRANGER, reason="", expires_in_s=60, made_by="acc1")
    later = make(redis_url)
    await later.start()
    assert is_blocked(later)


async def test_without_redis_a_gateway_goes_on_alone_and_tells_later(
    make: Make, clock: ManualClock, redis_server: RedisServer, redis_url: str
) -> None:
    one, other = make(redis_url), make(redis_url)
    await one.block("203.0.113.50", reason="", expires_in_s=6000, made_by="acc1")
    redis_server.kill()
    try:
        for _ in range(5):
            one.note(STRANGER, SCAN)
        await clock.advance_and_settle(BATCH_S)

        async def decided_alone() -> bool:
            return is_blocked(one)

        await until(decided_alone)
    finally:
        redis_server.start()
    clock.advance(2)
    await one.look()
    await blocked_soon(other, clock)
    assert {block.network for block in other.blocks()} == {STRANGER, "203.0.113.50"}


async def test_every_key_is_on_one_node_of_a_redis_cluster(
    make: Make, clock: ManualClock, redis_url: str
) -> None:
    one = make(redis_url)
    await scan(one, clock)
    await blocked_soon(one, clock)
    await one.allow("192.0.2.0/24", reason="", made_by="acc")
    async with make_redis(redis_url) as redis:
        keys = await redis.keys()
    assert len(keys) >= 4
    assert all(b"{abuse}" in key for key in keys)


async def test_a_batch_of_decisions_is_read_back_once(make: Make, clock: ManualClock, redis_url: str) -> None:
    one = make(redis_url)
    async with make_redis(redis_url) as redis:
        await redis.config_resetstat()
        for number in range(20):
            for _ in range(5):
                one.note(f"203.{number}.113.7", SCAN)
        await clock.advance_and_settle(BATCH_S)

        async def all_decided() -> bool:
            return len(one.blocks()) == 20

        await until(all_decided)
        await one.look()
        stats = await redis.info("commandstats")
    assert stats["cmdstat_hset"]["calls"] >= 20
    assert stats["cmdstat_hgetall"]["calls"] <= 4, "two hashes, after the batch and at most once more"


async def test_only_the_newest_change_of_a_network_is_told_when_redis_is_back(
    make: Make, clock: ManualClock, redis_server: RedisServer, redis_url: str
) -> None:
    one = make(redis_url)
    redis_server.kill()
    try:
        for _ in range(3):
            block = await one.block(STRANGER, reason="", expires_in_s=3600, made_by="acc1")
            await one.revoke(block.id)
    finally:
        redis_server.start()
    clock.advance(2)
    await one.look()
    async with make_redis(redis_url) as redis:
        stats = await redis.info("commandstats")
    assert stats["cmdstat_hdel"]["calls"] == 1
    assert "cmdstat_hset" not in stats


async def test_a_list_of_allowed_networks_ends_somewhere_and_says_so(make: Make) -> None:
    protection = make()
    for number in range(MOST_ALLOWED):
        await protection.allow(f"10.{number // 250}.{number % 250}.0/24", reason="", made_by="acc1")
    with pytest.raises(ListFull):
        await protection.allow(STRANGER, reason="", made_by="acc1")
    await protection.disallow(protection.allowed()[-1].id)
    assert await protection.allow(STRANGER, reason="", made_by="acc1")
