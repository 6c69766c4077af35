"""What the metrics say about connections and statements, on both engines."""

from __future__ import annotations

import asyncio
from functools import partial

from libs.common.db import open_database
from libs.common.metrics import Metrics
from tests.fakes.clock import ManualClock
from tests.waiting import until


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def _waits(metrics: Metrics) -> bool:
    return _value(metrics, "headgate_db_pool_waiting", role="writer") == 1


async def test_writers_that_wait_are_counted_and_then_timed(sqlite_url: str, clock: ManualClock) -> None:
    metrics = Metrics("auth")
    db = await open_database(sqlite_url, schema="auth", clock=clock, metrics=metrics)
    async with asyncio.TaskGroup() as group:
        async with db.transaction() as tx:
            waiter = group.create_task(db.execute("CREATE TABLE things (id BIGINT)"))
            await until(partial(_waits, metrics))
            assert _value(metrics, "headgate_db_pool_idle_connections", role="writer") == 0
            clock.advance(2)
            await tx.fetch_all("SELECT 1 AS one")
        await waiter
    assert _value(metrics, "headgate_db_pool_waiting", role="writer") == 0
    assert _value(metrics, "headgate_db_acquire_seconds_sum", role="writer") == 2
    await db.aclose()


async def test_a_pool_says_how_large_it_is_and_what_is_idle(database_url: str, clock: ManualClock) -> None:
    metrics = Metrics("auth")
    db = await open_database(database_url, schema="public", clock=clock, metrics=metrics)
    role = "reader" if db.dialect == "sqlite" else "shared"
    size = _value(metrics, "headgate_db_pool_connections", role=role)
    assert size
    assert _value(metrics, "headgate_db_pool_idle_connections", role=role) == size
    await db.aclose()


async def test_statements_are_timed_by_kind(database_url: str, clock: ManualClock) -> None:
    metrics = Metrics("auth")
    db = await open_database(database_url, schema="public", clock=clock, metrics=metrics)
    await db.execute("CREATE TABLE things (id BIGINT)")
    for _ in range(3):
        await db.fetch_all("SELECT id FROM things")
    assert _value(metrics, "headgate_db_statement_seconds_count", kind="read") == 3
    assert _value(metrics, "headgate_db_statement_seconds_count", kind="write") == 1
    await db.aclose()
