"""The catalog service on SQLite, and on both engines where SQL is what is tested."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.db import Database, open_database
from libs.common.db.migrate import upgrade
from tests.catalog.hub import Catalog, running_catalog
from tests.fakes.clock import ManualClock


@pytest.fixture
def tables_of() -> str:
    return "catalog"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await upgrade(database_url, service="catalog")
    database = await open_database(database_url, schema="catalog", clock=SystemClock())
    yield database
    await database.aclose()


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[Catalog]:
    async with running_catalog(tmp_path) as running:
        yield running


@pytest.fixture
async def timed(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Catalog]:
    """A catalog whose time moves only when told."""
    async with running_catalog(tmp_path, clock=clock) as running:
        yield running
