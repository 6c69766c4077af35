"""The tables of catalog on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.db import Database, open_database
from libs.common.db.migrate import upgrade
from services.catalog.store.addons import AddonStore
from services.catalog.store.health import HealthStore
from services.catalog.store.manifests import ManifestStore


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
def store(database: Database) -> AddonStore:
    return AddonStore(database)


@pytest.fixture
def manifests(database: Database) -> ManifestStore:
    return ManifestStore(database)


@pytest.fixture
def health(database: Database) -> HealthStore:
    return HealthStore(database)
