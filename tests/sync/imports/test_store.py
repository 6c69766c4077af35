"""What is kept of files: so many of a profile, for so long."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.removals import Removal
from libs.common.db import Database, open_database
from libs.common.db.migrate import upgrade
from libs.common.deadline import Deadline
from services.sync.model import Owner
from services.sync.store.imports import MOST, Chunk, ImportStage, ImportStore, StoredImport

ADA, BEN = Owner("a1", "p1"), Owner("a1", "p2")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await upgrade(database_url, service="sync")
    database = await open_database(database_url, schema="sync", clock=SystemClock())
    yield database
    await database.aclose()


@pytest.fixture
def imports(database: Database) -> ImportStore:
    return ImportStore(database)


async def put(
    store: ImportStore, id_: str, state: ImportStage = "preview", owner: Owner = ADA, at: int = 0
) -> bool:
    held = StoredImport(id=id_, owner=owner, state=state, created_at=at, changed_at=at)
    if not await store.begin(held):
        return False
    await store.add_rows(id_, [Chunk(0, "watched", "[]")])
    return True


def removal(profile_id: str | None) -> Removal:
    return Removal(id="r", account_id="a1", profile_id=profile_id, at=SystemClock().now())


async def ids(store: ImportStore, owner: Owner = ADA) -> list[str]:
    return [held.id for held in await store.listed(owner)]


async def test_the_oldest_that_nobody_applied_makes_room(imports: ImportStore) -> None:
    assert await put(imports, "applied", "applied", at=0)
    for number in range(1, MOST + 2):
        assert await put(imports, f"i{number:02}", at=number)

    held = await ids(imports)

    assert len(held) == MOST
    assert held[-1] == "applied"
    assert not await imports.has_rows("i01")


async def test_where_all_are_applied_there_is_no_room(imports: ImportStore) -> None:
    for number in range(MOST):
        assert await put(imports, f"i{number:02}", "applied", at=number)

    assert not await put(imports, "one more")
    assert await put(imports, "of another", owner=BEN)


async def test_a_step_is_taken_once_and_by_its_owner_alone(imports: ImportStore) -> None:
    await put(imports, "i1")

    assert not await imports.move(BEN, "i1", ["preview"], "applying", at=1)
    assert await imports.move(ADA, "i1", ["preview"], "applying", at=1)
    assert not await imports.move(ADA, "i1", ["preview"], "applying", at=1)
    assert await imports.get(BEN, "i1") is None
    assert not await imports.drop(BEN, "i1", states=["applying"])


async def test_rows_that_were_looked_up_take_the_place_of_what_they_were(imports: ImportStore) -> None:
    await put(imports, "i1", "applying")
    await imports.add_rows("i1", [Chunk(1, "shows", "[1]"), Chunk(2, "shows", "[2]")])

    await imports.note(ADA, "i1", '{"unknown_shows":1}', Chunk(1, "watched", "[3]"))

    assert [chunk.body async for chunk in imports.chunks("i1", "shows")] == ["[2]"]
    assert [chunk.body async for chunk in imports.chunks("i1", "watched")] == ["[]", "[3]"]


async def test_what_nobody_applied_goes_with_age_and_of_what_is_applied_its_rows(
    imports: ImportStore,
) -> None:
    for state in ("reading", "preview", "applied", "undone", "applying"):
        await put(imports, state, state, at=10)
        await put(imports, f"new {state}", state, at=30)

    await imports.sweep(aged_before=20, read_before=20)

    assert sorted(await ids(imports)) == [
        "applied",
        "applying",
        "new applied",
        "new applying",
        "new preview",
        "new undone",
    ]
    assert not await imports.has_rows("applied")
    assert not await imports.has_rows("reading")
    assert await imports.has_rows("applying")
    assert await imports.has_rows("new reading")


async def test_a_profile_that_is_gone_leaves_nothing(imports: ImportStore, database: Database) -> None:
    await put(imports, "i1")
    await put(imports, "i2", owner=BEN)
    deadline = Deadline.after(SystemClock(), 5)

    await imports.forget_owner(removal("p1"), deadline)

    assert (await ids(imports), await ids(imports, BEN)) == ([], ["i2"])
    assert not await imports.has_rows("i1")
    await imports.forget_owner(removal(None), deadline)
    assert not await imports.has_rows("i2")
