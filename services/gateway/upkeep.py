"""What machines around the hub read: metrics, the API's description, health of the services behind."""

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from libs.common.clock import Clock
from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.deadline import Deadline
from libs.common.errors import Forbidden, Unauthenticated, Unavailable
from libs.common.health import HealthReport, InstanceHealth
from libs.common.metrics import CONTENT_TYPE
from libs.common.web import Endpoint, check_access, json_response
from libs.common.web.app import METRICS
from services.gateway.address import is_near
from services.gateway.admit import caller_identity
from services.gateway.keys import DOCUMENTS

READY_WITHIN_S = 1.5


async def show_metrics(request: web.Request) -> web.Response:
    await _check_scraper(request)
    return web.Response(
        body=request.app[METRICS].render(),
        headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"},
    )


async def show_document(request: web.Request) -> web.Response:
    document = await request.app[DOCUMENTS].merged()
    lives = "public, max-age=60, s-maxage=60, stale-while-revalidate=600, stale-if-error=86400"
    headers = {"Cache-Control": lives, "Access-Control-Allow-Origin": "*"}
    return json_response(document, headers=headers)


def readiness_of(client: ServiceClient, clock: Clock) -> Callable[[], Awaitable[None]]:
    """A check that passes when the service calls itself ready; it goes around the breaker to see recovery."""

    async def check() -> None:
        deadline = Deadline.after(clock, READY_WITHIN_S)
        answer = await client.raw("GET", "/readyz?verbose", identity=SERVICE, deadline=deadline, waits=False)
        if answer.status != 200:
            raise Unavailable(_what_is_out(answer.body))

    return check


def instances_of(client: ServiceClient) -> list[InstanceHealth]:
    return [InstanceHealth(one.id, one.state) for one in client.instances()]


def _what_is_out(body: bytes) -> str:
    """The words of the service itself, which name its database and not just the service."""
    try:
        report = msgspec.json.decode(body, type=HealthReport)
    except msgspec.DecodeError:
        return "not ready"
    out = [f"{name}: {check.output}" for name, check in report.checks.items() if check.status != "pass"]
    return "; ".join(out) or report.output or "not ready"


async def _check_scraper(request: web.Request) -> None:
    """Figures tell a stranger how busy a house is: only neighbours and administrators get them."""
    if is_near(request):
        return
    identity = await caller_identity(request)
    try:
        check_access("admin", identity)
    except Unauthenticated as error:
        raise Forbidden("Metrics are for scrapers nearby or with an administrator's token.") from error


def _undocumented(
    path: str, handler: Callable[[web.Request], Awaitable[web.Response]], summary: str
) -> Endpoint:
    return Endpoint(
        method="GET", path=path, handler=handler, summary=summary, access="public", documented=False
    )


ENDPOINTS = (
    _undocumented("/metrics", show_metrics, "Metrics of the gateway for Prometheus"),
    _undocumented("/openapi.json", show_document, "The REST API in OpenAPI 3.1"),
)
