"""Disconnecting comes to its end whatever happens on the way, on both engines."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from libs.common.contracts.connections import NewTrakt
from libs.common.contracts.removals import Removal
from libs.common.db import DatabaseUnavailable
from libs.common.deadline import Deadline
from libs.common.errors import RateLimited
from services.sync.model import JobRun
from services.sync.outgoing_model import NewOutgoing, Thing
from services.sync.sign_ins import AT_ONCE, SignInLimit
from services.sync.store.budgets import BudgetStore
from services.sync.store.connections import Connection
from services.sync.store.outgoing import OutgoingStore
from services.sync.store.standing import StandingStore
from services.sync.trakt.connections import LEAVING_S, TraktConnections
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Person
from tests.sync.trakt.replicas import ADA, APP, BEN, Replica

FILM = Thing(type="movie", scheme="imdb", id="tt0000001")


@dataclass
class Leaving:
    """What forgets, and fails as often as a test wants."""

    failing: int = 0
    left: list[str] = field(default_factory=list)

    async def __call__(self, gone: Connection) -> None:
        if self.failing:
            self.failing -= 1
            raise DatabaseUnavailable("away")
        self.left.append(gone.id)


async def _none(_: Connection) -> JobRun | None:
    return None


async def _never(_: Connection) -> JobRun:
    raise AssertionError


def _connections(one: Replica, leaving: Leaving) -> TraktConnections:
    return TraktConnections(
        one.store,
        one.sign_ins,
        one.keeper,
        one.sealing,
        start=_never,
        running=_none,
        left=[leaving],
        limit=SignInLimit(BudgetStore(one.database), one.clock),
        clock=one.clock,
    )


def _within(one: Replica) -> Deadline:
    return Deadline.after(one.clock, 10)


async def test_what_broke_off_is_ended_by_another_replica_with_the_tokens_revoked(
    one: Replica, other: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    held, leaving = await one.connect(trakt, ada), Leaving(failing=1)
    with pytest.raises(DatabaseUnavailable):
        await _connections(one, leaving).disconnect(ADA, deadline=_within(one))
    assert await one.store.of(ADA) is None, "for its owner it is gone"
    assert not trakt.signing.sign_ins[-1].revoked
    sweeping = _connections(other, leaving)
    await sweeping.sweep()
    assert not leaving.left, "whoever began it may still be at it"
    clock.advance(LEAVING_S + 1)
    await sweeping.sweep()
    await sweeping.sweep()
    assert leaving.left == [held.id]
    assert trakt.signing.sign_ins[-1].revoked
    assert await one.store.get(held.id) is None


async def test_who_connects_anew_ends_what_broke_off_first(
    one: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    held, leaving = await one.connect(trakt, ada), Leaving(failing=1)
    connections = _connections(one, leaving)
    with pytest.raises(DatabaseUnavailable):
        await connections.disconnect(ADA, deadline=_within(one))
    assert (await StandingStore(one.database).connections(10)).in_all == 0
    wanted = NewTrakt(client_id=APP.client_id, client_secret=APP.client_secret)
    view = await connections.connect(ADA, wanted, deadline=_within(one))
    assert view.state == "waiting"
    assert leaving.left == [held.id]
    assert trakt.signing.sign_ins[-1].revoked


async def test_codes_are_for_a_few_times_an_account(one: Replica, trakt: FakeTrakt) -> None:
    connections, wanted = _connections(one, Leaving()), NewTrakt(client_id=APP.client_id)
    for _ in range(AT_ONCE):
        await connections.connect(ADA, wanted, deadline=_within(one))
    with pytest.raises(RateLimited):
        await connections.connect(BEN, wanted, deadline=_within(one))


async def test_a_removal_that_is_told_again_ends_what_broke_off(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    await one.connect(trakt, ada, BEN)
    held, leaving = await one.connect(trakt, ada), Leaving(failing=1)
    connections = _connections(one, leaving)
    removal = Removal(id="r1", account_id=ADA.account_id, profile_id=ADA.profile_id, at=clock.now())
    with pytest.raises(DatabaseUnavailable):
        await connections.forget_owner(removal, _within(one))
    await connections.forget_owner(removal, _within(one))
    assert leaving.left == [held.id]
    assert await one.store.get(held.id) is None
    assert await one.store.of(BEN) is not None


async def test_what_waits_for_a_newer_connection_is_not_forgotten_with_the_older(
    one: Replica, trakt: FakeTrakt, ada: Person
) -> None:
    held, store = await one.connect(trakt, ada), OutgoingStore(one.database)
    await store.take([NewOutgoing(owner=ADA, seq=1, at=1, kind="play", thing=FILM, share=0.95)], 1)
    await store.forget(ADA, ended="older")
    assert await store.head(ADA) is not None
    await store.forget(ADA, ended=held.id)
    assert await store.head(ADA) is None
