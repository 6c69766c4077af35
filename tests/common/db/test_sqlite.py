"""What is special about SQLite: threads that don't stop by themselves, and files."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from libs.common.db import DatabaseUnavailable, open_database, sqlite_path
from libs.common.db.sqlite import SqliteDatabase
from libs.common.metrics import Metrics
from tests.fakes.clock import ManualClock

ENDLESS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < :last) SELECT max(i) AS i FROM n
"""


class Last(int):
    """Where `ENDLESS` ends: so far off that only an interrupt stops it within a test.

    `taken` is set when the connection's thread binds it, which is how a test knows that the statement runs.
    """

    taken: asyncio.Event
    _loop: asyncio.AbstractEventLoop

    @classmethod
    def new(cls) -> Last:
        last = cls(2_000_000_000)
        last.taken = asyncio.Event()
        last._loop = asyncio.get_running_loop()
        return last

    def __conform__(self, _protocol: object) -> int:
        """What sqlite3 asks for, in its own thread, of a value that is no plain number."""
        self._loop.call_soon_threadsafe(self.taken.set)
        return int(self)


async def _cancelled(call: asyncio.Task[object], last: Last) -> None:
    async with asyncio.timeout(5):
        await last.taken.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_cancelled_read_frees_its_only_reader(tmp_path: Path, clock: ManualClock) -> None:
    db = await SqliteDatabase.open(
        tmp_path / "t.db", schema="t", clock=clock, metrics=Metrics("t"), readers=1
    )
    last = Last.new()
    async with asyncio.TaskGroup() as group:
        await _cancelled(group.create_task(db.fetch_all(ENDLESS, last=last)), last)
    async with asyncio.timeout(5):
        assert await db.fetch_one("SELECT 1 AS one") is not None
    await db.aclose()


async def test_a_read_cancelled_before_its_thread_began_does_no_harm(
    tmp_path: Path, clock: ManualClock
) -> None:
    db = await SqliteDatabase.open(
        tmp_path / "t.db", schema="t", clock=clock, metrics=Metrics("t"), readers=1
    )
    for _ in range(20):
        async with asyncio.TaskGroup() as group:
            read = group.create_task(db.fetch_all(ENDLESS, last=Last.new()))
            await asyncio.sleep(0)
            read.cancel()
        async with asyncio.timeout(5):
            assert await db.fetch_one("SELECT 1 AS one") is not None
    await db.aclose()


async def test_a_cancelled_write_in_a_transaction_leaves_nothing(tmp_path: Path, clock: ManualClock) -> None:
    db = await SqliteDatabase.open(tmp_path / "t.db", schema="t", clock=clock, metrics=Metrics("t"))
    await db.execute("CREATE TABLE t (i BIGINT)")
    last = Last.new()

    async def write() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO t VALUES (1)")
            await tx.execute(f"INSERT INTO t {ENDLESS}", last=last)

    async with asyncio.TaskGroup() as group:
        await _cancelled(group.create_task(write()), last)
    async with asyncio.timeout(5):
        await db.execute("INSERT INTO t VALUES (2)")
    assert [row["i"] for row in await db.fetch_all("SELECT i FROM t")] == [2]
    await db.aclose()


async def test_readers_do_not_wait_for_a_writer(tmp_path: Path, clock: ManualClock) -> None:
    db = await SqliteDatabase.open(tmp_path / "t.db", schema="t", clock=clock, metrics=Metrics("t"))
    await db.execute("CREATE TABLE t (i BIGINT)")

    async def read() -> int:
        return len(await db.fetch_all("SELECT i FROM t"))

    async with db.transaction() as tx:
        await tx.execute("INSERT INTO t VALUES (1)")
        assert await asyncio.gather(*(read() for _ in range(10))) == [0] * 10
    await db.aclose()


async def test_the_file_is_for_its_owner_only(tmp_path: Path, clock: ManualClock) -> None:
    db = await open_database(f"sqlite:///{tmp_path / 't.db'}", schema="t", clock=clock)
    await db.execute("CREATE TABLE t (i BIGINT)")
    await db.aclose()
    assert (tmp_path / "t.db").stat().st_mode & 0o777 == 0o600


async def test_a_full_database_is_unavailable_and_keeps_what_it_had(
    tmp_path: Path, clock: ManualClock
) -> None:
    db = await SqliteDatabase.open(tmp_path / "t.db", schema="t", clock=clock, metrics=Metrics("t"))
    await db.execute("CREATE TABLE t (b BLOB)")
    await db.execute("INSERT INTO t VALUES (:b)", b=b"kept")
    await db.execute("PRAGMA max_page_count=4")
    with pytest.raises(DatabaseUnavailable, match="full"):
        await db.execute("INSERT INTO t VALUES (:b)", b=b"x" * 100_000)
    assert len(await db.fetch_all("SELECT b FROM t")) == 1
    await db.aclose()


async def test_a_database_locked_by_another_process_is_unavailable(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.common.db.sqlite.BUSY_S", 0.05)
    db = await SqliteDatabase.open(tmp_path / "t.db", schema="t", clock=clock, metrics=Metrics("t"))
    await db.execute("CREATE TABLE t (i BIGINT)")
    other = sqlite3.connect(tmp_path / "t.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable, match="Another process"):
        await db.execute("INSERT INTO t VALUES (1)")
    other.close()
    assert await db.execute("INSERT INTO t VALUES (1)") == 1
    await db.aclose()


def test_only_sqlite_urls_have_a_path() -> None:
    assert sqlite_path("sqlite:////var/lib/x.db") == Path("/var/lib/x.db")
    assert sqlite_path("postgresql://h/d") is None
