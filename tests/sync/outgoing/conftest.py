"""A Trakt, an outbox, and two replicas between them, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from libs.common.clock import SystemClock
from libs.common.db import Database, open_database
from libs.common.db.migrate import upgrade
from tests.fakes.trakt import Movie, Person, Show
from tests.sync.outgoing.telling import ADA, Replica, Telling, telling


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await upgrade(database_url, service="sync")
    database = await open_database(database_url, schema="sync", clock=SystemClock())
    yield database
    await database.aclose()


@pytest.fixture
async def told(database: Database) -> AsyncIterator[Telling]:
    async with telling(database) as running:
        await running.connect("ada", ADA)
        yield running


@pytest.fixture
def ada(told: Telling) -> Person:
    return told.trakt.person("ada")


@pytest.fixture
def sync(told: Telling) -> Replica:
    return told.replicas[0]


@pytest.fixture
def film(told: Telling) -> Movie:
    return told.trakt.titles.movie("Metropolis", 1927, imdb="tt0000001")


@pytest.fixture
def show(told: Telling) -> Show:
    return told.trakt.titles.show("Dark", 2017, imdb="tt0000002", seasons={1: 3})
