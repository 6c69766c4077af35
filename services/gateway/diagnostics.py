"""What somebody who helps an operator wants to see, in one file, with nothing secret in it."""

import os
import platform
from datetime import datetime
from pathlib import Path

import msgspec

from libs.common.deadline import Deadline
from libs.common.metrics import Metrics
from libs.common.settings import CommonSettings
from libs.common.states import HubState
from services.gateway.hub_state import HubStates


class System(msgspec.Struct, frozen=True, kw_only=True):
    system: str
    machine: str
    python: str
    processors: int
    data_dir: str


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """How the hub is set up, without the addresses and passwords of its servers."""

    database: str
    redis_state: bool
    redis_cache: bool
    proxies: int
    public_url: bool
    log: str
    log_level: str


class Diagnostics(msgspec.Struct, frozen=True, kw_only=True):
    """`metrics` is Prometheus' text by service and instance."""

    made_at: datetime
    version: str
    system: System
    setup: Setup
    state: HubState
    metrics: dict[str, str]

    @property
    def file_name(self) -> str:
        return f"headgate-diagnostics-{self.made_at:%Y%m%d-%H%M%S}.json"


class Diagnosis:
    def __init__(
        self, states: HubStates, settings: CommonSettings, *, version: str, metrics: Metrics
    ) -> None:
        self._states = states
        self._settings = settings
        self._version = version
        self._metrics = metrics

    async def make(self, *, deadline: Deadline) -> Diagnostics:
        state = await self._states.gather(deadline=deadline)
        texts = await self._states.texts("/metrics", deadline=deadline)
        return Diagnostics(
            made_at=state.at,
            version=self._version,
            system=_system(self._settings.data_dir),
            setup=_setup(self._settings),
            state=_without_people(state),
            metrics={"gateway": self._metrics.render().decode(), **texts},
        )


def _without_people(state: HubState) -> HubState:
    """Whom limits refused is nobody's business who helps."""
    processes = tuple(msgspec.structs.replace(one, refusals=()) for one in state.processes)
    return msgspec.structs.replace(state, processes=processes)


def _system(data_dir: Path) -> System:
    return System(
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
        python=platform.python_version(),
        processors=os.cpu_count() or 0,
        data_dir=str(data_dir),
    )


def _setup(settings: CommonSettings) -> Setup:
    return Setup(
        database="postgresql" if settings.database_url else "sqlite",
        redis_state=bool(settings.redis_url),
        redis_cache=bool(settings.redis_cache_url),
        proxies=len(settings.trusted_proxies),
        public_url=bool(settings.public_url),
        log=str(settings.log_file) if settings.log_file is not None else "standard error",
        log_level=settings.log_level,
    )
