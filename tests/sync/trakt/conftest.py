"""Two processes that ask one Trakt for the same profiles, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.db.migrate import upgrade
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Person
from tests.sync.trakt.replicas import Replica, replica


@pytest.fixture
async def trakt(clock: ManualClock) -> AsyncIterator[FakeTrakt]:
    async with FakeTrakt(clock=clock) as trakt:
        yield trakt


@pytest.fixture
def ada(trakt: FakeTrakt) -> Person:
    return trakt.person("ada")


@pytest.fixture
async def one(database_url: str, trakt: FakeTrakt, clock: ManualClock) -> AsyncIterator[Replica]:
    await upgrade(database_url, service="sync")
    async with replica(database_url, trakt, clock) as replica_:
        yield replica_


@pytest.fixture
async def other(database_url: str, one: Replica, trakt: FakeTrakt) -> AsyncIterator[Replica]:
    async with replica(database_url, trakt, one.clock) as replica_:
        yield replica_


@pytest.fixture
async def live(database_url: str) -> AsyncIterator[tuple[FakeTrakt, Replica, Replica]]:
    """Two processes whose time goes by itself."""
    await upgrade(database_url, service="sync")
    clock = SystemClock()
    async with (
        FakeTrakt(clock=clock) as trakt,
        replica(database_url, trakt, clock) as one,
        replica(database_url, trakt, clock) as other,
    ):
        yield trakt, one, other
