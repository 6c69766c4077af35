"""The tables of streaming on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.db import Database, open_database
from libs.common.db.migrate import upgrade


@pytest.fixture
def tables_of() -> str:
    return "streaming"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await upgrade(database_url, service="streaming")
    database = await open_database(database_url, schema="streaming", clock=SystemClock())
    yield database
    await database.aclose()
