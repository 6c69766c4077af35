"""Every service's real history goes up, down and up again on both engines, and ends where it began."""

from __future__ import annotations

import importlib.util

import pytest

from libs.common.db import Database, open_database
from libs.common.db.history import History, services_with_histories
from libs.common.db.migrate import downgrade, upgrade
from tests.fakes.clock import ManualClock

Schema = list[tuple[object, ...]]

_POSTGRES_COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema=:schema AND table_name NOT LIKE '%\\_version' ORDER BY table_name, column_name
"""
_POSTGRES_INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname=:schema AND tablename NOT LIKE '%\\_version' ORDER BY indexname
"""
_SQLITE_TABLES = """
SELECT name, tbl_name, sql FROM sqlite_master
WHERE tbl_name NOT LIKE '%\\_version' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name
"""


async def _schema_of(db: Database, service: str) -> Schema:
    if db.dialect == "sqlite":
        return [tuple(row) for row in await db.fetch_all(_SQLITE_TABLES)]
    found: Schema = []
    for sql in (_POSTGRES_COLUMNS, _POSTGRES_INDEXES):
        found += [tuple(row) for row in await db.fetch_all(sql, schema=service)]
    return found


async def _schema(url: str, service: str) -> Schema:
    db = await open_database(url, schema=service, clock=ManualClock())
    try:
        return await _schema_of(db, service)
    finally:
        await db.aclose()


@pytest.mark.parametrize("service", services_with_histories())
async def test_up_down_up_ends_with_the_same_schema(service: str, database_url: str) -> None:
    history = History.of(service)
    steps: list[Schema] = [await _schema(database_url, service)]
    assert steps == [[]]
    await upgrade(database_url, service=service)
    first = await _schema(database_url, service)
    assert first
    for revision in reversed(history.revisions):
        await downgrade(database_url, service=service, to=history.before(revision))
    assert await _schema(database_url, service) == []
    await upgrade(database_url, service=service)
    assert await _schema(database_url, service) == first


@pytest.mark.parametrize("service", services_with_histories())
def test_revision_ids_are_the_numbers_of_the_files(service: str) -> None:
    history = History.of(service)
    below: str | None = None
    for path in sorted((history.folder / "versions").glob("[0-9]*.py")):
        spec = importlib.util.spec_from_file_location(f"{service}_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert (module.revision, module.down_revision) == (path.name[:4], below)
        below = module.revision
