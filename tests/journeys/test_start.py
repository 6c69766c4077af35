"""Starting: what is refused says in one sentence what to do; what was acknowledged is there again."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from deploy.cluster.ports import free_port
from tests.fakes.addon import FakeAddon, films
from tests.harness.clients import Api, Player
from tests.harness.hub import ROOT, running
from tests.journeys.conftest import PASSWORD, USERNAME
from tests.servers import BOUND_BY_MODES
from tests.tables import put_tables


def run(*command: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end by itself, and without a traceback."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done


def refusal(
    data_dir: Path,
    environment: Mapping[str, str] | None = None,
    *,
    module: str = "services",
    prefix: Sequence[str] = (),
) -> str:
    """What the hub, or one service, says when it won't start; it has to end with status 1."""
    variables = {
        "HEADGATE_DATA_DIR": str(data_dir),
        "HEADGATE_PORT": str(free_port()),
        **(environment or {}),
    }
    done = run(*prefix, sys.executable, "-m", module, environment=variables)
    assert done.returncode == 1, done.stdout + done.stderr
    sentence = done.stderr.strip().splitlines()[-1]
    assert sentence.startswith("headgate: ")
    return sentence


async def test_everything_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    async with FakeAddon(catalogs={"top": films(3)}) as addon:
        with running("embedded", {}, tmp_path) as hub:
            async with Api.of(hub.url) as api:
                await api.sign_in(USERNAME, PASSWORD)
                await api.add(addon.manifest_url)
                player = Player(api.session, await api.stremio_url())
                before = await player.get("manifest.json")

                hub.kill("hub")
                hub.start("hub")
                hub.wait_ready()

                assert await player.get("manifest.json") == before
                assert [item["builtin"] for item in await api.addons()] == [True, False]


def test_a_killed_hub_leaves_nothing_behind_once_it_ran_again(tmp_path: Path) -> None:
    """Its sockets stayed in /tmp for ever."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with running("embedded", {"TMPDIR": str(temporary)}, tmp_path) as hub:
        hub.kill("hub")
        assert list(temporary.iterdir()) == []
        hub.start("hub")
        hub.wait_ready()
    assert list(temporary.iterdir()) == []
    assert list((hub.data_dir / "run").iterdir()) == []


def test_a_second_hub_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with running("embedded", {}, tmp_path) as hub:
        assert "Another Headgate is using" in refusal(hub.data_dir)
        assert "Another Headgate is using" in refusal(hub.data_dir, module="services.catalog")


def test_migrating_by_hand_waits_until_the_hub_has_stopped(tmp_path: Path) -> None:
    down = (sys.executable, "-m", "services", "migrate", "down", "auth", "--yes")
    with running("embedded", {}, tmp_path) as hub:
        told = run(*down, environment=hub.environment)
        assert (told.returncode, "stop the hub first" in told.stderr) == (1, True)
        hub.wait_ready()
    assert run(*down, environment=hub.environment).returncode == 0


def test_another_key_than_the_data_was_sealed_with_is_refused(tmp_path: Path) -> None:
    """The hub started, looked healthy, and could open nothing it had stored."""
    with running("embedded", {}, tmp_path) as hub:
        pass
    key_file = hub.data_dir / "secret.key"
    former = key_file.read_text()
    sentence = refusal(hub.data_dir, {"HEADGATE_SECRET_KEY": "another" * 8})
    assert "sealed with another key: set the former HEADGATE_SECRET_KEY or put back" in sentence
    key_file.unlink()
    assert str(key_file) in refusal(hub.data_dir)

    key_file.write_text(former)
    with running("embedded", {}, tmp_path):
        pass


def test_a_service_with_another_key_than_its_tables_is_refused(
    fresh_stores: dict[str, str], tmp_path: Path
) -> None:
    with running("split", fresh_stores, tmp_path) as hub:
        pass
    other = {**hub.environment, "HEADGATE_SECRET_KEY": "another" * 8}
    for name in ("auth", "catalog"):
        sentence = refusal(hub.data_dir, other, module=f"services.{name}")
        assert f"The {name} database was sealed with another key" in sentence


@pytest.mark.parametrize("module", ["services", "services.gateway"])
def test_shared_servers_without_a_shared_key_are_refused(tmp_path: Path, module: str) -> None:
    server = {"HEADGATE_DATABASE_URL": "postgresql://127.0.0.1/headgate"}
    assert "HEADGATE_SECRET_KEY has to be set" in refusal(tmp_path, server, module=module)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["services", "services.auth"])
def test_arguments_nobody_knows_start_nothing(tmp_path: Path, module: str) -> None:
    environment = {"HEADGATE_DATA_DIR": str(tmp_path)}
    bogus = run(sys.executable, "-m", module, "bogus", environment=environment)
    asked = run(sys.executable, "-m", module, "--help", environment=environment)
    assert (bogus.returncode, bogus.stderr[:6]) == (2, "usage:")
    assert (asked.returncode, asked.stdout[:6]) == (0, "usage:")
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        sentence = refusal(tmp_path, {"HEADGATE_PORT": str(port)})

    assert str(port) in sentence
    assert "HEADGATE_PORT" in sentence


def test_a_corrupt_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"this is not a database" * 500)

    assert "catalog.db" in refusal(tmp_path)


def test_a_file_in_place_of_the_data_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    assert "is no directory" in refusal(tmp_path / "data")


def test_a_database_from_a_newer_version_is_refused(tmp_path: Path) -> None:
    put_tables("catalog", tmp_path / "catalog.db")
    with sqlite3.connect(tmp_path / "catalog.db") as database:
        database.execute("UPDATE catalog_version SET version_num = '9999'")
    database.close()

    assert "newer" in refusal(tmp_path)


def test_a_data_directory_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    readonly = tmp_path / "readonly"
    readonly.mkdir(mode=0o555)

    assert "HEADGATE_DATA_DIR" in refusal(readonly, prefix=BOUND_BY_MODES)


@pytest.mark.parametrize(
    "name",
    [
        "HEADGATE_DATABASE_URL",
        "HEADGATE_PORT",
        "HEADGATE_PUBLIC_URL",
        "HEADGATE_REDIS_CACHE_URL",
        "HEADGATE_REDIS_URL",
        "HEADGATE_SECRET_KEY",
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, name: str) -> None:
    assert name in refusal(tmp_path, {name: "nonsense"})


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    """On a disk of 64 KiB in a mount namespace of its own, which needs no rights but a user's."""
    fill = 'mount -t tmpfs -o size=64k tmpfs "$0" && head -c 57344 /dev/zero > "$0/filler" && exec "$@"'
    own_namespace = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-Urm"]

    sentence = refusal(tmp_path, prefix=[*own_namespace, "sh", "-c", fill, str(tmp_path)])

    assert "full" in sentence
