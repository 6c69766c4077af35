"""Tokens are renewed once, kept before they are used, and never lost by anybody's leaving."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.db import DatabaseUnavailable
from libs.common.tasks import Tasks
from libs.protocols.trakt.client import TraktClient
from libs.protocols.trakt.errors import Unauthorized, Unavailable
from libs.protocols.trakt.wire import Tokens
from services.sync.trakt.refusals import APP_REFUSED, SIGNED_OUT, UNREADABLE, Refusal
from services.sync.trakt.tokens import AGAIN_S, LEASE_S, MARGIN_S
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Person
from tests.sync.trakt.replicas import ADA, BEN, Replica
from tests.waiting import until

DAY_S = 24 * 3600


async def test_of_200_needs_on_two_replicas_one_renews(live: tuple[FakeTrakt, Replica, Replica]) -> None:
    trakt, one, other = live
    await one.connect(trakt, trakt.person("ada"))
    held = await one.spend()
    needs = [replica.access.client(ADA) for _ in range(100) for replica in (one, other)]
    clients = await asyncio.gather(*needs)
    assert trakt.signing.refreshes == 1
    assert all(isinstance(client, TraktClient) for client in clients)
    assert (await one.keeper.current(await one.held())).token == trakt.signing.sign_ins[-1].access
    assert (await other.held()).generation == held.generation + 1


async def test_tokens_are_not_renewed_before_it_is_time(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    trakt.signing.lives_s = DAY_S
    held = await one.connect(trakt, ada)
    clock.advance(DAY_S - MARGIN_S - 1)
    await one.keeper.current(held)
    assert trakt.signing.refreshes == 0
    clock.advance(2)
    await one.keeper.current(held)
    assert trakt.signing.refreshes == 1


async def test_tokens_of_a_short_life_are_used_for_most_of_it(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    trakt.signing.lives_s = 300
    await one.connect(trakt, ada)
    for _ in range(10):
        await one.keeper.current(await one.held())
        clock.advance(30)
    assert trakt.signing.refreshes <= 1


async def test_whoever_asks_may_leave_and_the_pair_is_kept(
    live: tuple[FakeTrakt, Replica, Replica],
) -> None:
    trakt, one, _ = live
    await one.connect(trakt, trakt.person("ada"))
    held = await one.spend()
    tasks = Tasks()
    need = tasks.spawn("need", one.keeper.current(held))
    await asyncio.sleep(0)
    await tasks.aclose()
    assert need.cancelled()

    async def kept() -> bool:
        return (await one.held()).generation == held.generation + 1

    await until(kept)
    assert trakt.signing.refreshes == 1


async def test_a_process_that_ended_with_the_lease_holds_nobody_up_for_long(
    one: Replica, other: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    held = await one.connect(trakt, ada)
    clock.advance(trakt.signing.lives_s)
    now = int(clock.time() * 1000)
    assert await one.store.take_lease(held, "gone", now=now, until=now + int(LEASE_S * 1000))
    clock.advance(LEASE_S + 1)
    await other.keeper.current(held)
    assert trakt.signing.refreshes == 1


async def test_while_trakt_is_down_the_old_token_is_used_to_its_end(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    held = await one.connect(trakt, ada)
    clock.advance(trakt.signing.lives_s - MARGIN_S / 2)
    fault = trakt.fail(503, on="POST /oauth/token", times=None)
    await one.keeper.current(held)
    await one.keeper.current(await one.held())
    assert fault.shown == 1, "it is not asked again at once"
    clock.advance(MARGIN_S)
    with pytest.raises(Unavailable):
        await one.keeper.current(await one.held())
    trakt.heal()
    clock.advance(AGAIN_S + 1)
    await one.keeper.current(await one.held())
    assert (await one.held()).state == "connected"


async def test_a_pair_that_was_lost_on_its_way_asks_the_owner_to_connect_again(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    held = await one.connect(trakt, ada)
    clock.advance(trakt.signing.lives_s)
    trakt.fail(0, on="POST /oauth/token", acted=True)
    with pytest.raises(Unavailable):
        await one.keeper.current(held)
    clock.advance(AGAIN_S + 1)
    refusal = await one.access.client(ADA)
    assert isinstance(refusal, Refusal)
    assert refusal.code == SIGNED_OUT
    assert "Connect again" in refusal.text
    assert (await one.held()).sealed_tokens is None


async def test_an_application_that_was_taken_away_keeps_the_tokens_for_another_try(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    await one.connect(trakt, ada)
    clock.advance(trakt.signing.lives_s)
    trakt.signing.removed.add("client-1")
    assert await one.access.client(ADA) == Refusal(APP_REFUSED)
    asked = trakt.signing.refreshes, sum(trakt.calls.values())
    assert await one.access.client(ADA) == Refusal(APP_REFUSED)
    assert (trakt.signing.refreshes, sum(trakt.calls.values())) == asked, "it is not asked again by itself"
    trakt.signing.removed.clear()
    assert await one.store.resume(ADA)
    assert not isinstance(await one.access.client(ADA), Refusal)


async def test_a_token_that_came_after_disconnecting_is_revoked(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    held = await one.connect(trakt, ada)
    clock.advance(trakt.signing.lives_s)
    assert await one.store.take_lease(held, "mine", now=1, until=1)
    await one.store.leave(ADA, until=0)
    with pytest.raises(Unauthorized):
        await one.keeper._renew(held, "mine", spent=False)
    assert trakt.signing.sign_ins[-1].revoked


async def test_what_is_sealed_for_one_profile_does_not_open_for_another(
    one: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    await one.connect(trakt, ada)
    await one.connect(trakt, trakt.person("ben"), BEN)
    await one.database.execute(
        "UPDATE trakt_connections SET sealed_tokens = (SELECT sealed_tokens FROM trakt_connections"
        " WHERE profile_id = :ada) WHERE profile_id = :ben",
        ada=ADA.profile_id,
        ben=BEN.profile_id,
    )
    refusal = await one.access.client(BEN)
    assert refusal == Refusal(UNREADABLE)
    assert not isinstance(await one.access.client(ADA), Refusal)


async def test_a_pair_waits_for_a_database_that_is_away(
    live: tuple[FakeTrakt, Replica, Replica],
) -> None:
    trakt, one, _ = live
    held = await one.connect(trakt, trakt.person("ada"))
    tries = 0

    async def kept() -> bool:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise DatabaseUnavailable("away")
        return True

    assert await one.keeper.write(held, kept)
    assert tries == 3


@pytest.mark.parametrize("said_s", [-5, 0, 10**18])
async def test_a_life_that_cannot_be_is_bounded(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock, said_s: int
) -> None:
    held = await one.connect(trakt, ada)
    said = Tokens(access_token="a", refresh_token="r", expires_in=said_s, created_at=0)
    pair = one.keeper.kept(held, said)
    assert 54_000 <= pair.refresh_at - int(clock.time() * 1000) < 400 * DAY_S * 1000
    assert await one.store.renewed(held, pair)
