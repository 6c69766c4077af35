"""The metrics that really exist: every service's app started as it is deployed, and its registry read."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from prometheus_client.metrics import MetricWrapperBase

from libs.common.metrics import CountedElsewhere, Metrics
from libs.common.web.app import METRICS
from tests.fakes.settings import SECRET

SERVICES = ("gateway", "auth", "catalog", "streaming", "sync")
OF_TARGETS = frozenset({"job", "service", "instance"})
"""What prometheus.yml adds to every series."""
SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One metric. `name` is without what the kind adds, except that a counter keeps its `_total`."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str
    services: tuple[str, ...]

    @property
    def series(self) -> frozenset[str]:
        """The names under which its samples are found."""
        if self.kind == "counter":
            return frozenset({self.name})
        return frozenset(self.name + suffix for suffix in SUFFIXES.get(self.kind, ("",)))


@asynccontextmanager
async def running_apps(directory: Path, redis_url: str) -> AsyncIterator[dict[str, Metrics]]:
    """The metrics of every service, started without its neighbours and without a port."""
    async with AsyncExitStack() as stack:
        found = {}
        for service in SERVICES:
            environment = {
                "HEADGATE_DATA_DIR": str(directory),
                "HEADGATE_SECRET_KEY": SECRET,
                "HEADGATE_REDIS_URL": redis_url,
            }
            settings = importlib.import_module(f"services.{service}.settings").Settings.from_env(environment)
            app: web.Application = importlib.import_module(f"services.{service}.app").create_app(settings)
            runner = web.AppRunner(app)
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            found[service] = app[METRICS]
        yield found


def exported(apps: dict[str, Metrics]) -> dict[str, Exported]:
    """Every metric by name, of whatever service, those of the process itself left out."""
    found: dict[str, Exported] = {}
    for service, metrics in apps.items():
        for collector in set(metrics.registry._collector_to_names):
            if isinstance(collector, MetricWrapperBase):
                (family,) = collector.describe()
                labels = tuple(collector._labelnames)
            elif isinstance(collector, CountedElsewhere):
                (family,) = collector.describe()
                labels = collector.labels
            else:
                continue
            name = family.name + ("_total" if family.type == "counter" else "")
            former = found[name].services if name in found else ()
            found[name] = Exported(
                name=name,
                kind=family.type,
                labels=labels,
                help=family.documentation,
                services=(*former, service),
            )
    return dict(sorted(found.items()))
