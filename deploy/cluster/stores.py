"""The private Redis and PostgreSQL of a cluster: where nothing is given by environment."""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from deploy.cluster.ports import free_port
from deploy.cluster.process import Failed, Launch, run
from libs.common.errors import StartupRefused

OWNER_ONLY = 0o600
OTHERS_MAY_ENTER = 0o001
POSTGRES_USER = "postgres"
SYSTEM_DIR = Path("/var/lib/headgate")
ENVIRONMENT: Mapping[str, str] = {"LANG": "C.UTF-8", "PATH": os.defpath}
ROLES: Mapping[str, Sequence[str]] = {
    # Copies of what others know: bounded, the least used give way, nothing on disk.
    "redis-cache": ("maxmemory 256mb", "maxmemory-policy allkeys-lru", 'save ""', "appendonly no"),
    # What replicas decide by: never thrown away, and there again after a restart.
    "redis-state": ("maxmemory-policy noeviction", 'save ""', "appendonly yes", "appendfsync everysec"),
}


def secret_in(path: Path) -> str:
    """The password in `path`, made on first use, readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
            file.write(secrets.token_hex(24))
    return path.read_text().strip()


def program(name: str, package: str) -> str:
    """Its path, also where Debian keeps PostgreSQL's. Raises StartupRefused with the package to install."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", *map(str, folders)])
    found = shutil.which(name, path=path)
    if found is None:
        raise StartupRefused(f"{name} isn't installed; install the package {package}.")
    return found


def redis(role: str, data_dir: Path, logs: Path, password: str) -> tuple[Launch, int, str]:
    """How to start it, its port, its address."""
    folder = data_dir / role
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = free_port()
    lines = [f"port {port}", "bind 127.0.0.1", f"dir {folder}", "daemonize no", *ROLES[role]]
    configuration = folder / "redis.conf"
    configuration.touch(mode=OWNER_ONLY)
    configuration.write_text("\n".join([*lines, f"requirepass {password}", ""]))
    launch = Launch(
        command=[program("redis-server", "redis-server"), str(configuration)],
        environment={"LANG": "C.UTF-8"},
        log=logs / f"{role}.log",
    )
    return launch, port, f"redis://:{password}@127.0.0.1:{port}/0"


class Postgres:
    """The database server; it refuses to be root, so root starts it as the user postgres."""

    def __init__(self, folder: Path, logs: Path, password: str) -> None:
        self.port = free_port()
        self._folder = folder
        self._log = logs / "postgres.log"
        self._password = password
        self._user = POSTGRES_USER if os.geteuid() == 0 else ""

    @property
    def url(self) -> str:
        return f"postgresql://headgate:{quote(self._password)}@127.0.0.1:{self.port}/headgate"

    async def prepare(self) -> None:
        """The files of an empty server, once. Raises StartupRefused."""
        folder = self._folder
        if (folder / "PG_VERSION").exists():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise StartupRefused(f"{folder} holds something else than a database; empty it, or name another.")
        if self._user:
            shutil.chown(folder, POSTGRES_USER, POSTGRES_USER)
        try:
            await self._make()
        except BaseException as error:
            # Half a database would be taken for a whole one at the next start.
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, Failed):
                raise StartupRefused(f"PostgreSQL can't be set up in {folder}: {error}") from error
            raise

    async def _make(self) -> None:
        command = [program("initdb", "postgresql"), "-D", str(self._folder), "-U", "headgate", "-E", "UTF8"]
        command += ["--locale=C.UTF-8", "-A", "scram-sha-256"]
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(f"{self._password}\n")
            password.flush()
            if self._user:
                shutil.chown(password.name, POSTGRES_USER)
            command += [f"--pwfile={password.name}"]
            await run(command, environment=ENVIRONMENT, directory=Path("/"), user=self._user)

    @property
    def launch(self) -> Launch:
        options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "300",
        }
        command = [program("postgres", "postgresql"), "-D", str(self._folder)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        return Launch(
            command=command,
            environment=ENVIRONMENT,
            log=self._log,
            directory=self._folder,
            user=self._user,
            stop_signal=signal.SIGINT,  # a fast shutdown: whoever is connected is cut off, nothing is lost
        )

    async def create_database(self) -> None:
        """Before anybody else connects. Raises StartupRefused."""
        found = await self._psql("SELECT 1 FROM pg_database WHERE datname = 'headgate'")
        if found.strip() != "1":
            await self._psql("CREATE DATABASE headgate")

    async def _psql(self, statement: str) -> str:
        command = [program("psql", "postgresql-client"), "-h", "127.0.0.1", "-p", str(self.port)]
        command += ["-U", "headgate", "-d", "postgres", "-tAc", statement]
        try:
            return await run(command, environment={**ENVIRONMENT, "PGPASSWORD": self._password})
        except Failed as error:
            raise StartupRefused(f"PostgreSQL refused to work: {error}") from error


def others_get_to(path: Path) -> bool:
    """Whether another user may pass every directory above `path` that is there already."""
    return all(folder.stat().st_mode & OTHERS_MAY_ENTER for folder in path.parents if folder.exists())


def postgres_folder(data_dir: Path, asked: Path | None) -> Path:
    """In the data directory, unless root runs this and the user postgres couldn't get there."""
    if asked is not None:
        return asked
    inside = data_dir / "postgres"
    if os.geteuid() != 0 or (inside / "PG_VERSION").exists():
        return inside
    if others_get_to(data_dir):
        return inside
    name = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    return SYSTEM_DIR / name / "postgres"


def check_postgres_user() -> None:
    """Raises StartupRefused where root has nobody to start PostgreSQL as."""
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(POSTGRES_USER)
        except KeyError as error:
            raise StartupRefused("There is no user postgres; install the package postgresql.") from error
