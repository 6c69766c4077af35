"""The deployment of `make cluster`, started for a while, and an owner who is signed in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from deploy.cluster.client import Client
from deploy.cluster.control import MemberStatus
from tests.harness.clients import Api
from tests.harness.hub import ROOT, UNLIMITED
from tests.harness.load import PAUSE_S, Load, Question, load
from tests.waiting import until

CLIENT_TIMEOUT_S = 2
LAST_CHARS = 4000
GATEWAYS = 2
NOTHING: Mapping[str, str] = MappingProxyType({})
OWN = {
    **UNLIMITED,
    "CLUSTER_HTTP_PORT": "0",
    "CLUSTER_HTTPS_PORT": "0",
    "CLUSTER_CLIENT_TIMEOUT_S": str(CLIENT_TIMEOUT_S),
    "CLUSTER_CONNECTIONS_PER_ADDRESS": "65535",
    "HEADGATE_ALLOW_PRIVATE_UPSTREAMS": "true",
    "PYTHONUNBUFFERED": "1",
}


class Deployed(Client):
    """A cluster that runs, and what happens to processes although nobody asks for it."""

    __slots__ = ()

    def kill(self, name: str) -> None:
        """SIGKILL; the supervisor starts it again."""
        self._signal(name, signal.SIGKILL)

    def pause(self, name: str) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self._signal(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self._signal(name, signal.SIGCONT)

    def _signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.member(name).pid, number)

    def member(self, name: str) -> MemberStatus:
        return next(one for one in self.status().members if one.name == name)

    def log(self, name: str) -> str:
        """Everything the member has printed."""
        return (self.data_dir / "logs" / f"{name}.log").read_text()


@dataclass(frozen=True)
class Running:
    """A cluster, with an owner who is signed in and his address for players."""

    client: Deployed
    url: str
    https_url: str
    token: str
    manifest_url: str

    @property
    def manifest_path(self) -> str:
        return "/" + self.manifest_url.partition("://")[2].partition("/")[2]

    def questions(self) -> list[Question]:
        """Pages, players, reads and changes, through every service."""
        return [
            Question("GET", "/login"),
            Question("GET", self.manifest_path),
            Question("GET", "/api/v1/me"),
            Question("GET", "/api/v1/addons"),
            Question("GET", "/api/v1/sync/jobs"),
            Question("GET", "/api/v1/streams/movie/tt0000001"),
            Question("POST", "/api/v1/sync/jobs", {"kind": "addons"}, repeatable=True),
        ]

    @asynccontextmanager
    async def under_load(self, *, clients: int, pause_s: float = PAUSE_S) -> AsyncIterator[Load]:
        headers = {"Authorization": f"Bearer {self.token}"}
        questions = self.questions()
        async with load(self.url, questions, clients=clients, headers=headers, pause_s=pause_s) as running:
            yield running


@contextmanager
def cluster(environment: Mapping[str, str] = NOTHING) -> Iterator[Deployed]:
    """A cluster of its own on free ports, ready to answer; ended cleanly. Its limits are beyond any load.

    It is where other users get too: root's PostgreSQL and the workers of root's nginx are somebody else.
    """
    with tempfile.TemporaryDirectory(prefix="headgate-cluster-") as folder:
        Path(folder).chmod(0o711)
        data_dir = Path(folder) / "data"
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cluster", "run"],
            cwd=ROOT,
            env={**os.environ, **OWN, **environment, "CLUSTER_DATA_DIR": str(data_dir)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            _wait_until_up(process)
            yield Deployed(data_dir, data_dir / "control")
        finally:
            process.terminate()
            said = process.communicate(timeout=120)[0]
            if process.returncode:
                raise RuntimeError(f"the cluster ended with {process.returncode}: {said[-LAST_CHARS:]}")


def _wait_until_up(process: subprocess.Popen[str]) -> None:
    """Raises RuntimeError with everything it said when it ends before it is up."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if line.startswith("Headgate is at"):
            return
    raise RuntimeError(f"the cluster did not start: {said}")


async def signed_in(client: Deployed, username: str, password: str) -> Running:
    """Once everybody has found everybody well: who was asked while a dozen started side by side and didn't
    answer in time is left alone for two seconds."""
    status = client.status()
    async with Api.of(status.url) as api:

        async def is_well() -> bool:
            # nginx asks the gateways in turn, and each has found the others by itself.
            for _ in range(2 * GATEWAYS):
                health = await api.send("GET", "/healthz?verbose")
                if health.status != 200 or health.json["status"] != "pass":
                    return False
            return True

        await until(is_well)
        await api.sign_in(username, password)
        return Running(client, status.url, status.https_url, api.token, await api.stremio_url())
