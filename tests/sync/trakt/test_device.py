"""A code is asked about by one replica at a time, as slowly as Trakt wants, until something comes of it."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.clock import SystemClock
from libs.common.deadline import Deadline
from libs.common.tasks import Tasks
from libs.protocols.trakt.errors import AppRefused, Unavailable
from services.sync.trakt.device import CLAIM_S
from services.sync.trakt.refusals import APP_REFUSED, TEXTS
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Person
from tests.sync.trakt.replicas import ADA, APP, BEN, Replica
from tests.waiting import until

POLLS = "POST /oauth/device/token"


async def test_a_code_that_is_entered_connects(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    held = await one.begin()
    clock.advance(5)
    await one.sign_ins.look()
    assert (await one.held()).state == "waiting"
    trakt.signing.approve(held.user_code, ada)
    clock.advance(5)
    await one.sign_ins.look()
    held = await one.held()
    assert (held.state, held.reason, held.user_code, held.sealed_code) == ("connected", "", "", None)
    assert [told.id for told in one.signed_in] == [held.id]
    token = await one.keeper.current(held)
    assert trakt.signing.whose(token.token) is not None


async def test_replicas_do_not_ask_about_a_code_twice(
    one: Replica, other: Replica, trakt: FakeTrakt, clock: ManualClock
) -> None:
    await one.begin()
    for polls in range(1, 4):
        clock.advance(5)
        await asyncio.gather(one.sign_ins.look(), other.sign_ins.look(), one.sign_ins.look())
        await asyncio.gather(one.sign_ins.look(), other.sign_ins.look())
        assert trakt.calls[POLLS] == polls


async def test_a_replica_that_ended_while_asking_is_followed_by_another(
    one: Replica, other: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    held = await one.begin()
    clock.advance(5)
    now = int(clock.time() * 1000)
    assert await one.codes.claim_poll(held, until=now + int(CLAIM_S * 1000))
    trakt.signing.approve(held.user_code, ada)
    await other.sign_ins.look()
    assert trakt.calls[POLLS] == 0
    clock.advance(CLAIM_S)
    await other.sign_ins.look()
    assert (await one.held()).state == "connected"


async def test_nothing_is_asked_between_two_polls(one: Replica, trakt: FakeTrakt, clock: ManualClock) -> None:
    assert await one.sign_ins.look() is None
    held = await one.begin()
    assert await one.sign_ins.look() == held.poll_at == pytest.approx(clock.time() * 1000 + 5_000, abs=100)
    assert trakt.calls[POLLS] == 0


async def test_trakt_may_slow_the_asking_down(one: Replica, trakt: FakeTrakt, clock: ManualClock) -> None:
    await one.begin()
    trakt.fail(429, on=POLLS, times=2)
    waits = list[float]()
    for _ in range(3):
        clock.advance((await one.held()).poll_at / 1000 - clock.time() + 0.001)
        await one.sign_ins.look()
        waits.append((await one.held()).poll_at / 1000 - clock.time())
    assert waits == pytest.approx([10, 20, 20], abs=0.1)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "code_unknown"),
        (409, "code_used"),
        (410, "code_expired"),
        (418, "code_denied"),
        (403, APP_REFUSED),
    ],
)
async def test_a_code_that_comes_to_nothing_says_why(
    one: Replica, trakt: FakeTrakt, clock: ManualClock, status: int, reason: str
) -> None:
    await one.begin()
    trakt.fail(status, on=POLLS)
    clock.advance(5)
    await one.sign_ins.look()
    held = await one.held()
    assert (held.state, held.reason, held.sealed_code, held.user_code) == ("refused", reason, None, "")
    assert len(TEXTS[reason]) > 40
    clock.advance(60)
    await one.sign_ins.look()
    assert trakt.calls[POLLS] == 1, "it is not asked about again"


async def test_a_user_who_declines_is_told_so(one: Replica, trakt: FakeTrakt, clock: ManualClock) -> None:
    held = await one.begin()
    trakt.signing.deny(held.user_code)
    clock.advance(5)
    await one.sign_ins.look()
    assert (await one.held()).reason == "code_denied"


async def test_a_code_ends_by_our_clock_though_trakt_cannot_be_asked(
    one: Replica, trakt: FakeTrakt, clock: ManualClock
) -> None:
    await one.begin()
    trakt.fail(503, on=POLLS, times=None)
    for _ in range(3):
        clock.advance(5)
        await one.sign_ins.look()
        assert (await one.held()).state == "waiting"
    clock.advance(trakt.signing.code_lives_s)
    await one.sign_ins.look()
    assert (await one.held()).reason == "code_expired"


async def test_beginning_anew_leaves_nothing_of_the_code_before(
    one: Replica, other: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    former = await one.begin()
    clock.advance(5)
    latter = await other.begin()
    assert former.user_code != latter.user_code
    trakt.signing.approve(former.user_code, ada)
    await one.sign_ins._poll(former)
    assert (await one.held()).state == "waiting"
    assert trakt.signing.sign_ins[-1].revoked, "what came of the former code is of no use to anybody"
    trakt.signing.approve(latter.user_code, ada)
    clock.advance(5)
    await one.sign_ins.look()
    assert (await one.held()).state == "connected"


async def test_who_signs_in_again_is_known_as_connected_before(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    for _ in range(2):
        held = await one.begin()
        trakt.signing.approve(held.user_code, ada)
        clock.advance(5)
        await one.sign_ins.look()
        await one.keeper.refuse(await one.held(), APP_REFUSED)
    assert [told.connected_at is not None for told in one.signed_in] == [False, True]


async def test_a_profile_that_is_connected_begins_nothing(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    await one.connect(trakt, ada)
    assert not await one.sign_ins.begin(ADA, APP, deadline=Deadline.after(clock, 10))
    assert (await one.held()).state == "connected"
    assert (await one.begin(BEN)).state == "waiting"


async def test_without_a_code_nothing_is_stored(one: Replica, trakt: FakeTrakt, clock: ManualClock) -> None:
    trakt.signing.apps.clear()
    with pytest.raises(AppRefused):
        await one.sign_ins.begin(ADA, APP, deadline=Deadline.after(clock, 10))
    trakt.fail(503, on="POST /oauth/device/code")
    with pytest.raises(Unavailable):
        await one.sign_ins.begin(ADA, APP, deadline=Deadline.after(clock, 10))
    assert await one.store.of(ADA) is None


async def test_what_trakt_says_of_times_and_addresses_is_bounded(
    one: Replica, trakt: FakeTrakt, clock: ManualClock
) -> None:
    trakt.fail(
        200,
        on="POST /oauth/device/code",
        body=b'{"device_code":"d","user_code":"C","verification_url":"javascript:alert(1)",'
        b'"expires_in":999999999,"interval":-3}',
    )
    held = await one.begin()
    assert held.verification_url == "https://trakt.tv/activate"
    assert held.code_ends_at - clock.time() * 1000 <= 3_600_000
    assert held.poll_every_ms == 5_000


async def test_codes_are_asked_about_for_as_long_as_the_process_lives(
    live: tuple[FakeTrakt, Replica, Replica],
) -> None:
    trakt, one, other = live
    trakt.signing.interval_s = 1
    tasks = Tasks()
    tasks.spawn("codes", other.sign_ins.looks.run())
    tasks.spawn("codes", one.sign_ins.looks.run())
    held = await one.begin()
    trakt.signing.approve(held.user_code, trakt.person("ada"))

    async def connected() -> bool:
        return (await one.held()).state == "connected"

    await until(connected)
    await tasks.aclose()
    assert isinstance(one.clock, SystemClock)
    assert trakt.calls[POLLS] == 1
