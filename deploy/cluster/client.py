"""A cluster from outside its supervisor: for the command line, for tests, for benchmarks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.cluster.control import Asked, MemberStatus, Status, Verb, ask
from deploy.cluster.settings import ClusterSettings
from libs.common.errors import StartupRefused

ROOT = Path(__file__).parents[2]
ANSWER_S = 600.0
LAST_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Client:
    """Asks the supervisor whose address stands in `control_file`; signals go to the processes themselves."""

    data_dir: Path
    control_file: Path

    @classmethod
    def of(cls, settings: ClusterSettings) -> Client:
        return cls(settings.data_dir, settings.control_file)

    def status(self) -> Status:
        return self._ask("status")

    @property
    def url(self) -> str:
        return self.status().url

    def restart(self, *names: str, tell: Callable[[str], None] = lambda _: None) -> None:
        """One replica after the other; all of them without names. Returns when the last is there."""
        self._ask("restart", *names, tell=tell)

    def stop(self, *names: str) -> None:
        """They stay away until `start`; all replicas without names."""
        self._ask("stop", *names)

    def start(self, *names: str) -> None:
        self._ask("start", *names)

    def kill(self, name: str) -> None:
        """SIGKILL; the supervisor starts it again."""
        self.signal(name, signal.SIGKILL)

    def pause(self, name: str) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self.signal(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self.signal(name, signal.SIGCONT)

    def signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.member(name).pid, number)

    def member(self, name: str) -> MemberStatus:
        return next(one for one in self.status().members if one.name == name)

    def log(self, name: str) -> str:
        """Everything the member has printed."""
        return (self.data_dir / "logs" / f"{name}.log").read_text()

    def _ask(self, verb: Verb, *names: str, tell: Callable[[str], None] = lambda _: None) -> Status:
        if not self.control_file.exists():
            raise StartupRefused(f"No cluster is running on {self.data_dir}; start one with: make cluster")
        path = Path(self.control_file.read_text())
        for said in ask(path, Asked(verb, list(names)), timeout_s=ANSWER_S):
            if said.error:
                raise StartupRefused(said.error)
            if said.status is not None:
                return said.status
            tell(said.sentence)
        raise StartupRefused("The cluster ended before it had answered.")


@contextmanager
def cluster(data_dir: Path, environment: Mapping[str, str] | None = None) -> Iterator[Client]:
    """A cluster of its own on free ports, ready to answer; ended cleanly. Its PostgreSQL never syncs."""
    data_dir.mkdir(parents=True, exist_ok=True)
    postgres_dir = Path(tempfile.mkdtemp(prefix="headgate-cluster-pg-"))
    postgres_dir.chmod(0o755)
    own = {
        "CLUSTER_DATA_DIR": str(data_dir),
        "CLUSTER_POSTGRES_DIR": str(postgres_dir / "data"),
        "CLUSTER_HTTP_PORT": "0",
        "CLUSTER_HTTPS_PORT": "0",
        "CLUSTER_SYNC_TO_DISK": "false",
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.cluster", "run"],
        cwd=ROOT,
        env={**os.environ, **own, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_until_up(process)
        yield Client(data_dir, data_dir / "control")
    finally:
        process.terminate()
        said = process.communicate(timeout=120)[0]
        shutil.rmtree(postgres_dir, ignore_errors=True)
        if process.returncode:
            raise RuntimeError(f"the cluster ended with {process.returncode}: {said[-LAST_CHARS:]}")


def _wait_until_up(process: subprocess.Popen[str]) -> None:
    """Raises RuntimeError with everything it said when it ends before it is up."""
    said = ""
    assert process.stdout is not None  # noqa: S101  a pipe was asked for
    for line in process.stdout:
        said += line
        if line.startswith("Headgate is at"):
            return
    raise RuntimeError(f"the cluster did not start: {said}")
