"""A library on both engines: filled directly or by runs, and read."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.db import Database
from services.catalog.library.browse import Browse
from services.catalog.library.reading import Reading, reading_of
from tests.catalog.library.filled import Filler
from tests.catalog.library.runs import Runs
from tests.fakes.clock import ManualClock
from tests.fakes.panel.panel import FakePanel


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    async with FakePanel() as panel:
        yield panel


@pytest.fixture
async def runs(database: Database, clock: ManualClock) -> Runs:
    return await Runs.of(database, clock)


@pytest.fixture
def filler(database: Database) -> Filler:
    return Filler(database)


@pytest.fixture
def read(database: Database, clock: ManualClock) -> Reading:
    return reading_of(database, clock)


@pytest.fixture
def browse(read: Reading) -> Browse:
    return read.browse
