"""What waits of a file of another hub: an account's, a few at a time, gone once it is taken in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.removals import Removal
from libs.common.db import Database, Value, open_database
from libs.common.db.migrate import upgrade
from libs.common.deadline import Deadline
from services.sync.model import Owner
from services.sync.store.imports import Chunk, ImportStage, ImportStore, StoredImport
from services.sync.store.moving import MovingStore

ADA, EVA = Owner("a1", ""), Owner("a2", "")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await upgrade(database_url, service="sync")
    database = await open_database(database_url, schema="sync", clock=SystemClock())
    yield database
    await database.aclose()


async def put(store: ImportStore, id_: str, state: ImportStage, *, at: int = 0) -> bool:
    held = StoredImport(id=id_, owner=ADA, state=state, created_at=at, changed_at=at)
    begun = await store.begin(held, most=2, spare=("preview", "applied"))
    if begun:
        await store.add_rows(id_, [Chunk(0, "links", "[]")])
    return begun


async def test_the_oldest_that_nobody_is_at_makes_room(database: Database) -> None:
    store = ImportStore(database)
    assert await put(store, "one", "applied")
    assert await put(store, "two", "preview", at=1)
    assert await put(store, "three", "applying", at=2)
    assert await put(store, "four", "applying", at=3)
    assert not await put(store, "five", "reading", at=4)
    assert [held.id for held in await store.listed(ADA)] == ["four", "three"]
    assert not await store.has_rows("one")


async def test_what_is_taken_in_is_no_longer_kept(database: Database) -> None:
    store = ImportStore(database)
    await put(store, "one", "applying")
    await store.end(EVA, "one", '{"taken":{}}', at=5)
    assert await store.has_rows("one")
    await store.end(ADA, "one", '{"taken":{}}', at=5)
    held = await store.get(ADA, "one")
    assert held is not None
    assert (held.state, held.told, held.changed_at) == ("applied", '{"taken":{}}', 5)
    assert not await store.has_rows("one")
    assert await store.get(EVA, "one") is None


async def test_it_goes_with_its_account_and_stays_with_a_profile(database: Database) -> None:
    store, deadline = ImportStore(database), Deadline.after(SystemClock(), 5)
    await put(store, "one", "preview")
    for profile_id, is_left in (("p1", True), (None, False)):
        gone = Removal(id="r", account_id="a1", profile_id=profile_id, at=SystemClock().now())
        await store.forget_owner(gone, deadline)
        assert await store.has_rows("one") is is_left


async def test_after_a_week_nothing_is_left_whatever_became_of_it(database: Database) -> None:
    store = ImportStore(database)
    await put(store, "one", "applying", at=1)
    await put(store, "two", "applied", at=9)
    await store.sweep(aged_before=5, read_before=5)
    assert [held.id for held in await store.listed(ADA)] == ["two"]
    assert not await store.has_rows("one")


async def test_a_network_is_put_where_none_was_told(database: Database) -> None:
    store = MovingStore(database)
    row: dict[str, Value] = {"account_id": "a1", "profile_id": "p1", "metered": True, "told_at": 5}
    found = [await store.put_network(row, look=look) for look in (True, False, False, True)]
    assert found == [True, True, False, False]
    assert [dict(told)["metered"] async for _, told in store.rows("a1")] == [True]
    assert [told async for told in store.rows("a2")] == []
