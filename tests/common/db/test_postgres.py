"""What is special about PostgreSQL: schemas, a server that goes away, and its refusals."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from deploy.cluster.ports import free_port
from libs.common.db import DatabaseUnavailable, open_database
from libs.common.db.postgres import PostgresDatabase, connect_options
from libs.common.errors import StartupRefused
from libs.common.metrics import Metrics
from tests.fakes.clock import ManualClock
from tests.waiting import until


async def _database(url: str, clock: ManualClock, *, schema: str = "public") -> PostgresDatabase:
    return await PostgresDatabase.open(url, schema=schema, clock=clock, metrics=Metrics(schema), size=2)


async def test_two_schemas_of_one_database_do_not_see_each_other(
    postgres_url: str, clock: ManualClock
) -> None:
    auth = await _database(postgres_url, clock, schema="auth")
    catalog = await _database(postgres_url, clock, schema="catalog")
    for db, schema in ((auth, "auth"), (catalog, "catalog")):
        await db.execute(f"CREATE SCHEMA {schema}")
        await db.execute("CREATE TABLE names (name TEXT)")
        await db.execute("INSERT INTO names VALUES (:name)", name=schema)
    assert [row["name"] for row in await auth.fetch_all("SELECT name FROM names")] == ["auth"]
    assert [row["name"] for row in await catalog.fetch_all("SELECT name FROM names")] == ["catalog"]
    await auth.aclose()
    await catalog.aclose()


async def test_connections_cut_by_the_server_fail_once_and_are_replaced(
    postgres_url: str, clock: ManualClock
) -> None:
    db = await _database(postgres_url, clock)
    admin = await asyncpg.connect(postgres_url)

    async def cut() -> None:
        async with db.transaction() as tx:
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name='headgate-public'"
            )
            await tx.fetch_one("SELECT 1 AS one")

    with pytest.raises(DatabaseUnavailable):
        await cut()

    async def answers() -> bool:
        try:
            return await db.fetch_one("SELECT 1 AS one") is not None
        except DatabaseUnavailable:  # the pool's other connection may not have noticed yet
            return False

    await until(answers)
    await admin.close()
    await db.aclose()


async def test_a_cancelled_statement_stops_on_the_server(postgres_url: str, clock: ManualClock) -> None:
    db = await _database(postgres_url, clock)
    running = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state='active'"

    async def runs() -> bool:
        return bool(await db.fetch_all(running))

    async def is_over() -> bool:
        return not await runs()

    async with asyncio.TaskGroup() as group:
        sleeping = group.create_task(db.fetch_one("SELECT pg_sleep(60)"))
        await until(runs)
        sleeping.cancel()
    await until(is_over)
    await db.aclose()


async def test_a_value_of_the_wrong_type_is_our_mistake_not_an_outage(
    postgres_url: str, clock: ManualClock
) -> None:
    db = await _database(postgres_url, clock)
    with pytest.raises(asyncpg.DataError, match="int"):
        await db.fetch_one("SELECT CAST(:n AS BIGINT) AS n", n="one")
    await db.aclose()


async def test_a_server_that_is_not_there_refuses_the_start(clock: ManualClock) -> None:
    url = f"postgresql://me:hunter2-hunter2@127.0.0.1:{free_port()}/headgate"
    with pytest.raises(StartupRefused, match=r"127\.0\.0\.1:\d+ doesn't answer") as refused:
        await open_database(url, schema="auth", clock=clock)
    assert "hunter2" not in str(refused.value)


async def test_a_database_that_does_not_exist_refuses_the_start(
    postgres_url: str, clock: ManualClock
) -> None:
    url = postgres_url.rpartition("/")[0] + "/nothere"
    with pytest.raises(StartupRefused, match="has no database 'nothere'"):
        await open_database(url, schema="auth", clock=clock)


def test_the_statement_cache_can_be_switched_off_for_pgbouncer() -> None:
    options = connect_options("postgresql://h/d?statement_cache_size=0&sslmode=disable", schema="auth")
    assert options["statement_cache_size"] == 0
    assert options["dsn"] == "postgresql://h/d?sslmode=disable"


def test_a_schema_that_is_no_plain_name_is_refused() -> None:
    with pytest.raises(ValueError, match="schema"):
        connect_options("postgresql://h/d", schema='x"; DROP')
