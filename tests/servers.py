"""Private Redis and PostgreSQL servers: free ports, a temporary directory each, gone with the test run.

A missing binary fails the test that wanted it, with the package to install: a skipped test proves nothing.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from deploy.cluster.ports import free_port

START_S = 20.0
BOUND_BY_MODES = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
"""What goes before a command that has to obey file modes: nothing is read-only to root, and another user
may not reach the interpreter."""
ATTEMPTS = 5  # another process may take the free port between the look and the bind
EMPTYING = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$ DECLARE name TEXT; BEGIN
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
END $$;
CREATE SCHEMA public;
"""
EMPTYING_TABLES = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica; -- no foreign key asks for an order
DO $$ DECLARE name TEXT; BEGIN
    FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema' AND tablename !~ '_version$'
    LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
    -- What the library's migration puts in, where it has been.
    FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE tablename = 'library_numbers'
    LOOP EXECUTE 'INSERT INTO ' || name || ' (name, next) VALUES (''item'', 1), (''category'', 1)'; END LOOP;
END $$;
"""


class ServerMissing(Exception):
    """The machine lacks a server the tests need; the message names the package."""


def _binary(name: str, package: str, *folders: Path) -> Path:
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name)
    if found is None:
        raise ServerMissing(f"{name} isn't installed: run `apt-get install {package}` as root")
    return Path(found)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class RedisServer:
    """One redis-server; `kill` and `start` on the same port play an outage."""

    directory: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def socket_path(self) -> Path:
        return self.directory / "r.sock"

    def start(self) -> None:
        """Start, on the port it had before if there was one, and wait until it answers."""
        for _ in range(ATTEMPTS):
            port = self.port or free_port()
            if self._start_on(port):
                self.port = port
                return
        raise RuntimeError(f"redis-server did not start: {(self.directory / 'log').read_text()[-2000:]}")

    def _start_on(self, port: int) -> bool:
        command = [str(_binary("redis-server", "redis-server")), "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--unixsocket", str(self.socket_path), "--dir", str(self.directory)]
        command += ["--save", "", "--appendonly", "no"]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.perf_counter() + START_S
        while time.perf_counter() < deadline and self.process.poll() is None:
            if _answers(port):
                return True
            time.sleep(0.01)
        self.kill()
        return False

    def kill(self) -> None:
        """SIGKILL: every client sees its connection reset."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def command(self, *words: str) -> str:
        """Run one command through redis-cli and give what it printed."""
        binary = str(_binary("redis-cli", "redis-tools"))
        answer = subprocess.run(
            [binary, "-p", str(self.port), *words], capture_output=True, check=True, timeout=START_S
        )
        return answer.stdout.decode().strip()


@dataclass
class PostgresServer:
    """One PostgreSQL cluster; each test takes its own database from it. `stop` and `start` play an outage."""

    directory: Path
    port: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)
    _empty: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, *, tables_of: str = "") -> str:
        """The URL of an empty database: one that was given back, else a new one.

        With `tables_of` it may have the tables of that service, without a row.
        """
        if empty := self._empty.get(tables_of):
            return self.url(empty.pop())
        name = f"test_{next(self._numbers)}"
        self._sql("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def give_back(self, url: str, *, tables_of: str = "") -> None:
        """Empty it for the next taker, which costs less than making one. Whoever still uses it is cut off."""
        name = url.rpartition("/")[2]
        self._sql(name, EMPTYING_TABLES if tables_of else EMPTYING)
        self._empty.setdefault(tables_of, []).append(name)

    def _sql(self, database: str, sql: str) -> None:
        psql = str(self._binary("psql"))
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]
        # Without pipes, subprocess would look only every 50 ms whether it has ended.
        subprocess.run(
            [psql, *where, "-v", "ON_ERROR_STOP=1", "-qc", sql],
            check=True,
            capture_output=True,
            timeout=60,
        )

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def start(self) -> None:
        """Start, with the port and the databases it had before if any, and wait until it answers."""
        if not self._data.exists():
            how = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
            self._run("initdb", "-D", str(self._data), *how)
        for _ in range(ATTEMPTS):
            port = self.port or free_port()
            if self._start_on(port):
                self.port = port
                return
        raise RuntimeError(f"PostgreSQL did not start: {(self.directory / 'log').read_text()[-2000:]}")

    def _start_on(self, port: int) -> bool:
        options = f"-p {port} -k {self.directory} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.directory / "log")
        command = [
            "pg_ctl",
            "-D",
            str(self._data),
            "-l",
            log,
            "-w",
            "-t",
            str(START_S),
            "-o",
            options,
            "start",
        ]
        try:
            self._run(*command)
        except subprocess.CalledProcessError:
            return False
        return True

    def stop(self) -> None:
        """End it without a word to its clients; a stopped one stays stopped."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    @staticmethod
    def _binary(name: str) -> Path:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        return _binary(name, "postgresql", *folders)

    def _run(self, name: str, *arguments: str) -> None:
        # The server refuses to run as root, and everybody else can't change user.
        user = "postgres" if os.geteuid() == 0 else None
        with (self.directory / "tools.log").open("ab") as log:
            subprocess.run(
                [str(self._binary(name)), *arguments],
                check=True,
                timeout=60,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                user=user,
            )


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A Redis that keeps nothing on disk."""
    with _directory("headgate-redis-") as directory:
        server = RedisServer(directory)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that trusts the loopback and never waits for the disk."""
    with _directory("headgate-postgres-") as directory:
        if os.geteuid() == 0:
            shutil.chown(directory, "postgres", "postgres")
        server = PostgresServer(directory)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def _directory(prefix: str) -> Iterator[Path]:
    # Not pytest's own directory: that one is closed to other users, and the postgres user must reach this.
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
