"""What the metrics say about connections and statements, on both engines."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial

from libs.common.db import Database, open_database
from libs.common.db.postgres import POOL_SIZE
from libs.common.metrics import Metrics
from libs.common.sojourn import STUCK_S, TARGET_S, Sojourns
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


async def _hold_all(db: Database, stack: AsyncExitStack) -> None:
    """Every connection that writes is at work while the stack is open, each for a task of its own."""
    for _ in range(1 if db.dialect == "sqlite" else POOL_SIZE):
        let_go, held = asyncio.Event(), asyncio.Event()

        async def hold(let_go: asyncio.Event, held: asyncio.Event) -> None:
            async with db.transaction():
                held.set()
                await let_go.wait()

        group = await stack.enter_async_context(asyncio.TaskGroup())
        group.create_task(hold(let_go, held))
        stack.callback(let_go.set)
        await held.wait()


async def test_held_back_connections_make_the_line_stand(database_url: str, clock: ManualClock) -> None:
    """The loop is idle meanwhile: nothing else would tell that there is too much to do."""
    metrics = Metrics("auth", clock=clock)
    sojourns = Sojourns(clock, metrics)
    db = await open_database(database_url, schema="public", clock=clock, metrics=metrics, sojourns=sojourns)
    await db.execute("CREATE TABLE things (id BIGINT)")
    role = "writer" if db.dialect == "sqlite" else "shared"

    async def both_wait() -> bool:
        return _value(metrics, "headgate_db_pool_waiting", role=role) == 2

    async with asyncio.TaskGroup() as group:
        async with AsyncExitStack() as held:
            await _hold_all(db, held)
            waiting = [group.create_task(db.execute("INSERT INTO things VALUES (1)")) for _ in range(2)]
            await until(both_wait)
            clock.advance(STUCK_S / 2)
            assert not sojourns.look()
            clock.advance(STUCK_S / 2)
            assert sojourns.look()
            shown = _value(metrics, "headgate_queue_wait_seconds", line=f"db_{role}")
            assert shown is not None
            assert shown >= TARGET_S
        for one in waiting:
            await one
        assert not sojourns.look()
    await db.aclose()


async def test_who_gives_up_waiting_leaves_the_line(sqlite_url: str, clock: ManualClock) -> None:
    metrics = Metrics("auth", clock=clock)
    db = await open_database(sqlite_url, schema="auth", clock=clock, metrics=metrics)
    async with AsyncExitStack() as held:
        await _hold_all(db, held)
        waiter = await held.enter_async_context(asyncio.TaskGroup())
        impatient = waiter.create_task(db.execute("SELECT 1"))
        await until(partial(_waits, metrics))
        impatient.cancel()
        await asyncio.wait([impatient])
        assert _value(metrics, "headgate_db_pool_waiting", role="writer") == 0
    await db.aclose()
