"""A service's database, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from libs.common.clock import Clock
from libs.common.db.database import Database, Dialect, Queries, Row
from libs.common.db.errors import ConstraintViolation, DatabaseUnavailable, UniqueViolation
from libs.common.db.statement import Value, places_for
from libs.common.metrics import Metrics
from libs.common.report.statements import Statements
from libs.common.sojourn import Sojourns

__all__ = [
    "ConstraintViolation",
    "Database",
    "DatabaseUnavailable",
    "Dialect",
    "Queries",
    "Row",
    "UniqueViolation",
    "Value",
    "open_database",
    "places_for",
    "sqlite_path",
]


def sqlite_path(url: str) -> Path | None:
    """The file a `sqlite:///…` URL names, or None for any other URL."""
    prefix = "sqlite:///"
    return Path(url.removeprefix(prefix)) if url.startswith(prefix) else None


async def open_database(
    url: str,
    *,
    schema: str,
    clock: Clock,
    metrics: Metrics | None = None,
    sojourns: Sojourns | None = None,
    statements: Statements | None = None,
) -> Database:
    """Open what `url` names. `schema` is the service's own on PostgreSQL; on SQLite the file is the schema.

    Raises StartupRefused when the server can't be used. Tables are `migrate.upgrade`'s business. Whoever
    sheds load passes the app's `sojourns`, and whoever tells how long `statements` take, those.
    """
    metrics = metrics if metrics is not None else Metrics(schema)
    path = sqlite_path(url)
    # The engine that isn't used isn't loaded: a household runs without PostgreSQL's driver in memory.
    if path is not None:
        from libs.common.db.sqlite import SqliteDatabase  # noqa: PLC0415

        return await SqliteDatabase.open(
            path, schema=schema, clock=clock, metrics=metrics, sojourns=sojourns, statements=statements
        )
    from libs.common.db.postgres import PostgresDatabase  # noqa: PLC0415

    return await PostgresDatabase.open(
        url, schema=schema, clock=clock, metrics=metrics, sojourns=sojourns, statements=statements
    )
