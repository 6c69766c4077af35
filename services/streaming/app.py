"""The streaming application: built from settings, connected to catalog and the world at start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from aiohttp import web

from libs.addons.graph import open_answers, open_client
from libs.common.clock import Clock
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.client import SERVICE
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, Unavailable
from libs.common.graph import open_cache_redis, open_registry, open_service
from libs.common.ground import Ground
from libs.common.web import create_service_app
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
    return create_service_app(settings.common, ENDPOINTS, partial(_build, settings), clock=clock)


async def _build(settings: Settings, app: web.Application, ground: Ground) -> None:
    registry = open_registry(ground)
    catalog = CatalogClient(await open_service(ground, "catalog", registry=registry))
    ground.health.add("catalog", alive(catalog, ground.clock), required=False)
    reporter = HealthReporter(catalog, ground.clock)
    client = await open_client(ground, settings.addons)
    answers = await open_answers(
        ground,
        Addons(client, catalog),
        open_cache_redis(ground),
        cache_name="streams",
        settings=settings.addons,
        waits_s=dict.fromkeys(RESOURCES, settings.streams_deadline_s),
        health=reporter,
    )
    ground.tasks.every("report_addon_health", REPORT_EVERY_S, reporter.send, clock=ground.clock)
    ground.stack.push_async_callback(_send_the_last, reporter)
    app[AGGREGATE] = Aggregate(
        Listing(catalog, settings.common.secret_key, clock=ground.clock),
        answers,
        tasks=ground.tasks,
        deadline_s=settings.streams_deadline_s,
    )


async def _send_the_last(reporter: HealthReporter) -> None:
    with suppress(HeadgateError):  # figures only; catalog may be gone already
        await reporter.send()


def alive(catalog: CatalogClient, clock: Clock) -> Callable[[], Awaitable[None]]:
    """Only a warning: the lists last known are good for a while, and every replica would leave at once."""

    async def check() -> None:
        deadline = Deadline.after(clock, CATALOG_WITHIN_S)
        answer = await catalog.service.raw("GET", "/readyz", identity=SERVICE, deadline=deadline)
        if answer.status != 200:
            raise Unavailable("not ready")

    return check
