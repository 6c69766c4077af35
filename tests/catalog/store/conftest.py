"""The tables of catalog on both engines."""

from __future__ import annotations

import pytest

from libs.common.db import Database
from services.catalog.store.addons import AddonStore
from services.catalog.store.health import HealthStore
from services.catalog.store.manifests import ManifestStore


@pytest.fixture
def store(database: Database) -> AddonStore:
    return AddonStore(database)


@pytest.fixture
def manifests(database: Database) -> ManifestStore:
    return ManifestStore(database)


@pytest.fixture
def health(database: Database) -> HealthStore:
    return HealthStore(database)
