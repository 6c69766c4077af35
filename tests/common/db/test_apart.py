"""Migrations in a process of their own: what is pending is applied, what is refused is said the same way."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from libs.common.db.apart import upgrade_apart
from libs.common.db.history import services_with_histories
from libs.common.db.migrate import status
from libs.common.errors import StartupRefused
from libs.common.settings import INNER_SERVICES, CommonSettings, Env
from tests.fakes.settings import SECRET


def environment(tmp_path: Path, database_url: str = "") -> dict[str, str]:
    url = "" if database_url.startswith("sqlite") else database_url
    return {
        "HEADGATE_DATA_DIR": str(tmp_path),
        "HEADGATE_SECRET_KEY": SECRET,
        "HEADGATE_DATABASE_URL": url,
    }


def settings(variables: dict[str, str]) -> CommonSettings:
    return CommonSettings.from_env(Env(variables), service="gateway", default_port=0)


def move_back(path: Path, version: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(f"UPDATE {path.stem}_version SET version_num = ?", (version,))


async def test_every_pending_database_is_migrated_and_a_second_time_none(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = environment(tmp_path, database_url)
    common = settings(variables)
    await asyncio.to_thread(upgrade_apart, common, INNER_SERVICES, variables)
    for service in services_with_histories():
        assert (await status(common.database_url_for(service), service=service)).pending == 0
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    await asyncio.to_thread(upgrade_apart, common, INNER_SERVICES, variables)


def test_a_damaged_database_is_refused_before_a_process_is_started(tmp_path: Path) -> None:
    (tmp_path / "auth.db").write_bytes(b"this is not a database" * 500)
    variables = environment(tmp_path)
    with pytest.raises(StartupRefused, match=r"auth\.db is damaged"):
        upgrade_apart(settings(variables), INNER_SERVICES, variables)


def test_a_migration_that_fails_is_refused_with_its_reason(tmp_path: Path) -> None:
    variables = environment(tmp_path)
    upgrade_apart(settings(variables), ["catalog"], variables)
    move_back(tmp_path / "catalog.db", "0001")
    with pytest.raises(StartupRefused, match=r"catalog database could not be migrated .*already exists"):
        upgrade_apart(settings(variables), INNER_SERVICES, variables)


@pytest.mark.parametrize("program", ["/bin/false", "/nonexistent"])
def test_a_process_that_dies_leaves_the_migration_to_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    variables = environment(tmp_path)
    upgrade_apart(settings(variables), ["sync"], variables)
    assert not (tmp_path / "sync.db").exists()
