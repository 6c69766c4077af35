"""One hub per mode for all journeys, its owner, and a clean set of addons for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests import servers
from tests.harness import cluster as harness
from tests.harness.clients import Api, Player
from tests.harness.cluster import Deployed, Running
from tests.harness.hub import Hub, running
from tests.journeys.browser import chromium

USERNAME = "owner"
PASSWORD = "correct horse battery staple"
STREAMS_DEADLINE_S = 2.0
"""Half of the default: long for an addon on this machine, and not so long to wait for."""
OWN = {
    "HEADGATE_STREAMS_DEADLINE_S": str(STREAMS_DEADLINE_S),
    # Each test signs in and some are turned away, all from one address; other limits are the defaults.
    "HEADGATE_LIMIT_ANONYMOUS": "20/s burst 100",
    "HEADGATE_LIMIT_SIGN_IN": "20/s burst 100",
}


@pytest.fixture(scope="session")
def embedded_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running("embedded", OWN, tmp_path_factory.mktemp("embedded"), from_nothing=True) as hub:
        yield hub


@pytest.fixture(scope="session")
def split_hub(
    postgres_server: servers.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hub]:
    with servers.redis_server() as redis:
        stores = {"HEADGATE_REDIS_URL": redis.url, "HEADGATE_DATABASE_URL": postgres_server.new_database()}
        with running("split", {**OWN, **stores}, tmp_path_factory.mktemp("split")) as hub:
            yield hub


@pytest.fixture(scope="session", params=["embedded", "split"])
def hub(request: pytest.FixtureRequest) -> Hub:
    """A running hub with its owner: SQLite and memory in one process, then five on PostgreSQL and Redis.

    Both stay, so that files may be run in any order.
    """
    hub: Hub = request.getfixturevalue(f"{request.param}_hub")
    return hub


IN_ONE_PROCESS = pytest.mark.parametrize("hub", ["embedded"], indirect=True)
"""For what is looked at in the browser alone, which doesn't know how many processes there are."""


@pytest.fixture
def fresh_stores(redis_url: str, postgres_server: servers.PostgresServer) -> Iterator[dict[str, str]]:
    """The environment of a hub on an empty Redis and an empty database, of servers that run already.

    Whoever comes first still has to migrate it.
    """
    url = postgres_server.new_database(tables_of="hub")
    yield {"HEADGATE_REDIS_URL": redis_url, "HEADGATE_DATABASE_URL": url}
    postgres_server.give_back(url, tables_of="hub")


@asynccontextmanager
async def owner_of(hub: Hub) -> AsyncIterator[Api]:
    """The owner, signed in over REST, with no addons left from the test before."""
    async with Api.of(hub.url) as api:
        await api.sign_in(USERNAME, PASSWORD)
        for addon in await api.addons():
            await api.delete(f"/api/v1/addons/{addon['id']}")
        yield api


@pytest.fixture
async def api(hub: Hub) -> AsyncIterator[Api]:
    async with owner_of(hub) as api:
        yield api


@pytest.fixture
async def player(api: Api) -> Player:
    """The owner's one address, as a player has it."""
    return Player(api.session, await api.stremio_url())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Started once: whoever opens pages does so in contexts of their own, and in the loop of the session."""
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployed]:
    """The deployment on this machine, started once for all journeys on it."""
    with harness.cluster() as client:
        yield client


@pytest.fixture
async def cluster(deployed: Deployed) -> Running:
    return await harness.signed_in(deployed, USERNAME, PASSWORD)
