"""The data directory: writable or refused, one hub at a time, and its sockets."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from libs.common.data_dir import data_dir_held, prepare_data_dir, private_sockets
from libs.common.errors import StartupRefused


def test_the_data_directory_is_made(tmp_path: Path) -> None:
    prepare_data_dir(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_data_directory_that_can_not_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupRefused, match=r"data directory .* can't be written .*HEADGATE_DATA_DIR"):
        prepare_data_dir(tmp_path / "file" / "data")


@pytest.mark.parametrize(("first", "second"), [(False, False), (False, True), (True, False)])
def test_a_hub_has_its_data_directory_alone(tmp_path: Path, first: bool, second: bool) -> None:
    refused = pytest.raises(StartupRefused, match=r"Another Headgate is using .*HEADGATE_DATA_DIR")
    with data_dir_held(tmp_path, shared=first), refused, data_dir_held(tmp_path, shared=second):
        raise AssertionError("two hubs on the same files")


def test_services_that_run_apart_share_their_data_directory(tmp_path: Path) -> None:
    with data_dir_held(tmp_path, shared=True), data_dir_held(tmp_path, shared=True):
        pass
    with data_dir_held(tmp_path):
        pass


def test_sockets_are_below_the_data_directory_for_this_user_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    with private_sockets(tmp_path) as folder:
        assert folder == tmp_path / "run"
        assert folder.stat().st_mode & 0o777 == 0o700


def test_sockets_of_a_killed_hub_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("kept")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "run" / "auth.sock"))
    with private_sockets(tmp_path) as folder:
        assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_path_too_long_for_sockets_gives_them_a_temporary_directory(tmp_path: Path) -> None:
    data_dir = tmp_path / ("x" * 100)
    data_dir.mkdir()
    with private_sockets(data_dir) as folder:
        assert data_dir not in folder.parents
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()
