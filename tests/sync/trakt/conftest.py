"""Two processes that ask one Trakt for the same profiles, on both engines, and what reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.db.migrate import upgrade
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Movie, Person, Show
from tests.sync.trakt.reading import Reading, reading
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


@pytest.fixture
async def sync(
    one: Replica, trakt: FakeTrakt, ada: Person, tmp_path: Path, clock: ManualClock
) -> AsyncIterator[Reading]:
    await one.connect(trakt, ada)
    async with reading(one, trakt, tmp_path, clock) as running:
        yield running


@pytest.fixture
def film(trakt: FakeTrakt) -> Movie:
    return trakt.titles.movie("Metropolis", 1927, imdb="tt0017136", tmdb=19)


@pytest.fixture
def show(trakt: FakeTrakt) -> Show:
    return trakt.titles.show("The Line", 2001, imdb="tt0306414", seasons={0: 1, 1: 3})
