"""The key a database was sealed with, and the version it has to stay at, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.db import Database, DatabaseUnavailable, open_database
from libs.common.db.checks import check_key, check_version
from libs.common.db.history import History
from libs.common.db.migrate import upgrade
from libs.common.errors import StartupRefused
from libs.common.secrets import SecretBox, SecretKey
from tests.fakes.clock import ManualClock

OURS, OTHER = (SecretBox(SecretKey.from_text(letter * 32)) for letter in "ko")
KEY_FILE = Path("/data/secret.key")


@pytest.fixture(params=["auth", "catalog"])
def service(request: pytest.FixtureRequest) -> str:
    """The services that seal columns."""
    name: str = request.param
    return name


@pytest.fixture
async def database(database_url: str, service: str) -> AsyncIterator[Database]:
    await upgrade(database_url, service=service)
    database = await open_database(database_url, schema=service, clock=ManualClock())
    yield database
    await database.aclose()


async def test_the_key_of_the_first_start_opens_every_later_one(database: Database, service: str) -> None:
    for _ in range(3):
        await check_key(database, OURS, service=service, key_file=KEY_FILE)


async def test_another_key_is_refused_and_changes_nothing(database: Database, service: str) -> None:
    """The hub used to start, looked healthy, and could open nothing it had stored."""
    await check_key(database, OURS, service=service, key_file=KEY_FILE)
    with pytest.raises(StartupRefused) as caught:
        await check_key(database, OTHER, service=service, key_file=KEY_FILE)
    assert str(caught.value) == (
        f"The {service} database was sealed with another key: set the former HEADGATE_SECRET_KEY or put back "
        "/data/secret.key."
    )
    await check_key(database, OURS, service=service, key_file=KEY_FILE)


async def test_the_program_version_passes_and_a_newer_one_too(database: Database, service: str) -> None:
    history = History.of(service)
    await check_version(database, history)
    await database.execute(f"UPDATE {history.version_table} SET version_num = '9999'")
    await check_version(database, history)


@pytest.mark.parametrize("change", ["SET version_num = '0000'", ""])
async def test_tables_taken_away_under_a_running_service_are_noticed(
    database: Database, service: str, change: str
) -> None:
    history = History.of(service)
    verb = "UPDATE" if change else "DELETE FROM"
    await database.execute(f"{verb} {history.version_table} {change}")
    with pytest.raises(DatabaseUnavailable, match=f"this program needs {history.head}"):
        await check_version(database, history)
