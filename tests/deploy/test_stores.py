"""Where a cluster keeps its secrets and PostgreSQL its files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.cluster import stores
from libs.common.errors import StartupRefused


def test_a_password_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "redis.password"
    first = stores.secret_in(path)
    assert len(first) == 48
    assert stores.secret_in(path) == first
    assert path.stat().st_mode & 0o077 == 0


def test_a_missing_program_is_refused_with_its_package() -> None:
    with pytest.raises(StartupRefused, match="no-such-program isn't installed; install the package thing"):
        stores.program("no-such-program", "thing")


def test_the_database_is_where_it_was_asked_for(tmp_path: Path) -> None:
    assert stores.postgres_folder(tmp_path, tmp_path / "there") == tmp_path / "there"


@pytest.mark.parametrize(("user", "inside"), [(0, False), (1000, True)])
def test_roots_database_is_where_its_user_can_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, inside: bool
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    found = stores.postgres_folder(closed / "data", None)
    assert found.is_relative_to(closed) is inside
    assert found == stores.postgres_folder(closed / "data", None)


async def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.touch()
    postgres = stores.Postgres(tmp_path, tmp_path, "password")
    with pytest.raises(StartupRefused, match="holds something else than a database"):
        await postgres.prepare()
    assert photo.exists()
