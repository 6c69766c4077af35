"""A cluster from outside its supervisor, as the command line asks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.cluster.control import Asked, Status, Verb, ask
from deploy.cluster.settings import ClusterSettings
from libs.common.errors import StartupRefused

ANSWER_S = 600.0


@dataclass(frozen=True, slots=True)
class Client:
    """Asks the supervisor whose address stands in `control_file`."""

    data_dir: Path
    control_file: Path

    @classmethod
    def of(cls, settings: ClusterSettings) -> Client:
        return cls(settings.data_dir, settings.control_file)

    def status(self) -> Status:
        return self._ask("status")

    def restart(self, *names: str, tell: Callable[[str], None] = lambda _: None) -> None:
        """One replica after the other; all of them without names. Returns when the last is there."""
        self._ask("restart", *names, tell=tell)

    def stop(self, *names: str) -> None:
        """They stay away until `start`; all replicas without names."""
        self._ask("stop", *names)

    def start(self, *names: str) -> None:
        self._ask("start", *names)

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
