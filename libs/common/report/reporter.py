"""Draws together what one app tells of itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from libs.common.health import Health
from libs.common.metrics import Metrics
from libs.common.report.events import recent_events
from libs.common.report.figures import requests_of
from libs.common.report.statements import Statements
from libs.common.reports import CheckReport, MigrationsReport, ProcessReport, SettingReport
from libs.common.status import Status

PATH = "/internal/report"


class Reporter:
    """`settings` is asked each time, since a service goes on reading them after its app was made.

    Whoever opens the database hands in how far it is.
    """

    def __init__(
        self,
        status: Status,
        health: Health,
        metrics: Metrics,
        settings: Callable[[], Sequence[SettingReport]],
    ) -> None:
        self._status = status
        self._health = health
        self._metrics = metrics
        self._settings = settings
        self.statements = Statements()
        self.migrations: Callable[[], Awaitable[MigrationsReport]] | None = None

    async def report(self) -> ProcessReport:
        own = self._status.snapshot()
        health = await self._health.report()
        return ProcessReport(
            service=own.service,
            instance=own.instance,
            checks=tuple(
                CheckReport(name=name, status=result.status, problem=result.output)
                for name, result in health.checks.items()
            ),
            requests=requests_of(self._metrics),
            settings=tuple(self._settings()),
            migrations=await self.migrations() if self.migrations is not None else None,
            events=recent_events(),
            statements=self.statements.told(),
        )
