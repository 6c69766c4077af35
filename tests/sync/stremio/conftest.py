"""A Stremio, and the parts that ask it, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.db.migrate import upgrade
from tests.fakes.clock import ManualClock
from tests.fakes.stremio_api import Account, FakeStremio
from tests.sync.stremio.parts import PASSWORD, Parts, running_parts


@pytest.fixture
async def stremio() -> AsyncIterator[FakeStremio]:
    async with FakeStremio() as stremio:
        yield stremio


@pytest.fixture
def account(stremio: FakeStremio) -> Account:
    return stremio.add_account("anna@example.org", PASSWORD)


@pytest.fixture
async def parts(
    database_url: str, stremio: FakeStremio, account: Account, clock: ManualClock
) -> AsyncIterator[Parts]:
    await upgrade(database_url, service="sync")
    async with running_parts(database_url, stremio, clock) as parts:
        yield parts


@pytest.fixture
async def mine(parts: Parts) -> Parts:
    """Connected."""
    await parts.connect()
    return parts
