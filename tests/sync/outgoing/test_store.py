"""Rows of what is to reach Trakt: bounds, leases, and what is known to stand there, on both engines."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.db import Database
from services.sync import outgoing_model
from services.sync.outgoing_model import Kind, NewOutgoing, Outgoing, Thing
from services.sync.store import outgoing
from services.sync.store.outgoing import OutgoingStore
from services.sync.store.outgoing_senders import SenderStore
from tests.sync.outgoing.telling import ADA, BOB

FILM = Thing(type="movie", scheme="imdb", id="tt0000001")
NOW = 1_800_000_000_000


def new(seq: int, kind: Kind = "play", number: int = 1, at: int = NOW) -> NewOutgoing:
    thing = Thing(type="movie", scheme="imdb", id=f"tt{number:07}")
    return NewOutgoing(owner=ADA, seq=seq, at=at + seq, kind=kind, thing=thing, share=0.95)


async def _head(store: OutgoingStore) -> Outgoing:
    one = await store.head(ADA)
    assert one is not None
    return one


async def test_an_event_is_kept_once_and_a_number_that_is_used_again_is_another(database: Database) -> None:
    store = OutgoingStore(database)
    assert await store.take([new(1)], NOW) == 1
    assert await store.take([new(1)], NOW) == 0
    await store.end(await _head(store), NOW)
    assert await store.take([new(1)], NOW) == 0
    assert await store.take([new(1, at=NOW + 5)], NOW) == 1


async def test_what_is_done_is_forgotten_after_a_while(database: Database) -> None:
    store = OutgoingStore(database)
    await store.take([new(1), new(2)], NOW)
    await store.end(await _head(store), NOW)
    assert await store.forget_done(NOW + 1) == 1
    assert (await store.queue(ADA)).waiting == 1


async def test_too_much_loses_its_oldest_and_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "MAX_WAITING", 3)
    monkeypatch.setattr(outgoing, "MAX_DEAD", 2)
    store = OutgoingStore(database)
    await store.take([new(seq, number=seq) for seq in range(1, 6)], NOW)
    queue = await store.queue(ADA)
    assert (queue.waiting, queue.dropped) == (3, 2)
    assert (await _head(store)).seq == 3
    for _ in range(3):
        await store.bury(await _head(store), "no", NOW)
    assert [one.seq for one in await store.dead(ADA, 10)] == [5, 4]
    assert (await store.queue(ADA)).dropped == 3
    assert outgoing_model.MAX_WAITING > 3


async def test_one_of_many_takes_the_lease_and_another_once_it_has_ended(database: Database) -> None:
    store, senders = OutgoingStore(database), SenderStore(database)
    await store.take([new(1)], NOW)
    assert await senders.due(NOW, 10) == [ADA]
    taken = await asyncio.gather(*(senders.claim(ADA, f"s{n}", NOW, NOW + 100) for n in range(8)))
    assert sum(taken) == 1
    assert not await senders.due(NOW + 99, 10)
    assert await senders.claim(ADA, "next", NOW + 100, NOW + 200)
    assert not await senders.renew(ADA, f"s{taken.index(True)}", NOW + 300)


async def test_nothing_is_begun_without_the_lease(database: Database) -> None:
    store, senders = OutgoingStore(database), SenderStore(database)
    await store.take([new(1)], NOW)
    one = await _head(store)
    assert not await store.begin(one, "me", NOW)
    await senders.claim(ADA, "me", NOW, NOW + 100)
    assert not await store.begin(one, "other", NOW)
    assert not await store.begin(one, "me", NOW + 100)
    assert await store.begin(one, "me", NOW + 1)
    assert (await _head(store)).state == "sending"


async def test_what_rests_is_not_due_before_its_time(database: Database) -> None:
    store, senders = OutgoingStore(database), SenderStore(database)
    await store.take([new(1)], NOW)
    await senders.put_off(ADA, NOW + 500, failures=2, reason="Trakt answered 503.")
    assert not await senders.due(NOW + 499, 10)
    assert (await store.queue(ADA)).reason == "Trakt answered 503."
    await senders.go_on(ADA)
    assert await senders.due(NOW, 10) == [ADA]
    assert await senders.failures(ADA) == 0


async def test_plays_that_were_taken_away_since_are_not_known_of(database: Database) -> None:
    store = OutgoingStore(database)
    await store.take([new(1), new(2, at=NOW + 10)], NOW)
    for _ in range(2):
        one = await _head(store)
        await store.end(one, NOW, landed_at=one.at)
    await store.take([new(3, "unmark")], NOW)
    await store.end(await _head(store), NOW)
    await store.take([new(4, at=NOW + 20), new(5, at=NOW + 30)], NOW)
    first = await _head(store)
    await store.end(first, NOW, landed_at=first.at)
    assert await store.landed(await _head(store), NOW, NOW + 1000) == 1


async def test_what_is_of_one_profile_is_nobody_elses(database: Database) -> None:
    store = OutgoingStore(database)
    await store.take([new(1)], NOW)
    one = await _head(store)
    await store.bury(one, "no", NOW)
    assert not await store.resend(BOB, one.id)
    assert not await store.drop(BOB, one.id, NOW)
    assert not await store.dead(BOB, 10)
    assert (await store.queue(BOB)).dead == 0
    await store.forget(BOB, ended="")
    assert (await store.queue(ADA)).dead == 1
