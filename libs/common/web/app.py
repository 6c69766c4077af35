"""The application every service is made of: its endpoints, behind the edge, with health, metrics, OpenAPI."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import cached_property, partial
from typing import Any, TypeAlias

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client import Counter

from libs.common.clock import Clock, SystemClock
from libs.common.data_dir import free_bytes, size_bytes
from libs.common.ground import Ground
from libs.common.health import Health, memory_below
from libs.common.identity import IdentitySigner
from libs.common.log import lines_by_level
from libs.common.metrics import CONTENT_TYPE as METRICS_CONTENT_TYPE
from libs.common.metrics import Metrics
from libs.common.report.reporter import PATH as REPORT_PATH
from libs.common.report.reporter import Reporter
from libs.common.settings import CommonSettings
from libs.common.sojourn import Sojourns
from libs.common.states import Clearing
from libs.common.status import Status
from libs.common.web import caches
from libs.common.web.endpoints import Endpoint, Handler, check_access
from libs.common.web.json import JSON_HEADERS, json_response, read_json
from libs.common.web.middleware import (
    Authenticate,
    Edge,
    Show,
    identity_from_header,
    identity_under_pressure,
)
from libs.common.web.openapi import openapi_document
from libs.common.web.peer import TrustedPeers
from libs.common.web.pressure import LoopLag, Pressure

VERSION = "0.1.0"
MIB = 1024 * 1024

CLOCK: web.AppKey[Clock] = web.AppKey("headgate_clock")
EDGE: web.AppKey[Edge] = web.AppKey("headgate_edge", Edge)
METRICS: web.AppKey[Metrics] = web.AppKey("headgate_metrics", Metrics)
PRESSURE: web.AppKey[Pressure] = web.AppKey("headgate_pressure", Pressure)
HEALTH: web.AppKey[Health] = web.AppKey("headgate_health", Health)
STATUS: web.AppKey[Status] = web.AppKey("headgate_status", Status)
REPORTER: web.AppKey[Reporter] = web.AppKey("headgate_reporter", Reporter)
REFUSED: web.AppKey[Counter] = web.AppKey("headgate_refused", Counter)
SERVICE: web.AppKey[str] = web.AppKey("headgate_service", str)
PEERS: web.AppKey[TrustedPeers] = web.AppKey("headgate_peers", TrustedPeers)


Build: TypeAlias = Callable[[web.Application, Ground], Awaitable[None]]


def create_service_app(
    settings: CommonSettings,
    endpoints: Sequence[Endpoint],
    build: Build,
    *,
    clock: Clock | None = None,
    middlewares: Sequence[Middleware] = (),
    max_body_bytes: int = MIB,
    default_deadline_s: float = 30.0,
    authenticate: Authenticate | None = None,
    show: Show | None = None,
) -> web.Application:
    """`build` makes the graph at start, on a ground that takes it down at the end; nothing is opened here.

    `middlewares` run inside the edge: they know the identity and may raise any HeadgateError. `authenticate`
    says who asks (by default the signed identity header) and asks PRESSURE whether there is room for them;
    `show` makes an error's answer, else a problem.
    """
    clock = clock if clock is not None else SystemClock()
    ground, pressure = _ground(settings, clock)
    peers = TrustedPeers(settings.trusted_proxies)
    by_header = identity_from_header(IdentitySigner(settings.secret_key, clock))
    edge = Edge(
        metrics=ground.metrics,
        clock=clock,
        peers=peers,
        authenticate=authenticate or identity_under_pressure(by_header, pressure),
        # Whoever proves an identity signed by us is one of us; without that check the header says nothing.
        trust_identity=authenticate is None,
        default_deadline_s=default_deadline_s,
        log_sample=settings.access_log_sample,
        pressure=pressure,
        show=show,
    )
    app = web.Application(middlewares=[edge.middleware(), *middlewares], client_max_size=max_body_bytes)
    app[CLOCK], app[METRICS], app[HEALTH] = clock, ground.metrics, ground.health
    app[STATUS], app[REPORTER] = ground.status, ground.reporter
    app[EDGE], app[PEERS], app[PRESSURE] = edge, peers, pressure
    app[SERVICE] = settings.service
    app[REFUSED] = ground.metrics.counter(
        "http_refused_total", "Connections and requests refused before any handler.", ("reason",)
    )
    add_endpoints(app, endpoints)
    add_endpoints(app, _state_endpoints(by_header))
    _describe_process(ground)
    _add_upkeep(app, ground, _Document(settings.service, endpoints))
    app.cleanup_ctx.append(_built(build, ground))
    app.cleanup_ctx.append(_measured_lag(pressure))
    return app


def _ground(settings: CommonSettings, clock: Clock) -> tuple[Ground, Pressure]:
    metrics, health = Metrics(settings.service, clock=clock), Health(clock=clock)
    sojourns = Sojourns(clock, metrics)
    pressure = Pressure(settings.max_in_flight, clock=clock, metrics=metrics, sojourns=sojourns)
    status = Status(settings.service, version=VERSION, load=pressure.state, metrics=metrics, clock=clock)
    reporter = Reporter(status, health, metrics, settings.env.told)
    return Ground(settings, clock, metrics, health, status, sojourns, reporter), pressure


def drain(app: web.Application) -> None:
    """Send clients elsewhere while still answering: not ready, and connections close after an answer."""
    if HEALTH in app:
        app[HEALTH].set_draining()
        app[EDGE].draining = True


def add_endpoints(app: web.Application, endpoints: Sequence[Endpoint]) -> None:
    """Route `endpoints`; those of one path share a resource, so that 405 names every method of it."""
    edge = app[EDGE]
    resources: dict[str, web.Resource] = {}
    taken = {(endpoint.path, endpoint.method) for endpoint in endpoints}
    for endpoint in endpoints:
        resource = resources.get(endpoint.path)
        if resource is None:
            resource = resources[endpoint.path] = app.router.add_resource(endpoint.path)
        route = resource.add_route(endpoint.method, endpoint.handler)
        edge.register(route, endpoint.access, lasts=endpoint.lasts)
        if endpoint.method == "GET" and (endpoint.path, "HEAD") not in taken:
            route = resource.add_route("HEAD", endpoint.handler)
            edge.register(route, endpoint.access, lasts=endpoint.lasts)


def _built(build: Build, ground: Ground) -> Callable[[web.Application], AsyncIterator[None]]:
    async def built(app: web.Application) -> AsyncIterator[None]:
        async with ground.stack:
            try:
                await build(app, ground)
                yield
            finally:
                await ground.tasks.aclose()

    return built


def _measured_lag(pressure: Pressure) -> Callable[[web.Application], AsyncIterator[None]]:
    async def measured(_app: web.Application) -> AsyncIterator[None]:
        lag = LoopLag(pressure)
        lag.start()
        yield
        lag.stop()

    return measured


def _describe_process(ground: Ground) -> None:
    settings, metrics = ground.settings, ground.metrics
    if settings.memory_warn_bytes:
        ground.health.add("memory", memory_below(settings.memory_warn_bytes), required=False)
    build = metrics.gauge("build_info", "What runs here; always 1.", ("version", "python"))
    build.labels(VERSION, platform.python_version()).set(1)
    metrics.counted_elsewhere("log_lines_total", "Lines this process has logged.", ("level",), lines_by_level)
    for name, help_, read in (
        ("data_free_bytes", "What is left of the disk that holds the data directory.", free_bytes),
        ("data_size_bytes", "The disk that holds the data directory.", size_bytes),
    ):
        metrics.gauge(name, help_).set_function(partial(read, settings.data_dir))


def _state_endpoints(by_header: Authenticate) -> list[Endpoint]:
    """For other services. The gateway, too, takes an identity header here, and nowhere else."""

    async def show_state(request: web.Request) -> web.Response:
        check_access("internal", await by_header(request))
        return json_response(request.app[STATUS].snapshot())

    async def show_report(request: web.Request) -> web.Response:
        check_access("internal", await by_header(request))
        return json_response(await request.app[REPORTER].report())

    async def show_keys(request: web.Request) -> web.Response:
        check_access("internal", await by_header(request))
        return json_response(caches.keys_of(request.app[STATUS]))

    async def clear_caches(request: web.Request) -> web.Response:
        check_access("internal", await by_header(request))
        return json_response(await caches.clear(request.app[STATUS], await read_json(request, Clearing)))

    def endpoint(method: str, path: str, handler: Handler, summary: str) -> Endpoint:
        return Endpoint(
            method=method, path=path, handler=handler, summary=summary, access="public", documented=False
        )

    return [
        endpoint("GET", "/internal/state", show_state, "The state of this process and its parts"),
        endpoint("GET", REPORT_PATH, show_report, "What it tells of itself for diagnostics"),
        endpoint("GET", caches.PATH, show_keys, "What its caches are asked for most"),
        endpoint("POST", caches.PATH, clear_caches, "Let go of what its caches hold"),
    ]


class _Document:
    """The service's OpenAPI document, made when first asked for."""

    def __init__(self, service: str, endpoints: Sequence[Endpoint]) -> None:
        self._service = service
        self._endpoints = endpoints

    @cached_property
    def body(self) -> bytes:
        document: dict[str, Any] = openapi_document(f"Headgate {self._service}", VERSION, self._endpoints)
        return msgspec.json.encode(document)


def _add_upkeep(app: web.Application, ground: Ground, document: _Document) -> None:
    health, metrics = ground.health, ground.metrics

    async def show_metrics(_request: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), headers={"Content-Type": METRICS_CONTENT_TYPE})

    async def show_document(_request: web.Request) -> web.Response:
        return web.Response(body=document.body, headers=JSON_HEADERS)

    quiet: dict[str, Handler] = {
        "/livez": health.livez,
        "/readyz": health.readyz,
        "/healthz": health.readyz,
        "/metrics": show_metrics,
        "/openapi.json": show_document,
    }
    served = {resource.canonical for resource in app.router.resources()}
    for path, handler in quiet.items():
        if path in served:
            continue  # the gateway shows its own: merged documents, guarded metrics
        resource = app.router.add_resource(path)
        for method in ("GET", "HEAD"):
            app[EDGE].register(resource.add_route(method, handler), "public", quiet=True)
