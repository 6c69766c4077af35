"""PostgreSQL: an asyncpg pool whose connections see one schema."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from libs.common.clock import Clock
from libs.common.db.database import Dialect, Queries, Row, StatementTimes
from libs.common.db.errors import ConstraintViolation, DatabaseUnavailable, UniqueViolation
from libs.common.db.pool import Queue
from libs.common.db.statement import Value, parse
from libs.common.errors import StartupRefused
from libs.common.metrics import Metrics
from libs.common.report.statements import Statements
from libs.common.sojourn import Sojourns

POOL_SIZE = 8  # five services of one replica stay at 40 of PostgreSQL's default 100 connections
STATEMENT_S = 30.0
ACQUIRE_S = 10.0
CONNECT_S = 5.0
TURN_VALUES = 12_000  # of rows, packed in a millisecond

_GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection cut in the middle of a call can look like
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
)


@contextmanager
def translating() -> Iterator[None]:
    """Raise the portable form of what asyncpg raises; a mistake in the SQL stays what it is."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise UniqueViolation(error.constraint_name or "") from error
    except asyncpg.IntegrityConstraintViolationError as error:
        raise ConstraintViolation() from error
    except _GONE as error:
        raise DatabaseUnavailable("The database server did not carry out the statement.") from error


@contextmanager
def refusing(url: str) -> Iterator[None]:
    """Say in one sentence why the server can't be used; the URL's password stays out of it."""
    parts = urlsplit(url)
    where = f"{parts.hostname or 'localhost'}:{parts.port or 5432}"
    try:
        yield
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        reason = "refuses the user name or password: correct HEADGATE_DATABASE_URL."
        raise StartupRefused(f"PostgreSQL at {where} {reason}") from error
    except asyncpg.InvalidCatalogNameError as error:
        reason = f"has no database {parts.path.lstrip('/')!r}: create it or correct HEADGATE_DATABASE_URL."
        raise StartupRefused(f"PostgreSQL at {where} {reason}") from error
    except (*_GONE, asyncpg.ClientConfigurationError) as error:
        reason = "doesn't answer: start it or correct HEADGATE_DATABASE_URL."
        raise StartupRefused(f"PostgreSQL at {where} {reason}") from error


def connect_options(url: str, *, schema: str) -> dict[str, Any]:
    """What asyncpg needs to reach `schema`; `?statement_cache_size=0` in the URL is for PgBouncer."""
    if re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema) is None:
        raise ValueError(f"{schema!r} isn't a schema name")
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    options: dict[str, Any] = {
        "timeout": CONNECT_S,
        "server_settings": {"search_path": schema, "application_name": f"headgate-{schema}"},
    }
    if "statement_cache_size" in query:
        options["statement_cache_size"] = int(query.pop("statement_cache_size"))
    options["dsn"] = urlunsplit(parts._replace(query=urlencode(query)))
    return options


def _touched(status: str) -> int:
    """The row count at the end of a command tag such as `INSERT 0 3`."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


async def _forget_nothing(connection: Any) -> None:
    # The usual RESET costs a round trip for each statement, and no statement here leaves anything to reset.
    if connection.is_in_transaction():
        await connection.reset()


class _Transaction:
    """What `transaction()` yields; one connection, one statement at a time."""

    def __init__(self, connection: Any, times: StatementTimes) -> None:
        self._connection = connection
        self._times = times
        self._closed = False

    def close(self) -> None:
        self._closed = True

    @contextmanager
    def _asking(self, sql: str) -> Iterator[Any]:
        if self._closed:
            raise RuntimeError("the transaction is over")
        started = self._times.start()
        try:
            with translating():
                yield self._connection
        finally:
            self._times.end(started, sql)

    async def fetch_all(self, sql: str, **params: Value) -> list[Row]:
        statement = parse(sql)
        values = statement.values(params)
        with self._asking(sql) as connection:
            return cast(list[Row], await connection.fetch(statement.numbered, *values))

    async def fetch_one(self, sql: str, **params: Value) -> Row | None:
        statement = parse(sql)
        values = statement.values(params)
        with self._asking(sql) as connection:
            return cast(Row | None, await connection.fetchrow(statement.numbered, *values))

    async def execute(self, sql: str, **params: Value) -> int:
        statement = parse(sql)
        values = statement.values(params)
        with self._asking(sql) as connection:
            return _touched(await connection.execute(statement.numbered, *values))

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Value]]) -> None:
        statement = parse(sql)
        values = [statement.values(row) for row in rows]
        with self._asking(sql) as connection:
            await connection.executemany(statement.numbered, values)

    async def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        with self._asking(f"INSERT INTO {table}") as connection:
            # The driver packs rows on the loop, where others want to do something too.
            turn_rows = max(TURN_VALUES // len(columns), 1)
            for start in range(0, len(rows), turn_rows):
                turn = rows[start : start + turn_rows]
                await connection.copy_records_to_table(table, records=turn, columns=columns)


class PostgresDatabase:
    """One schema of a server shared by every service and replica."""

    dialect: Dialect = "postgresql"

    def __init__(self, pool: Any, times: StatementTimes, *, metrics: Metrics, sojourns: Sojourns) -> None:
        self._pool = pool
        self._times = times
        self._queue = Queue(
            "shared", metrics=metrics, sojourns=sojourns, size=pool.get_size, idle=pool.get_idle_size
        )
        self._owners: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        schema: str,
        clock: Clock,
        metrics: Metrics,
        sojourns: Sojourns | None = None,
        statements: Statements | None = None,
        size: int = POOL_SIZE,
    ) -> PostgresDatabase:
        """Fill the pool, so that the first request doesn't pay for connecting."""
        options = connect_options(url, schema=schema)
        options["server_settings"]["statement_timeout"] = str(int(STATEMENT_S * 1000))
        with refusing(url):
            pool = await asyncpg.create_pool(
                min_size=0,  # above 0 asyncpg keeps a task of its own that logs each failed reconnection
                init_size=size,
                max_size=size,
                max_inactive_connection_lifetime=0,
                command_timeout=STATEMENT_S + 5,  # for a server that no longer answers at all
                reset=_forget_nothing,
                **options,
            )
        times = StatementTimes(clock, schema, metrics, statements)
        return cls(pool, times, metrics=metrics, sojourns=sojourns or Sojourns(clock, metrics))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[_Transaction]:
        if asyncio.current_task() in self._owners:
            raise RuntimeError("ask the transaction object inside a transaction")
        joined_at = self._queue.join()
        try:
            with translating():
                connection = await self._pool.acquire(timeout=ACQUIRE_S)
        except BaseException:
            self._queue.leave(joined_at, served=False)
            raise
        self._queue.leave(joined_at)
        try:
            yield _Transaction(connection, self._times)
        finally:
            await self._pool.release(connection)

    async def fetch_all(self, sql: str, **params: Value) -> list[Row]:
        async with self._connection() as connection:
            return await connection.fetch_all(sql, **params)

    async def fetch_one(self, sql: str, **params: Value) -> Row | None:
        async with self._connection() as connection:
            return await connection.fetch_one(sql, **params)

    async def execute(self, sql: str, **params: Value) -> int:
        async with self._connection() as connection:
            return await connection.execute(sql, **params)

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Value]]) -> None:
        if rows:
            async with self._connection() as connection:
                await connection.execute_many(sql, rows)

    async def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        if rows:
            async with self._connection() as connection:
                await connection.insert_rows(table, columns, rows)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Queries]:
        task = asyncio.current_task()
        async with self._connection() as connection:
            if task is not None:
                self._owners.add(task)
            try:
                with translating():
                    transaction = connection._connection.transaction()
                    await transaction.start()
                try:
                    yield connection
                except BaseException:
                    await self._roll_back(transaction)
                    raise
                with translating():
                    await transaction.commit()
            finally:
                connection.close()
                if task is not None:
                    self._owners.discard(task)

    @staticmethod
    async def _roll_back(transaction: Any) -> None:
        try:
            await transaction.rollback()
        except _GONE:
            return  # the server rolls back by itself when a connection is lost

    async def aclose(self) -> None:
        await self._pool.close()
