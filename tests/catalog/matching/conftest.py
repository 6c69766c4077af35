"""Matching on both engines."""

from __future__ import annotations

import pytest

from libs.common.clock import SystemClock
from libs.common.db import Database
from tests.catalog.matching.library import Library


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database, SystemClock())
