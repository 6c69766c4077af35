"""Bring a service's database to the version of the code, or refuse the start with one sentence.

Each history runs in one transaction under a lock (a file lock beside a SQLite file, an advisory lock on
PostgreSQL), so replicas that start together migrate once and a failed migration leaves the former version.
"""

from __future__ import annotations

import asyncio
import sqlite3
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from libs.common.db import sqlite_file, sqlite_path
from libs.common.db.history import History
from libs.common.errors import StartupRefused

if TYPE_CHECKING:
    from sqlalchemy import Connection

PG_LOCK_S = 60

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Status:
    """`current` is None for an empty database. `pending` migrations are to be applied."""

    service: str
    current: str | None
    head: str | None
    pending: int


async def upgrade(url: str, *, service: str, history: History | None = None) -> None:
    """Create or migrate the database of `service`; raises StartupRefused when it can't be used."""
    history = history or History.of(service)
    await asyncio.to_thread(_move, url, history, history.head)


async def downgrade(url: str, *, service: str, to: str | None, history: History | None = None) -> None:
    """Go back to revision `to`, None for an empty database. What only newer versions hold is lost."""
    history = history or History.of(service)
    await asyncio.to_thread(_move, url, history, to, down=True)


async def status(url: str, *, service: str, history: History | None = None) -> Status:
    history = history or History.of(service)
    current = await asyncio.to_thread(_current, url, history)
    pending = len(history.revisions) - history.position(current)
    return Status(service, current, history.head, pending)


def _current(url: str, history: History) -> str | None:
    path = sqlite_path(url)
    if path is None:
        return asyncio.run(_postgres_version(url, history))
    if not path.exists():
        return None
    with sqlite_file.refusing(history.service, path):
        return sqlite_file.version(path, history.version_table)


def _move(url: str, history: History, target: str | None, *, down: bool = False) -> None:
    path = sqlite_path(url)
    if path is None:
        asyncio.run(_move_postgres(url, history, target, down=down))
        return
    with sqlite_file.refusing(history.service, path), sqlite_file.locked(history.service, path):
        sqlite_file.check(history.service, path)
        current = sqlite_file.version(path, history.version_table)
        if _is_there(history, current, target, down=down):
            return
        if current is not None:
            sqlite_file.keep_copy(path)
        try:
            _migrate_sqlite(path, history, current, target)
        except Exception as error:
            if current is not None:
                sqlite_file.put_back(path)
            raise _failed(history, target, error) from error
    log.info("database_migrated", service=history.service, before=current, after=target)


def _is_there(history: History, current: str | None, target: str | None, *, down: bool) -> bool:
    """Whether there is nothing to do; an upgrade never goes down, nor the other way."""
    now, then = history.position(current), history.position(target)
    return now <= then if down else now >= then


def _migrate_sqlite(path: Path, history: History, current: str | None, target: str | None) -> None:
    from sqlalchemy import create_engine, event  # noqa: PLC0415  only a migration pays for loading it
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    from libs.common.db import alembic_run  # noqa: PLC0415

    # Foreign keys stay off, as by default: rebuilding a table in batch mode drops it for a moment.
    engine = create_engine("sqlite://", creator=lambda: sqlite_file.connect(path), poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        alembic_run.run(connection, history, current=current, target=target)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise ValueError(f"a row of {broken[0]} refers to a row of {broken[2]} that is gone")


def _failed(history: History, target: str | None, error: Exception) -> StartupRefused:
    cause = getattr(error, "orig", None) or error
    log.error("migration_failed", service=history.service, target=target, error=type(cause).__name__)
    if isinstance(cause, sqlite3.Error) and (cause.sqlite_errorname or "").startswith("SQLITE_FULL"):
        return StartupRefused(
            f"The disk is full, so the {history.service} database could not be migrated and is as it was: "
            "make room and start again."
        )
    reason = (str(cause).splitlines() or [type(cause).__name__])[0].rstrip(".")
    return StartupRefused(
        f"The {history.service} database could not be migrated to version {target or 'none'} and is as "
        f"it was ({reason}): start the former program, and report this."
    )


async def _postgres_version(url: str, history: History) -> str | None:
    import asyncpg  # noqa: PLC0415

    from libs.common.db.postgres import connect_options, refusing  # noqa: PLC0415

    with refusing(url):
        connection = await asyncpg.connect(**connect_options(url, schema=history.service))
        try:
            table = f"{history.service}.{history.version_table}"
            if await connection.fetchval("SELECT to_regclass($1)", table) is None:
                return None
            found = await connection.fetchval(f"SELECT version_num FROM {table}")  # noqa: S608
            return None if found is None else str(found)
        finally:
            await connection.close()


async def _move_postgres(url: str, history: History, target: str | None, *, down: bool) -> None:
    current = await _postgres_version(url, history)
    if _is_there(history, current, target, down=down):
        return
    import asyncpg  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    from libs.common.db.postgres import connect_options, refusing  # noqa: PLC0415

    async def connect() -> Any:
        with refusing(url):
            return await asyncpg.connect(**connect_options(url, schema=history.service))

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate_postgres, history, target, down)
    except StartupRefused:
        raise
    except Exception as error:
        raise _failed(history, target, error) from error
    finally:
        await engine.dispose()
    log.info("database_migrated", service=history.service, before=current, after=target)


def _migrate_postgres(connection: Connection, history: History, target: str | None, down: bool) -> None:
    from libs.common.db import alembic_run  # noqa: PLC0415

    lock = zlib.crc32(f"headgate:{history.service}".encode())
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PG_LOCK_S}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock})")
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {history.service}")
    # Another replica may have migrated while this one waited for the lock.
    current = _version_under_lock(connection, history)
    if not _is_there(history, current, target, down=down):
        alembic_run.run(connection, history, current=current, target=target)


def _version_under_lock(connection: Connection, history: History) -> str | None:
    table = f"{history.service}.{history.version_table}"
    if connection.exec_driver_sql(f"SELECT to_regclass('{table}')").scalar() is None:
        return None
    found = connection.exec_driver_sql(f"SELECT version_num FROM {table}").scalar()  # noqa: S608
    return None if found is None else str(found)
