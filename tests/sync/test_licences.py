"""A licence is accepted once, by somebody, and may be withdrawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.contracts.sync import NewJob
from libs.common.db import open_database
from libs.common.db.migrate import upgrade
from libs.common.errors import Conflict, Forbidden, SettingsError
from services.sync.errors import LicenceNotAccepted
from services.sync.licences import IMDB, Licences
from services.sync.settings import Settings
from services.sync.store.licences import Acceptance, LicenceStore
from tests.fakes.clock import ManualClock
from tests.fakes.settings import SECRET
from tests.sync.test_api import GUEST, OWNER, Sync, sync

__all__ = ["sync"]


@pytest.fixture
async def licences(database_url: str, clock: ManualClock) -> AsyncIterator[Licences]:
    await upgrade(database_url, service="sync")
    database = await open_database(database_url, schema="sync", clock=clock)
    yield Licences(LicenceStore(database), clock)
    await database.aclose()


async def test_the_first_to_accept_is_remembered(licences: Licences, clock: ManualClock) -> None:
    with pytest.raises(LicenceNotAccepted):
        await licences.require(IMDB)
    at = int(clock.time() * 1000)
    await licences.accept(IMDB, "ada")
    clock.advance(5)
    await licences.accept(IMDB, "grace")
    await licences.require(IMDB)
    assert await licences.acceptance(IMDB) == Acceptance("ada", at)


async def test_a_withdrawn_licence_is_not_accepted(licences: Licences) -> None:
    await licences.accept(IMDB, "ada")
    await licences.withdraw(IMDB)
    with pytest.raises(LicenceNotAccepted):
        await licences.require(IMDB)


async def test_only_administrators_may_accept_or_look(sync: Sync) -> None:
    with pytest.raises(Forbidden):
        await sync.typed.imdb(GUEST, deadline=sync.deadline())
    with pytest.raises(Forbidden):
        await sync.typed.accept_imdb(GUEST, accepted=True, deadline=sync.deadline())


async def test_no_import_starts_without_it(sync: Sync) -> None:
    with pytest.raises(Conflict) as refused:
        await sync.typed.start(OWNER, NewJob(kind="imdb"), deadline=sync.deadline())
    assert refused.value.code == "licence_not_accepted"


@pytest.mark.parametrize("url", ["datasets.imdbws.com", "ftp://mirror", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused_at_start(tmp_path: Path, url: str) -> None:
    environment = {"HEADGATE_DATA_DIR": str(tmp_path), "HEADGATE_SECRET_KEY": SECRET}
    with pytest.raises(SettingsError, match="HEADGATE_IMDB_URL"):
        Settings.from_env({**environment, "HEADGATE_IMDB_URL": url})
