"""Migrations on both engines: what they apply, what they put back, what they refuse."""

from __future__ import annotations

import asyncio
import io
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from deploy.cluster.ports import free_port
from libs.common.data_dir import data_dir_held
from libs.common.db import open_database, sqlite_file
from libs.common.db.cli import migrate_command
from libs.common.db.history import History, services_with_histories
from libs.common.db.migrate import downgrade, status, upgrade
from libs.common.errors import StartupRefused
from tests.fakes.clock import ManualClock
from tests.servers import BOUND_BY_MODES

HEAD = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down}
"""
FILMS = (
    HEAD.format(revision="0001", down=None)
    + """
def upgrade() -> None:
    op.create_table("films", sa.Column("id", sa.Text, primary_key=True), sa.Column("at", sa.BigInteger))


def downgrade() -> None:
    op.drop_table("films")
"""
)
YEARS = (
    HEAD.format(revision="0002", down='"0001"')
    + """
def upgrade() -> None:
    with op.batch_alter_table("films") as films:
        films.add_column(sa.Column("year", sa.Integer))


def downgrade() -> None:
    with op.batch_alter_table("films") as films:
        films.drop_column("year")
"""
)
BROKEN = (
    HEAD.format(revision="0002", down='"0001"')
    + """
def upgrade() -> None:
    op.execute("DELETE FROM films")
    op.create_table("half", sa.Column("id", sa.Text))
    op.execute("SELECT nonsense FROM nowhere")


def downgrade() -> None:
    pass
"""
)


FULL = BROKEN.replace(
    'op.execute("SELECT nonsense FROM nowhere")',
    'op.execute("PRAGMA max_page_count=1"); op.execute("INSERT INTO half VALUES (hex(zeroblob(1000000)))")',
)
ORPHANS = BROKEN.replace(
    'op.execute("SELECT nonsense FROM nowhere")',
    'op.execute("CREATE TABLE posters (film TEXT REFERENCES films (id))");'
    " op.execute(\"INSERT INTO posters VALUES ('gone')\")",
)


def history(folder: Path, *sources: str) -> History:
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    for number, source in enumerate(sources, start=1):
        (versions / f"{number:04}_step.py").write_text(source)
    return History.at(folder / "migrations", "films")


async def columns(url: str) -> set[str]:
    db = await open_database(url, schema="films", clock=ManualClock())
    try:
        await db.execute("INSERT INTO films (id) VALUES ('tt1') ON CONFLICT (id) DO NOTHING")
        row = await db.fetch_one("SELECT * FROM films")
        assert row is not None
        return set(row.keys())
    finally:
        await db.aclose()


async def test_an_empty_database_gets_everything_and_a_second_start_nothing(
    database_url: str, tmp_path: Path
) -> None:
    films = history(tmp_path, FILMS, YEARS)
    assert (await status(database_url, service="films", history=films)).pending == 2
    await upgrade(database_url, service="films", history=films)
    await upgrade(database_url, service="films", history=films)
    assert await columns(database_url) == {"id", "at", "year"}
    assert (await status(database_url, service="films", history=films)).current == "0002"


async def test_an_older_database_keeps_its_rows(database_url: str, tmp_path: Path) -> None:
    await upgrade(database_url, service="films", history=history(tmp_path, FILMS))
    assert await columns(database_url) == {"id", "at"}
    await upgrade(database_url, service="films", history=history(tmp_path, FILMS, YEARS))
    assert await columns(database_url) == {"id", "at", "year"}


async def test_down_takes_back_one_step_and_then_all(database_url: str, tmp_path: Path) -> None:
    films = history(tmp_path, FILMS, YEARS)
    await upgrade(database_url, service="films", history=films)
    await downgrade(database_url, service="films", to="0001", history=films)
    assert await columns(database_url) == {"id", "at"}
    await downgrade(database_url, service="films", to=None, history=films)
    assert (await status(database_url, service="films", history=films)).current is None
    await upgrade(database_url, service="films", history=films)
    assert await columns(database_url) == {"id", "at", "year"}


async def test_replicas_that_start_together_migrate_once(database_url: str, tmp_path: Path) -> None:
    films = history(tmp_path, FILMS, YEARS)
    await asyncio.gather(*(upgrade(database_url, service="films", history=films) for _ in range(4)))
    assert await columns(database_url) == {"id", "at", "year"}


async def test_a_failed_migration_refuses_the_start_and_leaves_everything_as_it_was(
    database_url: str, tmp_path: Path
) -> None:
    before = history(tmp_path, FILMS)
    await upgrade(database_url, service="films", history=before)
    assert await columns(database_url) == {"id", "at"}
    with pytest.raises(StartupRefused, match="could not be migrated to version 0002 and is as it was"):
        await upgrade(database_url, service="films", history=history(tmp_path, FILMS, BROKEN))
    assert await columns(database_url) == {"id", "at"}
    assert (await status(database_url, service="films", history=before)).current == "0001"


@pytest.mark.parametrize(
    ("migration", "sentence"),
    [
        (FULL, "The disk is full, so the films database could not be migrated and is as it was"),
        (ORPHANS, "a row of posters refers to a row of films that is gone"),
    ],
)
async def test_a_sqlite_migration_that_ends_badly_is_put_back(
    sqlite_url: str, tmp_path: Path, migration: str, sentence: str
) -> None:
    await upgrade(sqlite_url, service="films", history=history(tmp_path, FILMS))
    assert await columns(sqlite_url) == {"id", "at"}
    with pytest.raises(StartupRefused, match=sentence):
        await upgrade(sqlite_url, service="films", history=history(tmp_path, FILMS, migration))
    with closing(sqlite3.connect(tmp_path / "test.db")) as file:
        assert file.execute("SELECT id FROM films").fetchall() == [("tt1",)]
        names = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    assert sorted(names) == ["films", "films_version"]


async def test_a_database_newer_than_the_code_is_refused(database_url: str, tmp_path: Path) -> None:
    await upgrade(database_url, service="films", history=history(tmp_path / "new", FILMS, YEARS))
    with pytest.raises(StartupRefused, match=r"version 0002, newer than this program.* up to 0001"):
        await upgrade(database_url, service="films", history=history(tmp_path / "old", FILMS))
    assert await columns(database_url) == {"id", "at", "year"}


async def test_one_copy_from_before_the_last_migration_is_kept(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    await upgrade(sqlite_url, service="films", history=history(tmp_path, FILMS))
    assert not sqlite_file.copy_path(path).exists()
    await columns(sqlite_url)
    await upgrade(sqlite_url, service="films", history=history(tmp_path, FILMS, YEARS))
    with closing(sqlite3.connect(sqlite_file.copy_path(path))) as copy:
        assert copy.execute("SELECT id, at FROM films").fetchall() == [("tt1", None)]
    assert sqlite_file.copy_path(path).stat().st_mode & 0o777 == 0o600


async def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    path.write_bytes(b"holiday pictures" * 1000)
    with pytest.raises(StartupRefused, match="is damaged: put back a backup"):
        await upgrade(f"sqlite:///{path}", service="films", history=history(tmp_path, FILMS))
    assert path.read_bytes() == b"holiday pictures" * 1000


async def test_a_damaged_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    films = history(tmp_path, FILMS)
    await upgrade(f"sqlite:///{path}", service="films", history=films)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096))
    with pytest.raises(StartupRefused, match="is damaged"):
        await upgrade(f"sqlite:///{path}", service="films", history=films)


async def test_a_database_locked_by_another_process_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_S", 0.05)
    path = tmp_path / "test.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StartupRefused, match="locked by another process"):
            await upgrade(f"sqlite:///{path}", service="films", history=history(tmp_path, FILMS))


async def test_a_migration_lock_that_is_never_freed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "LOCK_TRIES", 1)
    monkeypatch.setattr(sqlite_file, "LOCK_PAUSE_S", 0)
    path = tmp_path / "test.db"
    with (
        sqlite_file.locked("films", path),
        pytest.raises(StartupRefused, match="Another process has been migrating"),
    ):
        await upgrade(f"sqlite:///{path}", service="films", history=history(tmp_path, FILMS))


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    # A limit on the size of files stands for the disk, since it needs no right to mount one.
    code = (
        "import asyncio, pathlib, resource, sys\n"
        "from libs.common.db.history import History\n"
        "from libs.common.db.migrate import upgrade\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        f"asyncio.run(upgrade('sqlite:///{tmp_path}/x.db', service='films', history=History.at("
        f"pathlib.Path({str(tmp_path / 'migrations')!r}), 'films')))\n"
    )
    history(tmp_path, FILMS)
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"The disk that holds {tmp_path} is full: make room" in answer.stderr


def test_a_read_only_data_directory_is_refused(tmp_path: Path) -> None:
    readonly = tmp_path / "readonly"
    readonly.mkdir(mode=0o555)
    code = (
        "import asyncio, pathlib\n"
        "from libs.common.db.history import History\n"
        "from libs.common.db.migrate import upgrade\n"
        f"asyncio.run(upgrade('sqlite:///{readonly}/x.db', service='films',"
        " history=History('films', pathlib.Path('/nowhere'), ('0001',))))\n"
    )
    command = [*BOUND_BY_MODES, sys.executable, "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "can't be written: give this user the right to write in" in answer.stderr


async def test_a_postgresql_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    url = f"postgresql://me:hunter2@127.0.0.1:{free_port()}/headgate"
    with pytest.raises(StartupRefused, match="doesn't answer: start it or correct"):
        await upgrade(url, service="films", history=history(tmp_path, FILMS))


def test_a_gap_in_the_numbers_is_noticed(tmp_path: Path) -> None:
    history(tmp_path, FILMS)
    (tmp_path / "migrations" / "versions" / "0003_later.py").write_text("")
    with pytest.raises(ValueError, match="should be number 0002"):
        History.at(tmp_path / "migrations", "films")


class Terminal(io.StringIO):
    """Somebody who types that line."""

    def isatty(self) -> bool:
        return True


def test_the_command_tells_applies_and_takes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env = {"HEADGATE_DATA_DIR": str(tmp_path)}
    service = services_with_histories()[0]
    head = History.of(service).head
    assert migrate_command(["status"], env) == 0
    assert f"{service:<10} at none  of {head}" in capsys.readouterr().out
    assert migrate_command(["up"], env) == 0
    assert capsys.readouterr().out.count("up to date") == len(services_with_histories())
    assert migrate_command(["down", service, "--yes"], env) == 0
    assert "1 pending" in capsys.readouterr().out


@pytest.mark.parametrize(("typed", "done"), [("sync\n", True), ("y\n", False), ("", False)])
def test_taking_back_says_what_is_lost_and_asks_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: str, done: bool
) -> None:
    env = {"HEADGATE_DATA_DIR": str(tmp_path)}
    head = History.of("sync").head
    assert migrate_command(["up", "sync"], env) == 0
    assert migrate_command(["down", "sync"], env, terminal=Terminal(typed)) == (0 if done else 1)
    told = capsys.readouterr().err
    assert f"from version {head} to " in told
    assert f"What version {head} brought is lost: " in told
    assert str(tmp_path / "sync.db.before-migration") in told
    assert migrate_command(["status", "sync"], env) == 0
    assert (f"at {head}" not in capsys.readouterr().out) is done


def test_taking_back_needs_a_yes_where_nobody_can_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = {"HEADGATE_DATA_DIR": str(tmp_path)}
    assert migrate_command(["up", "sync"], env) == 0
    assert migrate_command(["down", "sync"], env, terminal=io.StringIO("sync\n")) == 1
    assert "Nothing was changed; add --yes" in capsys.readouterr().err
    assert migrate_command(["status", "sync"], env) == 0
    assert f"at {History.of('sync').head}" in capsys.readouterr().out


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("argv", [["up"], ["down", "sync", "--yes"]])
def test_a_running_hub_keeps_migrations_by_hand_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str], shared: bool
) -> None:
    env = {"HEADGATE_DATA_DIR": str(tmp_path)}
    assert migrate_command(["up"], env) == 0
    with data_dir_held(tmp_path, shared=shared):
        assert migrate_command(argv, env) == 1
        assert f"Another Headgate is using {tmp_path}; stop the hub first." in capsys.readouterr().err
        assert migrate_command(["status"], env) == 0
    assert migrate_command(argv, env) == 0


def test_help_is_told_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate_command(["--help"], {"HEADGATE_DATA_DIR": str(tmp_path)}) == 0
    assert capsys.readouterr().out.startswith("usage: ")


@pytest.mark.parametrize(
    "argv",
    [[], ["sideways"], ["down"], ["down", "--yes"], ["up", "--yes"], ["up", "a", "b"], ["up", "gateway"]],
)
def test_a_command_that_makes_no_sense_changes_nothing(argv: list[str], tmp_path: Path) -> None:
    assert migrate_command(argv, {"HEADGATE_DATA_DIR": str(tmp_path)}) == 2
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_why_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = services_with_histories()[0]
    (tmp_path / f"{service}.db").write_bytes(b"not a database at all")
    assert migrate_command(["up", service], {"HEADGATE_DATA_DIR": str(tmp_path)}) == 1
    assert "is damaged" in capsys.readouterr().err
