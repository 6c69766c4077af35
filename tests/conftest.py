"""Fixtures every part uses: real servers, one clean slate per test, and a clock that moves when told."""

from __future__ import annotations

import gc
import logging
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog

from tests import servers
from tests.tables import put_tables

if TYPE_CHECKING:
    from tests.fakes.clock import ManualClock


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays: to look through it for garbage took a third of the time of quick tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys first: they are the longest, and what comes last is done by one worker while others idle."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


@pytest.fixture(autouse=True)
def former_logging_comes_back() -> Iterator[None]:
    """Whatever sets it up in this process does so for its test alone: files run in any order."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if not structlog.is_configured():
        return
    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)
    for handler in handlers:
        if handler not in root.handlers:
            root.addHandler(handler)
    structlog.reset_defaults()
    logging.getLogger("aiohttp.server").filters.clear()


@pytest.fixture
def clock() -> ManualClock:
    from tests.fakes.clock import ManualClock  # noqa: PLC0415

    return ManualClock()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[servers.RedisServer]:
    with servers.redis_server() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: servers.RedisServer) -> str:
    """The shared Redis, emptied."""
    redis_server.command("FLUSHALL")
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.PostgresServer]:
    with servers.postgres_server() as server:
        yield server


@pytest.fixture
def tables_of() -> str:
    """The service whose empty tables are in a test's database from the beginning; overridden beside tests."""
    return ""


@pytest.fixture
def postgres_url(postgres_server: servers.PostgresServer, tables_of: str) -> Iterator[str]:
    """An empty database of the shared PostgreSQL. The first with tables is still to be migrated."""
    url = postgres_server.new_database(tables_of=tables_of)
    yield url
    postgres_server.give_back(url, tables_of=tables_of)


@pytest.fixture
def sqlite_url(tmp_path: Path, tables_of: str) -> str:
    """Where a service keeps its file below that data directory."""
    path = tmp_path / f"{tables_of or 'test'}.db"
    if tables_of:
        put_tables(tables_of, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both engines: an empty SQLite file, then an empty PostgreSQL database."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url
