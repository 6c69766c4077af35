"""The same calls give the same results, and the same errors, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.common.db import ConstraintViolation, Database, UniqueViolation, Value, open_database
from libs.common.errors import InvalidInput
from tests.fakes.clock import ManualClock


@pytest.fixture
async def db(database_url: str, clock: ManualClock) -> AsyncIterator[Database]:
    database = await open_database(database_url, schema="public", clock=clock)
    blob = "BLOB" if database.dialect == "sqlite" else "BYTEA"
    await database.execute(
        "CREATE TABLE films"
        f" (id TEXT PRIMARY KEY, name TEXT NOT NULL, at BIGINT, seen BOOLEAN, poster {blob})"
    )
    yield database
    await database.aclose()


async def add(db: Database, id_: str, name: str = "Nosferatu") -> int:
    return await db.execute("INSERT INTO films (id, name) VALUES (:id, :name)", id=id_, name=name)


async def count(db: Database) -> int:
    row = await db.fetch_one("SELECT count(*) AS n FROM films")
    assert row is not None
    return int(row["n"])


async def test_every_kind_of_value_comes_back_as_it_went_in(db: Database) -> None:
    await db.execute(
        "INSERT INTO films VALUES (:id, :name, :at, :seen, :poster)",
        id="tt1",
        name="Metropolis ☃ ':x'",
        at=1_800_000_000_123,
        seen=True,
        poster=b"\x00\xff",
    )
    row = await db.fetch_one("SELECT * FROM films WHERE id=:id AND seen", id="tt1")
    assert row is not None
    assert (row["name"], row["at"], bool(row["seen"])) == ("Metropolis ☃ ':x'", 1_800_000_000_123, True)
    assert row["poster"] == b"\x00\xff"
    assert list(row.keys()) == ["id", "name", "at", "seen", "poster"]
    assert dict(row)["id"] == "tt1"


async def test_a_nul_in_a_text_is_the_askers_fault_on_both_engines(db: Database) -> None:
    with pytest.raises(InvalidInput):
        await add(db, "tt\0")
    with pytest.raises(InvalidInput):
        await db.fetch_one("SELECT * FROM films WHERE id=:id", id="\0")
    assert await count(db) == 0


async def test_execute_tells_how_many_rows_it_touched(db: Database) -> None:
    assert await add(db, "tt1") == 1
    assert await add(db, "tt2") == 1
    assert await db.execute("UPDATE films SET name=:name", name="M") == 2
    assert await db.execute("DELETE FROM films WHERE id=:id", id="tt9") == 0
    assert await db.execute("DELETE FROM films WHERE id=:id RETURNING id", id="tt1") == 1
    assert await count(db) == 1


async def test_an_insert_that_returns_is_durable_at_once(db: Database) -> None:
    row = await db.fetch_one("INSERT INTO films (id, name) VALUES ('tt1', 'M') RETURNING name")
    assert row is not None
    assert row["name"] == "M"
    assert await count(db) == 1


async def test_fetch_one_of_nothing_is_none(db: Database) -> None:
    assert await db.fetch_one("SELECT * FROM films WHERE id=:id", id="tt1") is None


async def test_a_second_row_with_the_same_key_is_a_unique_violation(db: Database) -> None:
    await add(db, "tt1")
    with pytest.raises(UniqueViolation):
        await add(db, "tt1")


async def test_any_other_broken_rule_is_a_constraint_violation(db: Database) -> None:
    with pytest.raises(ConstraintViolation):
        await db.execute("INSERT INTO films (id) VALUES ('tt1')")


async def test_a_value_that_is_not_given_is_refused_before_the_engine_sees_it(db: Database) -> None:
    with pytest.raises(TypeError, match=":id"):
        await db.fetch_one("SELECT * FROM films WHERE id=:id")


async def test_a_transaction_sees_its_own_writes_and_others_do_not(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO films (id, name) VALUES ('tt1', 'M')")
        inside = await tx.fetch_all("SELECT id FROM films")
        (outside,) = await asyncio.gather(count(db))
    assert [row["id"] for row in inside] == ["tt1"]
    assert outside == 0
    assert await count(db) == 1


async def test_a_raising_transaction_leaves_nothing(db: Database) -> None:
    async def fail() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO films (id, name) VALUES ('tt1', 'M')")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await count(db) == 0


async def test_a_transaction_whose_statement_failed_leaves_nothing_and_the_next_works(db: Database) -> None:
    async def fail() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO films (id, name) VALUES ('tt1', 'M')")
            await tx.execute("INSERT INTO films (id, name) VALUES ('tt1', 'M')")

    with pytest.raises(UniqueViolation):
        await fail()
    await add(db, "tt2")
    assert await count(db) == 1


async def test_a_cancelled_transaction_leaves_nothing_and_the_next_works(db: Database) -> None:
    entered = asyncio.Event()

    async def hang() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO films (id, name) VALUES ('tt1', 'M')")
            entered.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        hanging = group.create_task(hang())
        await entered.wait()
        hanging.cancel()
    await add(db, "tt2")
    assert await count(db) == 1


async def test_writers_at_the_same_time_all_succeed(db: Database) -> None:
    async def bump(number: int) -> None:
        async with db.transaction() as tx:
            await tx.execute("UPDATE films SET at=at+1 WHERE id='tt1'")
            await tx.execute("INSERT INTO films (id, name) VALUES (:id, 'x')", id=f"n{number}")

    await db.execute("INSERT INTO films (id, name, at) VALUES ('tt1', 'M', 0)")
    await asyncio.gather(*(bump(number) for number in range(25)))
    row = await db.fetch_one("SELECT at FROM films WHERE id='tt1'")
    assert row is not None
    assert row["at"] == 25
    assert await count(db) == 26


async def test_many_rows_go_in_whole_or_not_at_all(db: Database) -> None:
    sql = "INSERT INTO films (id, name) VALUES (:id, :name)"
    await db.execute_many(sql, [{"id": f"tt{n}", "name": "M"} for n in range(500)])
    await db.execute_many(sql, [])
    with pytest.raises(UniqueViolation):
        await db.execute_many(sql, [{"id": "new", "name": "M"}, {"id": "tt1", "name": "M"}])
    assert await count(db) == 500


async def test_asking_the_database_inside_its_own_transaction_is_refused(db: Database) -> None:
    async def mistake() -> None:
        async with db.transaction():
            await add(db, "tt1")

    with pytest.raises(RuntimeError, match="transaction object"):
        await mistake()
    assert await add(db, "tt1") == 1


async def test_a_transaction_object_is_dead_after_its_block(db: Database) -> None:
    async with db.transaction() as tx:
        pass
    with pytest.raises(RuntimeError, match="over"):
        await tx.execute("DELETE FROM films")


async def test_a_mistake_in_the_sql_stays_what_the_engine_says(db: Database) -> None:
    with pytest.raises(Exception, match="nothere"):
        await db.fetch_all("SELECT nothere FROM films")
    assert await count(db) == 0


async def test_rows_inserted_together_are_all_there(db: Database) -> None:
    rows: list[tuple[Value, ...]] = [(f"tt{n}", f"Film {n}", None, None, None) for n in range(2, 118)]
    rows.insert(60, ("tt1", "M", 5, True, b"x"))
    await db.insert_rows("films", ("id", "name", "at", "seen", "poster"), rows)
    row = await db.fetch_one("SELECT * FROM films WHERE id = 'tt1'")
    assert row is not None
    assert (row["name"], row["at"], bool(row["seen"]), row["poster"]) == ("M", 5, True, b"x")
    assert await count(db) == 117


async def test_of_rows_inserted_together_one_that_is_there_refuses_all(db: Database) -> None:
    await add(db, "tt2")
    with pytest.raises(UniqueViolation):
        await db.insert_rows("films", ("id", "name"), [("tt1", "M"), ("tt2", "M")])
    assert await count(db) == 1


async def test_rows_inserted_in_a_transaction_are_seen_inside_it(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.insert_rows("films", ("id", "name"), [("tt1", "M")])
        assert len(await tx.fetch_all("SELECT id FROM films")) == 1
    await db.insert_rows("films", ("id", "name"), [])
    assert await count(db) == 1
