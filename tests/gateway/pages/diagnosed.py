"""What services tell of themselves and their sources, as a test sets it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import cycle
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from libs.common.contracts.standing import (
    CONNECTIONS_PATH,
    SOURCES_PATH,
    AddonStanding,
    ConnectionsStanding,
    ConnectionStanding,
    LibraryStanding,
    SourcesStanding,
)
from libs.common.report.reporter import PATH
from libs.common.reports import (
    CheckReport,
    EventReport,
    MigrationsReport,
    ProcessReport,
    RequestsReport,
    SettingReport,
    StatementReport,
)

if TYPE_CHECKING:
    from tests.gateway.pages.inner import Inner

AT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


def quiet() -> ProcessReport:
    return ProcessReport(
        service="",
        instance="",
        checks=(CheckReport(name="database", status="pass"),),
        requests=RequestsReport(requests=1200, failures=3, mean_ms=4.2, p95_ms=21.0),
        settings=(SettingReport(name="HEADGATE_DRAIN_S", value="0", is_default=True),),
        migrations=MigrationsReport(current="0003", head="0003", pending=0),
        events=(),
        statements=(),
    )


@dataclass(frozen=True)
class Diagnosed:
    report: ProcessReport = field(default_factory=quiet)
    sources: SourcesStanding = field(
        default_factory=lambda: SourcesStanding(addons=(), addons_in_all=0, libraries=(), libraries_in_all=0)
    )
    connections: ConnectionsStanding = field(default_factory=lambda: ConnectionsStanding(items=(), in_all=0))


def troubled() -> Diagnosed:
    """Something of everything is wrong."""
    event = EventReport(
        event="addon_failed",
        level="warning",
        logger="libs.addons",
        at=AT,
        first_at=AT,
        times=12,
        ids={"request_id": "r-1"},
    )
    slow = StatementReport(
        statement="SELECT a FROM t WHERE id IN (…)",
        kind="read",
        times=40,
        mean_ms=610.0,
        worst_ms=900.0,
        slow=39,
        suggestion="Look at its plan.",
    )
    report = msgspec.structs.replace(
        quiet(),
        checks=(CheckReport(name="redis_cache", status="fail", problem="ConnectionError"),),
        migrations=MigrationsReport(current="0002", head="0003", pending=1),
        events=(event,),
        statements=(slow,),
        settings=(
            SettingReport(name="HEADGATE_DATABASE_URL", value="set", is_default=False),
            SettingReport(name="HEADGATE_LISTEN_FD", value="9", is_default=False),
        ),
    )
    addon = AddonStanding(
        addon_id="ad_1",
        builtin=False,
        state="out",
        score=12,
        badge="poor",
        calls=20,
        failures=18,
        latency_ms=900.0,
        reason="It is not asked for anything: it failed again and again.",
    )
    library = LibraryStanding(provider_id="pv_1", kind="xtream", state="expired", synced_at=AT)
    refused = ConnectionStanding(kind="trakt", state="refused", reason="signed_out")
    return replace(
        Diagnosed(),
        report=report,
        sources=SourcesStanding(addons=(addon,), addons_in_all=9, libraries=(library,), libraries_in_all=1),
        connections=ConnectionsStanding(items=(refused,), in_all=1),
    )


class DiagnosedService:
    def __init__(self, inner: Inner) -> None:
        self._inner = inner
        self._services = cycle(("auth", "catalog", "streaming", "sync"))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH, self._report),
            web.get(SOURCES_PATH, self._sources),
            web.get(CONNECTIONS_PATH, self._connections),
        ]

    async def _report(self, _request: web.Request) -> web.Response:
        # All four answer at one address, so they take turns in being asked.
        told = msgspec.structs.replace(
            self._inner.diagnosed.report, service=next(self._services), instance="host/1"
        )
        return _sent(told)

    async def _sources(self, _request: web.Request) -> web.Response:
        return _sent(self._inner.diagnosed.sources)

    async def _connections(self, _request: web.Request) -> web.Response:
        return _sent(self._inner.diagnosed.connections)


def _sent(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
