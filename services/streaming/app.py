"""The streaming application: built from settings, connected to catalog and the world at start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress

from aiohttp import web

from libs.addons.graph import open_answers, open_client
from libs.common.clock import Clock, SystemClock
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.client import SERVICE
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, Unavailable
from libs.common.graph import open_registry, open_service
from libs.common.health import Health
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from libs.common.web import STATUS, create_service_app
from services.streaming.aggregate import Aggregate
from services.streaming.health import REPORT_EVERY_S, HealthReporter
from services.streaming.keys import AGGREGATE
from services.streaming.listing import Listing
from services.streaming.routes import ENDPOINTS
from services.streaming.schemas import RESOURCES
from services.streaming.settings import Settings
from services.streaming.sources.addons import Addons

CATALOG_WITHIN_S = 1.5


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    clock = clock if clock is not None else SystemClock()
    metrics = Metrics("streaming", clock=clock)
    health = Health(clock=clock)
    graph = _Graph(settings, clock=clock, metrics=metrics, health=health)
    return create_service_app(
        settings=settings.common,
        metrics=metrics,
        clock=clock,
        endpoints=ENDPOINTS,
        context=graph.run,
        health=health,
    )


def alive(catalog: CatalogClient, clock: Clock) -> Callable[[], Awaitable[None]]:
    """Only a warning: the lists last known are good for a while, and every replica would leave at once."""

    async def check() -> None:
        deadline = Deadline.after(clock, CATALOG_WITHIN_S)
        answer = await catalog.service.raw("GET", "/readyz", identity=SERVICE, deadline=deadline)
        if answer.status != 200:
            raise Unavailable("not ready")

    return check


class _Graph:
    """Builds the collaborators when the app starts and closes them, last made first, when it ends."""

    def __init__(self, settings: Settings, *, clock: Clock, metrics: Metrics, health: Health) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._health = health

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        settings, clock = self._settings, self._clock
        async with AsyncExitStack() as stack:
            registry = open_registry(stack, settings.common, health=self._health, clock=clock)
            catalog = CatalogClient(
                await open_service(
                    stack,
                    settings.common,
                    "catalog",
                    metrics=self._metrics,
                    clock=clock,
                    status=app[STATUS],
                    registry=registry,
                )
            )
            self._health.add("catalog", alive(catalog, clock), required=False)
            tasks = Tasks()
            reporter = HealthReporter(catalog, clock)
            client = await open_client(
                stack, settings.common, settings.addons, metrics=self._metrics, clock=clock
            )
            answers = await open_answers(
                stack,
                Addons(client, catalog),
                cache_name="streams",
                common=settings.common,
                settings=settings.addons,
                waits_s=dict.fromkeys(RESOURCES, settings.streams_deadline_s),
                health=reporter,
                checks=self._health,
                tasks=tasks,
                metrics=self._metrics,
                clock=clock,
                status=app[STATUS],
            )
            stack.push_async_callback(tasks.aclose)
            tasks.every("report_addon_health", REPORT_EVERY_S, reporter.send, clock=clock)
            app[AGGREGATE] = Aggregate(
                Listing(catalog, settings.common.secret_key, clock=clock),
                answers,
                tasks=tasks,
                deadline_s=settings.streams_deadline_s,
            )
            yield
            with suppress(HeadgateError):  # figures only; catalog may be gone already
                await reporter.send()
