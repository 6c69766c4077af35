"""Real processes on one database: one of them does the work, and a killed one is replaced."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from deploy.cluster.ports import free_port
from libs.common.clock import SystemClock
from libs.common.db import open_database
from libs.common.db.migrate import upgrade
from services.sync.kinds.addons import BATCH
from services.sync.model import JobRun
from services.sync.store.jobs import Filter, Store
from tests.sync.conftest import FakeCatalog, a_run
from tests.sync.test_api import environment
from tests.waiting import until

Start = Callable[[], Awaitable[asyncio.subprocess.Process]]
EVERYTHING = Filter(accounts=None)


@pytest.fixture
async def rows(database_url: str) -> AsyncIterator[Store]:
    await upgrade(database_url, service="sync")
    database = await open_database(database_url, schema="sync", clock=SystemClock())
    yield Store(database, SystemClock())
    await database.aclose()


async def queue(rows: Store) -> None:
    """A run to be claimed at once; the schedule would make one a few seconds after the start."""
    await rows.add(a_run("j1", kind="addons", created_at=int(SystemClock().time() * 1000)))


async def queued(rows: Store) -> JobRun:
    run = await rows.get("j1")
    assert run is not None
    return run


@pytest.fixture
async def start(database_url: str, tmp_path: Path, catalog: FakeCatalog) -> AsyncIterator[Start]:
    processes: list[asyncio.subprocess.Process] = []

    async def start() -> asyncio.subprocess.Process:
        variables = environment(
            database_url,
            tmp_path,
            catalog,
            HEADGATE_SYNC_PORT=str(free_port()),
            HEADGATE_ADDONS_REFRESH_S="3600",
            HEADGATE_JOB_LEASE_S="1",
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.sync",
            env={**os.environ, **variables},
            stdout=asyncio.subprocess.DEVNULL,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_killed_workers_job_is_taken_over_and_continues(
    start: Start, rows: Store, catalog: FakeCatalog
) -> None:
    catalog.due = 2 * BATCH + 1
    catalog.gate.clear()
    await queue(rows)
    first = await start()
    async with asyncio.timeout(20):
        await catalog.reached_gate.wait()
    assert (await queued(rows)).counts["manifests"].seen == BATCH
    first.kill()
    await first.wait()
    catalog.gate.set()
    await start()

    async def succeeded() -> bool:
        return (await queued(rows)).state == "succeeded"

    await until(succeeded)
    assert (await queued(rows)).attempts == 2
    assert catalog.due == 0


async def test_two_replicas_do_the_scheduled_work_once(
    start: Start, rows: Store, catalog: FakeCatalog
) -> None:
    catalog.due = 3
    await asyncio.gather(start(), start())

    async def succeeded() -> bool:
        return [run.state for run in await rows.listed(EVERYTHING)] == ["succeeded"]

    await until(succeeded)
    assert catalog.calls == 1


async def test_a_stopped_process_ends_cleanly_and_gives_its_job_back(
    start: Start, rows: Store, catalog: FakeCatalog
) -> None:
    catalog.due = 2 * BATCH
    catalog.gate.clear()
    await queue(rows)
    process = await start()
    async with asyncio.timeout(20):
        await catalog.reached_gate.wait()
    process.terminate()
    assert await process.wait() == 0
    run = await queued(rows)
    assert (run.state, run.attempts) == ("queued", 0)
