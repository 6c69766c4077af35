"""What a service's store sees of its database: named parameters, mapping rows, transactions.

SQL that runs on both engines: TEXT for every string (one parameter in two columns must have one type), BIGINT
epoch milliseconds for times, BOOLEAN written as TRUE/FALSE or a bound bool and read through `bool(...)`,
BYTEA/BLOB for bytes, JSON as TEXT, `CAST(:x AS BIGINT)` where nothing tells a parameter's type, ON CONFLICT
and RETURNING.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

import structlog

from libs.common.clock import Clock
from libs.common.db.statement import Value, parse
from libs.common.metrics import Metrics
from libs.common.report.statements import SLOW_S, Statements

Dialect = Literal["sqlite", "postgresql"]

log = structlog.get_logger(__name__)


class Row(Protocol):
    """One answer row: `row["column"]`, `dict(row)`."""

    def __getitem__(self, column: str, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...
    def keys(self) -> Any: ...


class Queries(Protocol):
    """What can be asked, of a database and inside a transaction alike."""

    async def fetch_all(self, sql: str, **params: Value) -> list[Row]:
        """Every row, in the order the statement asks for."""
        ...

    async def fetch_one(self, sql: str, **params: Value) -> Row | None:
        """The first row, or None."""
        ...

    async def execute(self, sql: str, **params: Value) -> int:
        """Run a statement; the number of rows it touched."""
        ...

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Value]]) -> None:
        """Run a statement once per row, all or none."""
        ...

    async def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        """Add many rows by the fastest way the engine has, all or none. No text may hold a NUL."""
        ...


class Database(Queries, Protocol):
    """One service's database. A statement outside a transaction is durable when its call returns."""

    dialect: Dialect

    def transaction(self) -> AbstractAsyncContextManager[Queries]:
        """All or nothing: commits when the block ends, rolls back when it raises or is cancelled.

        Ask only the yielded object inside the block, and never await the network there: on SQLite every other
        writer waits. Asking the database itself from inside raises RuntimeError.
        """
        ...

    async def aclose(self) -> None:
        """Wait for what runs, then close every connection."""
        ...


class StatementTimes:
    """Times statements, for metrics, diagnostics and, where slow, for the log; never with values."""

    def __init__(
        self, clock: Clock, schema: str, metrics: Metrics, statements: Statements | None = None
    ) -> None:
        self._clock = clock
        self._schema = schema
        self._statements = statements if statements is not None else Statements()
        seconds = metrics.histogram(
            "db_statement_seconds", "Time of one statement, waiting not counted.", ("kind",)
        )
        self._observe = {True: seconds.labels("read").observe, False: seconds.labels("write").observe}

    def start(self) -> float:
        return self._clock.monotonic()

    def end(self, started: float, sql: str) -> None:
        took_s = self._clock.monotonic() - started
        reads = parse(sql).reads
        self._observe[reads](took_s)
        self._statements.note(sql, took_s, reads=reads)
        if took_s >= SLOW_S:
            statement = " ".join(sql.split())[:120]
            log.warning("slow_statement", schema=self._schema, took_s=round(took_s, 3), statement=statement)
