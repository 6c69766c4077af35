"""Backup and restore on both engines, as an operator types them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from libs.common.data_dir import data_dir_held
from libs.common.db import Database, open_database, sqlite_file
from libs.common.db.backup.cli import backup_command
from libs.common.db.checks import check_key
from libs.common.db.history import History, services_with_histories
from libs.common.db.migrate import downgrade, upgrade
from libs.common.secrets import SecretBox
from libs.common.settings import CommonSettings, Env, key_file
from tests.fakes.clock import ManualClock
from tests.tables import put_all_tables

SERVICES = services_with_histories()
KEY = "0123456789abcdef" * 4


@asynccontextmanager
async def opened(url: str, *, schema: str) -> AsyncIterator[Database]:
    database = await open_database(url, schema=schema, clock=ManualClock())
    try:
        yield database
    finally:
        await database.aclose()


@dataclass
class Hub:
    """The data of a hub that was started once, and two members of a household in it."""

    data_dir: Path
    database_url: str = ""
    key: str = field(default="", repr=False)

    @property
    def env(self) -> dict[str, str]:
        return {
            "HEADGATE_DATA_DIR": str(self.data_dir),
            "HEADGATE_DATABASE_URL": self.database_url,
            "HEADGATE_SECRET_KEY": self.key,
        }

    async def start(self) -> None:
        settings = CommonSettings.from_env(Env(self.env), service="auth", default_port=0)
        if not self.database_url:
            put_all_tables(self.data_dir)
        for service in SERVICES:
            url = settings.database_url_for(service)
            await upgrade(url, service=service)
            async with opened(url, schema=service) as database:
                box = SecretBox(settings.secret_key)
                await check_key(database, box, service=service, key_file=key_file(self.data_dir))

    async def write(self, sql: str) -> None:
        async with opened(self._url, schema="auth") as database:
            await database.execute(sql)

    async def names(self) -> list[str]:
        async with opened(self._url, schema="auth") as database:
            rows = await database.fetch_all("SELECT name FROM profiles ORDER BY name")
        return [row["name"] for row in rows]

    @property
    def _url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir}/auth.db"

    async def add(self, name: str) -> None:
        await self.write(
            "INSERT INTO accounts (id, username, username_key, password_hash, tier, role, created_at)"
            f" VALUES ('{name}', '{name}', '{name}', '', '', 'user', 1)"
        )
        await self.write(
            "INSERT INTO profiles (id, account_id, name, is_default, created_at)"
            f" VALUES ('p-{name}', '{name}', '{name}', TRUE, 1)"
        )

    async def run(self, verb: str, path: Path) -> int:
        return await asyncio.to_thread(backup_command, [verb, str(path)], self.env)


@pytest.fixture(params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Hub:
    hub = Hub(tmp_path / "data")
    if request.param == "postgresql":
        hub.database_url, hub.key = request.getfixturevalue("postgres_url"), KEY
    await hub.start()
    await hub.add("anna")
    return hub


async def test_what_a_backup_holds_comes_back(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.zip"
    assert await hub.run("backup", file) == 0
    assert file.stat().st_mode & 0o077 == 0
    await hub.add("bert")
    await hub.write("DELETE FROM profiles WHERE name = 'anna'")
    assert await hub.run("restore", file) == 0
    assert await hub.names() == ["anna"]
    await hub.start()  # the restored tables are at the version of the code, with the key it has
    assert await hub.run("restore", file) == 0
    assert await hub.names() == ["anna"]


async def test_numbers_given_once_are_not_given_again(hub: Hub, tmp_path: Path) -> None:
    url = hub.database_url or f"sqlite:///{hub.data_dir}/streaming.db"
    add = (
        "INSERT INTO viewing_outbox (account_id, profile_id, kind, video_id, title_id, type, position_ms,"
        " duration_ms, at, recorded_at) VALUES ('a', 'p', 'm', 'v', 't', 'movie', 1, 1, 1, 1) RETURNING seq"
    )

    async def number() -> int:
        async with opened(url, schema="streaming") as database:
            row = await database.fetch_one(add)
            assert row is not None
            await database.execute("DELETE FROM viewing_outbox")
            return int(row["seq"])

    before = await number()
    file = tmp_path / "hub.zip"
    assert await hub.run("backup", file) == 0
    assert await hub.run("restore", file) == 0
    assert await number() == before + 1


async def test_a_new_machine_needs_nothing_but_the_file_and_the_key(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.zip"
    assert await hub.run("backup", file) == 0
    if hub.database_url:
        await _drop_everything(hub.database_url)
    new = Hub(tmp_path / "new", hub.database_url, hub.key)
    assert await new.run("restore", file) == 0
    assert await new.names() == ["anna"]
    await new.start()
    assert key_file(new.data_dir).exists() is not bool(hub.database_url)


async def _drop_everything(url: str) -> None:
    connection = await asyncpg.connect(url)
    for service in SERVICES:
        await connection.execute(f"DROP SCHEMA {service} CASCADE")
    await connection.close()


async def test_what_was_there_before_a_restore_is_kept(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.zip"
    assert await hub.run("backup", file) == 0
    await hub.add("bert")
    assert await hub.run("restore", file) == 0
    if not hub.database_url:
        with closing(sqlite3.connect(hub.data_dir / "auth.db.before-restore")) as kept:
            assert kept.execute("SELECT count(*) FROM profiles").fetchone() == (2,)
        assert not [path for path in hub.data_dir.iterdir() if path.name.endswith(".restoring")]
        return
    connection = await asyncpg.connect(hub.database_url)
    assert await connection.fetchval("SELECT count(*) FROM auth_before_restore.profiles") == 2
    await connection.close()


async def test_a_running_hub_is_not_restored(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hub.zip"
    assert await hub.run("backup", file) == 0
    await hub.add("bert")
    if hub.database_url:
        async with opened(hub.database_url, schema="sync"):
            assert await hub.run("restore", file) == 1
        assert "running on this database (sync)" in capsys.readouterr().err
    else:
        with data_dir_held(hub.data_dir, shared=True):
            assert await hub.run("restore", file) == 1
        assert "stop the hub first" in capsys.readouterr().err
    assert await hub.names() == ["anna", "bert"]


async def test_a_backup_is_made_while_the_hub_writes(hub: Hub, tmp_path: Path) -> None:
    url = hub.database_url or f"sqlite:///{hub.data_dir}/auth.db"
    async with opened(url, schema="auth") as database, database.transaction() as transaction:
        await transaction.execute("DELETE FROM profiles WHERE TRUE")
        assert await hub.run("backup", tmp_path / "hub.zip") == 0
    assert await hub.run("restore", tmp_path / "hub.zip") == 0
    assert await hub.names() == ["anna"]


async def test_another_key_is_told_before_anything_changes(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hub.zip"
    assert await hub.run("backup", file) == 0
    await hub.add("bert")
    stranger = Hub(hub.data_dir, hub.database_url, "f" * 64)
    assert await stranger.run("restore", file) == 1
    assert "another key" in capsys.readouterr().err
    assert await hub.names() == ["anna", "bert"]


async def test_a_file_for_the_other_engine_is_refused_in_words(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hub.zip"
    assert await hub.run("backup", file) == 0
    other = Hub(tmp_path / "other", "" if hub.database_url else "postgresql://nobody@127.0.0.1:1/none", KEY)
    assert await other.run("restore", file) == 1
    assert "but this hub keeps its data in" in capsys.readouterr().err


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-400])


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 3] ^= 0xFF
    file.write_bytes(bytes(data))


def _none_of_ours(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../etc/passwd", "x")


def _lacking(file: Path) -> None:
    _rewrite(file, lambda manifest: manifest["members"].append(dict(manifest["members"][0], name="more")))


def _wrong_sum(file: Path) -> None:
    _rewrite(file, lambda manifest: manifest["members"][0].update(sha256="0" * 64))


def _newer_form(file: Path) -> None:
    _rewrite(file, lambda manifest: manifest.update(format=2, members="otherwise"))


def _newer_tables(file: Path) -> None:
    _rewrite(file, lambda manifest: manifest["versions"].update(auth="0099"))


def _rewrite(file: Path, change: Callable[[dict], object]) -> None:  # type: ignore[type-arg]  # any JSON
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.fixture
def household(tmp_path: Path) -> Hub:
    hub = Hub(tmp_path / "data")
    asyncio.run(hub.start())
    asyncio.run(hub.add("anna"))
    return hub


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_cut, "take another"),
        (_flip, "take another"),
        (_none_of_ours, "is no backup"),
        (_lacking, "is no backup"),
        (_wrong_sum, "damaged"),
        (_newer_form, "newer Headgate"),
        (_newer_tables, "newer than this program"),
        (Path.unlink, "There is no file"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    household: Hub,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "hub.zip"
    assert asyncio.run(household.run("backup", file)) == 0
    asyncio.run(household.add("bert"))
    spoil(file)
    assert asyncio.run(household.run("restore", file)) == 1
    assert says in capsys.readouterr().err
    assert asyncio.run(household.names()) == ["anna", "bert"]


def test_a_file_that_is_there_is_not_written_over(household: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.zip"
    file.write_bytes(b"yesterday's")
    assert asyncio.run(household.run("backup", file)) == 1
    assert file.read_bytes() == b"yesterday's"


def test_a_damaged_database_makes_room_for_the_backup(household: Hub, tmp_path: Path) -> None:
    file = tmp_path / "hub.zip"
    assert asyncio.run(household.run("backup", file)) == 0
    (household.data_dir / "auth.db").write_bytes(b"nonsense" * 1000)
    assert asyncio.run(household.run("restore", file)) == 0
    assert asyncio.run(household.names()) == ["anna"]


def test_a_hub_that_never_started_has_nothing_to_back_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asyncio.run(Hub(tmp_path / "data").run("backup", tmp_path / "hub.zip")) == 1
    said = capsys.readouterr().err
    assert ("nothing to back up" in said, str(tmp_path / "data") in said) == (True, True)
    assert list(tmp_path.iterdir()) == []


def test_an_older_backup_is_taken_further_at_the_next_start(household: Hub, tmp_path: Path) -> None:
    old = Hub(tmp_path / "old")
    asyncio.run(old.start())
    history = History.of("auth")
    file = tmp_path / "hub.zip"
    asyncio.run(downgrade(f"sqlite:///{old.data_dir}/auth.db", service="auth", to=history.revisions[-2]))
    assert asyncio.run(old.run("backup", file)) == 0
    assert asyncio.run(household.run("restore", file)) == 0
    assert sqlite_file.version(household.data_dir / "auth.db", "auth_version") == history.revisions[-2]
    asyncio.run(household.start())
    assert asyncio.run(household.names()) == []


@pytest.mark.parametrize(
    ("arguments", "status"), [(["backup"], 2), (["restore", "a", "b"], 2), (["backup", "--help"], 0)]
)
def test_how_it_is_asked_for(arguments: list[str], status: int) -> None:
    assert backup_command(arguments, {}) == status
