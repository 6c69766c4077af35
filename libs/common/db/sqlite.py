"""SQLite: one writing connection behind a lock, a few that only read, each on its own thread."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

import aiosqlite

from libs.common.clock import Clock
from libs.common.db.database import Dialect, Queries, Row, StatementTimes
from libs.common.db.errors import ConstraintViolation, DatabaseUnavailable, UniqueViolation
from libs.common.db.pool import Line, Queue
from libs.common.db.statement import Value, parse
from libs.common.metrics import Metrics
from libs.common.report.statements import Statements
from libs.common.sojourn import Sojourns

T = TypeVar("T")

READERS = 3
BUSY_S = 5.0  # how long to wait for another process that writes, such as a migration
_INTERRUPT_EVERY_S = 0.005
STEP_ROWS = 50

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # NORMAL loses nothing when the process is killed, only the last commits when the machine loses power
    # (sqlite.org/pragma.html#pragma_synchronous).
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=16777216",
    "PRAGMA journal_size_limit=67108864",
)
_WRITER_PRAGMAS = ("PRAGMA cache_size=-4000",)  # KiB
_READER_PRAGMAS = ("PRAGMA cache_size=-2000", "PRAGMA query_only=ON")

_UNIQUE = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"})
_UNAVAILABLE = {
    "SQLITE_BUSY": "Another process is writing to the database.",
    "SQLITE_LOCKED": "Another process is writing to the database.",
    "SQLITE_FULL": "The disk that holds the database is full.",
    "SQLITE_IOERR": "The disk that holds the database reports an error.",
    "SQLITE_CORRUPT": "The database file is damaged.",
    "SQLITE_NOTADB": "The database file is damaged.",
    "SQLITE_READONLY": "The database file can't be written.",
    "SQLITE_CANTOPEN": "The database file can't be opened.",
    "SQLITE_INTERRUPT": "The statement was interrupted.",
}


def translated(error: sqlite3.Error) -> Exception:
    """The portable form of what SQLite raised; a mistake in the SQL stays what it is."""
    name = getattr(error, "sqlite_errorname", None) or ""
    if name in _UNIQUE:
        return UniqueViolation(str(error).partition(": ")[2])
    if isinstance(error, sqlite3.IntegrityError):
        return ConstraintViolation()
    for prefix, sentence in _UNAVAILABLE.items():
        if name.startswith(prefix):
            return DatabaseUnavailable(sentence)
    return error


class _Connection:
    """One connection and its thread, used by one caller at a time.

    A cancelled call stops its statement and returns only when the thread is free again, so the next caller
    neither waits for forgotten work nor is hit by the interrupt.
    """

    def __init__(self, raw: aiosqlite.Connection, times: StatementTimes) -> None:
        self._raw = raw
        self._times = times

    @property
    def in_transaction(self) -> bool:
        return self._raw.in_transaction

    async def fetch(self, sql: str, params: Mapping[str, Value]) -> list[Row]:
        rows = await self._run(sql, lambda: self._raw.execute_fetchall(sql, cast(Any, params)))
        return cast(list[Row], rows)

    async def execute(self, sql: str, params: Mapping[str, Value]) -> int:
        if parse(sql).returning:  # unread rows would keep the statement, and so its commit, open
            return len(await self.fetch(sql, params))
        cursor = await self._run(sql, lambda: self._raw.execute(sql, cast(Any, params)))
        return max(cursor.rowcount, 0)

    async def execute_many(
        self, sql: str, rows: Sequence[Mapping[str, Value]] | Sequence[Sequence[Value]]
    ) -> None:
        await self._run(sql, lambda: self._raw.executemany(sql, cast(Any, rows)))

    async def commit(self) -> None:
        await _to_the_end(self._finish("COMMIT"))

    async def rollback(self) -> None:
        """Roll back unless SQLite already ended the transaction, as it does after some failures."""
        if self.in_transaction:
            await _to_the_end(self._finish("ROLLBACK"))

    async def aclose(self) -> None:
        await self._raw.close()

    async def _finish(self, sql: str) -> None:
        try:
            await self._raw.execute_fetchall(sql)
        except sqlite3.Error as error:
            raise translated(error) from error

    async def _run(self, sql: str, call: Callable[[], Awaitable[T]]) -> T:
        started = self._times.start()
        try:
            return await call()
        except sqlite3.Error as error:
            raise translated(error) from error
        except asyncio.CancelledError:
            await self._stop_statement()
            raise
        finally:
            self._times.end(started, sql)

    async def _stop_statement(self) -> None:
        """Interrupt until the thread has come past the statement, which may not even have begun."""
        barrier = asyncio.get_running_loop().create_task(self._barrier())
        while not barrier.done():
            await self._raw.interrupt()
            try:
                await asyncio.wait({barrier}, timeout=_INTERRUPT_EVERY_S)
            except asyncio.CancelledError:
                continue  # the caller raises the first one; the connection must be free before

    async def _barrier(self) -> None:
        try:
            await self._raw.execute_fetchall("SELECT 1")
        except sqlite3.OperationalError:
            return  # interrupted itself, hence past the statement


async def _to_the_end(step: Coroutine[Any, Any, None]) -> None:
    """Await `step` even when cancelled: half a commit would leave the next writer in a transaction."""
    task = asyncio.get_running_loop().create_task(step)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


class _Transaction:
    """What `transaction()` yields; reads see the block's own writes."""

    def __init__(self, connection: _Connection) -> None:
        self._connection: _Connection | None = connection

    def close(self) -> None:
        self._connection = None

    def _open(self, sql: str, params: Mapping[str, Value]) -> _Connection:
        if self._connection is None:
            raise RuntimeError("the transaction is over")
        parse(sql).values(params)
        return self._connection

    async def fetch_all(self, sql: str, **params: Value) -> list[Row]:
        return await self._open(sql, params).fetch(sql, params)

    async def fetch_one(self, sql: str, **params: Value) -> Row | None:
        rows = await self.fetch_all(sql, **params)
        return rows[0] if rows else None

    async def execute(self, sql: str, **params: Value) -> int:
        return await self._open(sql, params).execute(sql, params)

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Value]]) -> None:
        for row in rows[:1]:
            parse(sql).values(row)
        if self._connection is None:
            raise RuntimeError("the transaction is over")
        await self._connection.execute_many(sql, rows)

    async def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        # The interpreter is given up and waited for with every step: fifty rows take one.
        whole = len(rows) // STEP_ROWS * STEP_ROWS
        steps = [
            list(chain.from_iterable(rows[start : start + STEP_ROWS])) for start in range(0, whole, STEP_ROWS)
        ]
        for count, values in ((STEP_ROWS, steps), (1, rows[whole:])):
            if values:
                places = ", ".join([f"({', '.join('?' * len(columns))})"] * count)
                sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places}"  # noqa: S608  names from our code
                await self._open(sql, {}).execute_many(sql, values)


class SqliteDatabase:
    """One file. Readers never wait for the writer (WAL); writers wait for each other in order of asking."""

    dialect: Dialect = "sqlite"

    def __init__(
        self, writer: _Connection, readers: list[_Connection], *, metrics: Metrics, sojourns: Sojourns
    ) -> None:
        self._writer = writer
        self._owner: asyncio.Task[Any] | None = None
        self._readers = readers
        self._idle = list(readers)
        queue = partial(Queue, metrics=metrics, sojourns=sojourns)
        lock = asyncio.Lock()
        self._writing = Line(lock, queue("writer", size=lambda: 1, idle=lambda: int(not lock.locked())))
        self._free = Line(
            asyncio.Semaphore(len(readers)),
            queue("reader", size=lambda: len(readers), idle=lambda: len(self._idle)),
        )

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        schema: str,
        clock: Clock,
        metrics: Metrics,
        sojourns: Sojourns | None = None,
        statements: Statements | None = None,
        readers: int = READERS,
    ) -> SqliteDatabase:
        """Open or create the file, readable by its owner only."""
        times = StatementTimes(clock, schema, metrics, statements)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        async with AsyncExitStack() as opened:
            connections: list[_Connection] = []
            for number in range(1 + readers):
                raw = await aiosqlite.connect(
                    path, timeout=BUSY_S, isolation_level=None, cached_statements=256
                )
                opened.push_async_callback(raw.close)
                raw.row_factory = sqlite3.Row
                for pragma in _PRAGMAS + (_READER_PRAGMAS if number else _WRITER_PRAGMAS):
                    await raw.execute_fetchall(pragma)
                connections.append(_Connection(raw, times))
            opened.pop_all()
        return cls(
            connections[0], connections[1:], metrics=metrics, sojourns=sojourns or Sojourns(clock, metrics)
        )

    async def fetch_all(self, sql: str, **params: Value) -> list[Row]:
        self._refuse_owner()
        statement = parse(sql)
        statement.values(params)
        if not statement.reads:
            async with self._writing:
                return await self._writer.fetch(sql, params)
        async with self._free:
            reader = self._idle.pop()
            try:
                return await reader.fetch(sql, params)
            finally:
                self._idle.append(reader)

    async def fetch_one(self, sql: str, **params: Value) -> Row | None:
        rows = await self.fetch_all(sql, **params)
        return rows[0] if rows else None

    async def execute(self, sql: str, **params: Value) -> int:
        self._refuse_owner()
        parse(sql).values(params)
        async with self._writing:
            return await self._writer.execute(sql, params)

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Value]]) -> None:
        if rows:
            async with self.transaction() as tx:
                await tx.execute_many(sql, rows)

    async def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        if rows:
            async with self.transaction() as tx:
                await tx.insert_rows(table, columns, rows)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Queries]:
        self._refuse_owner()
        async with self._writing:
            self._owner = asyncio.current_task()
            transaction = _Transaction(self._writer)
            try:
                # IMMEDIATE takes the write lock now: a later upgrade from reading could fail at once.
                await self._writer.execute("BEGIN IMMEDIATE", {})
                yield transaction
                await self._writer.commit()
            finally:
                transaction.close()
                self._owner = None
                await self._writer.rollback()

    async def aclose(self) -> None:
        async with self._writing:
            if self._writer.in_transaction:
                await self._writer.rollback()
            for connection in (*self._readers, self._writer):
                await connection.aclose()

    def _refuse_owner(self) -> None:
        if self._owner is not None and self._owner is asyncio.current_task():
            raise RuntimeError("ask the transaction object inside a transaction")
