"""Backup and restore of a hub that keeps a schema per service in PostgreSQL."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Sequence
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import asyncpg

from libs.common.db.backup.archive import Archive, Counter, Manifest, Sink, Writer
from libs.common.db.backup.key import Key, check_proof
from libs.common.db.history import History
from libs.common.db.postgres import connect_options, refusing
from libs.common.errors import StartupRefused

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOCK_S = 10
APPLICATION = "headgate-backup"  # services connect as headgate-NAME too: theirs are told apart by that
KEPT = "_before_restore"

_TABLES = """
SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname
"""
_REFERENCES = """
SELECT f.relname AS name, t.relname AS needs
FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
WHERE k.contype = 'f' AND k.connamespace = to_regnamespace($1) AND f.oid <> t.oid
"""
_SEQUENCES = "SELECT sequencename::text FROM pg_sequences WHERE schemaname = $1 ORDER BY 1"
_OTHERS = """
SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = ANY($1)
"""


async def back_up(
    url: str, services: Sequence[str], writer: Writer
) -> tuple[dict[str, str], tuple[Counter, ...]]:
    """Every service's tables as they are at one moment, while the hub runs; their versions and counters."""
    versions: dict[str, str] = {}
    counters: list[Counter] = []
    with refusing(url):
        connection = await asyncpg.connect(**_options(url))
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                for service in services:
                    version = await _version(connection, History.of(service))
                    if version is None:
                        continue
                    versions[service] = version
                    counters += await _counters(connection, service)
                    await _copy_out(connection, service, writer)
        finally:
            await connection.close()
    return versions, tuple(counters)


async def restore(url: str, archive: Archive, services: Sequence[str], key: Key) -> None:
    """Replaces every service's schema in one transaction; the former ones stay as SERVICE_before_restore."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415  only a restore loads it
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    async def connect() -> Any:
        return await asyncpg.connect(**_options(url))

    with refusing(url):
        engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                driver = (await connection.get_raw_connection()).driver_connection
                await connection.run_sync(_hold, services)
                await _refuse_a_running_hub(driver, services)
                for service in services:
                    await connection.run_sync(_make_room, service, archive.manifest)
                    await _copy_in(driver, service, archive)
                    await _check_key(driver, service, archive.manifest, key)
        finally:
            await engine.dispose()


def _options(url: str) -> dict[str, Any]:
    options = connect_options(url, schema="pg_catalog")
    options["server_settings"]["application_name"] = APPLICATION
    return options


async def _version(connection: Any, history: History) -> str | None:
    table = f"{history.service}.{history.version_table}"
    if await connection.fetchval("SELECT to_regclass($1)", table) is None:
        return None
    found: str | None = await connection.fetchval(f"SELECT version_num FROM {table}")  # noqa: S608
    return found


async def _counters(connection: Any, service: str) -> list[Counter]:
    names = [str(row[0]) for row in await connection.fetch(_SEQUENCES, service)]
    found = []
    for name in names:
        row = await connection.fetchrow(f'SELECT last_value, is_called FROM {service}."{name}"')  # noqa: S608
        found.append(Counter(service, name, row["last_value"], row["is_called"]))
    return found


async def _copy_out(connection: Any, service: str, writer: Writer) -> None:
    for table in await connection.fetch(_TABLES, service):
        columns = tuple(table["columns"])
        with writer.member(_member(service, table["name"]), columns) as sink:
            await connection.copy_from_table(
                table["name"], schema_name=service, columns=columns, output=_into(sink)
            )


def _into(sink: Sink) -> Any:
    async def write(data: bytes) -> None:
        sink.write(data)

    return write


def _member(service: str, table: str) -> str:
    return f"{service}/{table}.copy"


def _hold(connection: Connection, services: Sequence[str]) -> None:
    """The locks of migrations: a service that starts meanwhile waits before it looks at its tables."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_S}s'")
    for service in services:
        lock = zlib.crc32(f"headgate:{service}".encode())
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock})")


async def _refuse_a_running_hub(connection: Any, services: Sequence[str]) -> None:
    names = [f"headgate-{service}" for service in services]
    others = sorted(str(row[0]).removeprefix("headgate-") for row in await connection.fetch(_OTHERS, names))
    if others:
        raise StartupRefused(f"Headgate is running on this database ({', '.join(others)}): stop it first.")


def _make_room(connection: Connection, service: str, manifest: Manifest) -> None:
    """An empty schema at the version the backup has; the start of the service takes it further."""
    from libs.common.db import alembic_run  # noqa: PLC0415

    if connection.exec_driver_sql(f"SELECT to_regnamespace('{service}')").scalar() is not None:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {service}{KEPT} CASCADE")
        connection.exec_driver_sql(f"ALTER SCHEMA {service} RENAME TO {service}{KEPT}")
    if service in manifest.versions:
        connection.exec_driver_sql(f"CREATE SCHEMA {service}")
        connection.exec_driver_sql(f"SET LOCAL search_path = {service}")
        alembic_run.run(connection, History.of(service), current=None, target=manifest.versions[service])


async def _copy_in(connection: Any, service: str, archive: Archive) -> None:
    tables = [str(row["name"]) for row in await connection.fetch(_TABLES, service)]
    if tables:
        listed = ", ".join(f'{service}."{name}"' for name in tables)
        await connection.execute(f"TRUNCATE {listed}")  # some migrations put rows in
    order = TopologicalSorter({name: set[str]() for name in tables})
    for row in await connection.fetch(_REFERENCES, service):
        order.add(row["name"], row["needs"])
    for name in order.static_order():
        member = archive.manifest.member(_member(service, name))
        if member is None:
            raise StartupRefused(f"The backup lacks the table {service}.{name}: take another.")

        async def rows(member: Any = member) -> AsyncIterator[bytes]:
            for data in archive.chunks(member):
                yield data

        await connection.copy_to_table(name, schema_name=service, columns=member.columns, source=rows())
    for counter in archive.manifest.counters:
        if counter.service == service:
            where = f'{service}."{counter.name}"'
            await connection.execute(
                "SELECT setval($1::text::regclass, $2, $3)", where, counter.value, counter.used
            )


async def _check_key(connection: Any, service: str, manifest: Manifest, key: Key) -> None:
    if service in manifest.versions:
        check_proof(await connection.fetchval(f"SELECT proof FROM {service}.sealed_with"), key)  # noqa: S608
