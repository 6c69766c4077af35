"""Starts the hub as its users do: one process, or five on PostgreSQL and Redis."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from deploy.cluster.ports import free_port
from tests.servers import postgres_server, redis_server
from tests.tables import put_all_tables

Mode = Literal["embedded", "split"]
ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("auth", "catalog", "streaming", "sync", "gateway")
READY_S = 60.0
SECRET = "a-secret-key-for-tests-only-0123456789abcdef"
UNLIMITED: Mapping[str, str] = MappingProxyType(
    {
        f"HEADGATE_LIMIT_{name}": "10000/s burst 100000000"
        for name in (
            "ACCOUNT",
            "ADDRESS",
            "ANONYMOUS",
            "API",
            "INSTALL",
            "INSTALL_SEARCH",
            "PREMIUM",
            "PREMIUM_INSTALL",
            "SEARCH",
            "SIGN_IN",
            "WARM",
        )
    }
)
"""Settings whose limits no load reaches. They are counted all the same: what is measured includes that."""


@dataclass
class Hub:
    """A running hub. `processes` maps a service (or `hub`) to its process, `logs` to what it printed."""

    mode: Mode
    url: str
    data_dir: Path
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *, copy: str = "") -> None:
        """Starts a service, or the `copy`th replica of one, with the environment as it is now."""
        module = "services" if name == "hub" else f"services.{name}"
        with self.log(name + copy).open("ab") as log:
            self.processes[name + copy] = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def log(self, name: str) -> Path:
        return self.data_dir.parent / f"{name}.log"

    def logs(self) -> str:
        """Everything every process has printed."""
        return "".join(self.log(name).read_text() for name in self.processes)

    def kill(self, name: str) -> None:
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def stop(self) -> None:
        """Asks every process to end; each has to, with status 0, unless a test killed it."""
        for process in self.processes.values():
            process.terminate()
        ended = {name: process.wait(timeout=20) for name, process in self.processes.items()}
        bad = {name: status for name, status in ended.items() if status not in (0, -signal.SIGKILL)}
        assert not bad, f"ended with {bad}:\n{self.logs()}"

    def second_pair(self) -> str:
        """Starts one more catalog and one more gateway, that asks it; the address of that gateway."""
        port = free_port()
        variables = {
            "HEADGATE_CATALOG_PORT": str(port),
            "HEADGATE_CATALOG_URL": f"http://127.0.0.1:{port}",
        }
        with self._with(variables):
            self.start("catalog", copy="2")
            return self.second_gateway()

    def second_gateway(self) -> str:
        """Starts one more gateway over the same services; its address."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with self._with({"HEADGATE_PORT": str(port)}):
            self.start("gateway", copy="2")
        self.wait_ready(url)
        return url

    @contextmanager
    def _with(self, variables: Mapping[str, str]) -> Iterator[None]:
        first = self.environment
        self.environment = {**first, **variables}
        try:
            yield
        finally:
            self.environment = first

    def wait_ready(self, url: str = "") -> None:
        """Returns once the gateway (the first, or that at `url`) and its services say they are ready."""
        end = time.monotonic() + READY_S  # noqa: TID251  a process of its own has no clock to inject
        while not _ready(url or self.url):
            dead = [name for name, process in self.processes.items() if process.poll() is not None]
            if dead or time.monotonic() > end:  # noqa: TID251
                raise AssertionError(f"the hub did not get ready ({dead or 'in time'}):\n{self.logs()}")
            time.sleep(0.02)


def _ready(url: str) -> bool:
    """Whether every service behind the gateway passes: by itself the gateway is ready with fewer."""
    try:
        with urllib.request.urlopen(f"{url}/healthz?verbose", timeout=2) as answer:
            checks = json.loads(answer.read())["checks"]
    except (urllib.error.URLError, OSError):
        return False
    return all(check["status"] == "pass" for check in checks.values())


@contextmanager
def stores() -> Iterator[dict[str, str]]:
    """The environment of a hub on a Redis and a PostgreSQL of its own."""
    with redis_server() as redis, postgres_server() as postgres:
        yield {"HEADGATE_REDIS_URL": redis.url, "HEADGATE_DATABASE_URL": postgres.new_database()}


@contextmanager
def running(
    mode: Mode, environment: Mapping[str, str], directory: Path, *, from_nothing: bool = False
) -> Iterator[Hub]:
    """A hub in `directory`, ready to answer; stopped cleanly at the end.

    One in one process finds its tables there, empty, unless it is to start `from_nothing`.
    """
    data_dir = directory / "data"
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if mode == "embedded" and not from_nothing:
        put_all_tables(data_dir)
    port = free_port()
    own = {
        "HEADGATE_HOST": "127.0.0.1",
        "HEADGATE_PORT": str(port),
        "HEADGATE_DATA_DIR": str(data_dir),
        "HEADGATE_LOG_FORMAT": "json",
        "HEADGATE_ALLOW_PRIVATE_UPSTREAMS": "true",
        # What is not asked for would be counted with what is.
        "HEADGATE_WARM_UP_S": "0",
    }
    if mode == "split":
        for name in SERVICES[:-1]:
            inner_port = free_port()
            own[f"HEADGATE_{name.upper()}_PORT"] = str(inner_port)
            own[f"HEADGATE_{name.upper()}_URL"] = f"http://127.0.0.1:{inner_port}"
        own["HEADGATE_SECRET_KEY"] = SECRET
    hub = Hub(mode, f"http://127.0.0.1:{port}", data_dir, {**own, **environment})
    names: Sequence[str] = SERVICES if mode == "split" else ("hub",)
    try:
        for name in names:
            hub.start(name)
        hub.wait_ready()
        yield hub
    finally:
        hub.stop()
