"""What somebody who helps an operator wants to see, in one file, with nothing secret in it."""

import asyncio
import os
import platform
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from libs.common.contracts.client import RawAnswer
from libs.common.contracts.standing import ConnectionsStanding, SourcesStanding, StandingClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.metrics import Metrics
from libs.common.report.reporter import PATH, Reporter
from libs.common.reports import (
    CheckReport,
    EventReport,
    MigrationsReport,
    ProcessReport,
    RequestsReport,
    SettingReport,
    StatementReport,
)
from libs.common.settings import CommonSettings
from libs.common.states import HubState
from services.gateway.hub_state import WITHIN_S, HubStates

T = TypeVar("T")

SOURCES_WITHIN_S = 3.0
"""They are read from databases, which may be slow just when somebody wants to know why."""


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


class ServiceTold(msgspec.Struct, frozen=True, kw_only=True):
    """One process of one service: what it stands on, how it answers, its tables and their statements."""

    service: str
    instance: str
    checks: tuple[CheckReport, ...]
    requests: RequestsReport
    migrations: MigrationsReport | None
    statements: tuple[StatementReport, ...]


class SettingTold(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that all of `services` have alike; a text is only `set` or `not set`."""

    name: str
    value: str
    is_default: bool
    services: tuple[str, ...]


class EventTold(msgspec.Struct, frozen=True, kw_only=True):
    """A warning or an error of one process. The line in its log, which `ids` lead to, says more."""

    instance: str
    event: EventReport


class Diagnostics(msgspec.Struct, frozen=True, kw_only=True):
    """`missing` names what could not be had in time, beside the processes that are missing in `state`.

    `metrics` is Prometheus' text by service and instance.
    """

    made_at: datetime
    version: str
    uptime_s: float
    partial: bool
    missing: tuple[str, ...]
    system: System
    setup: Setup
    services: tuple[ServiceTold, ...]
    sources: SourcesStanding | None
    connections: ConnectionsStanding | None
    events: tuple[EventTold, ...]
    settings: tuple[SettingTold, ...]
    state: HubState
    metrics: dict[str, str]

    @property
    def file_name(self) -> str:
        return f"headgate-diagnostics-{self.made_at:%Y%m%d-%H%M%S}.json"


class Diagnosis:
    def __init__(
        self,
        states: HubStates,
        reporter: Reporter,
        standing: StandingClient,
        settings: CommonSettings,
        *,
        version: str,
        metrics: Metrics,
    ) -> None:
        self._states = states
        self._reporter = reporter
        self._standing = standing
        self._settings = settings
        self._version = version
        self._metrics = metrics

    async def make(self, *, deadline: Deadline) -> Diagnostics:
        until = deadline.sooner(SOURCES_WITHIN_S)
        state, texts, (reports, missing), sources, connections = await asyncio.gather(
            self._states.gather(deadline=deadline),
            self._states.texts("/metrics", deadline=deadline),
            self._reports(deadline),
            _unless_away(self._standing.sources(deadline=until)),
            _unless_away(self._standing.connections(deadline=until)),
        )
        if sources is None:
            missing.append("sources")
        if connections is None:
            missing.append("connections")
        own = reports[0]
        uptimes = (
            one.uptime_s
            for one in state.processes
            if (one.service, one.instance) == (own.service, own.instance)
        )
        return Diagnostics(
            made_at=state.at,
            version=self._version,
            uptime_s=next(uptimes, 0.0),
            partial=state.partial or bool(missing),
            missing=tuple(missing),
            system=_system(self._settings.data_dir),
            setup=_setup(self._settings),
            services=tuple(map(_service, sorted(reports, key=lambda one: (one.service, one.instance)))),
            sources=sources,
            connections=connections,
            events=_events(reports),
            settings=_settings(reports),
            state=_without_people(state),
            metrics={"gateway": self._metrics.render().decode(), **texts},
        )

    async def _reports(self, deadline: Deadline) -> tuple[list[ProcessReport], list[str]]:
        """Of all processes, this one's first; and those that gave none."""
        own = await self._reporter.report()
        found = {(own.service, own.instance): own}
        missing = list[str]()
        for instance, answer in await self._states.told("GET", PATH, deadline=deadline.sooner(WITHIN_S)):
            report = _report(answer)
            if report is None:
                missing.append(f"report of {instance.service}")
            else:
                found.setdefault((report.service, report.instance), report)
        return list(found.values()), missing


async def _unless_away(asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except HeadgateError:
        return None


def _report(answer: RawAnswer | HeadgateError) -> ProcessReport | None:
    if isinstance(answer, RawAnswer):
        with suppress(msgspec.DecodeError):  # while versions differ, as during an upgrade
            return msgspec.json.decode(answer.body, type=ProcessReport)
    return None


def _service(report: ProcessReport) -> ServiceTold:
    return ServiceTold(
        service=report.service,
        instance=report.instance,
        checks=report.checks,
        requests=report.requests,
        migrations=report.migrations,
        statements=report.statements,
    )


def _events(reports: Iterable[ProcessReport]) -> tuple[EventTold, ...]:
    """The latest first. Services that share a process share its events."""
    by_instance = {report.instance: report.events for report in reports}
    told = [
        EventTold(instance=instance, event=event)
        for instance, events in by_instance.items()
        for event in events
    ]
    return tuple(sorted(told, key=lambda one: one.event.at, reverse=True))


def _settings(reports: Sequence[ProcessReport]) -> tuple[SettingTold, ...]:
    services = dict[SettingReport, set[str]]()
    for report in reports:
        for setting in report.settings:
            services.setdefault(setting, set()).add(report.service)
    told = [
        SettingTold(
            name=setting.name,
            value=setting.value,
            is_default=setting.is_default,
            services=tuple(sorted(names)),
        )
        for setting, names in services.items()
    ]
    return tuple(sorted(told, key=lambda one: (one.name, one.value)))


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
