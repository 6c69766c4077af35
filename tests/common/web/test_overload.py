"""A service that is full refuses at the edge, in the order of who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient, AiohttpServer
from structlog.testing import capture_logs

from libs.common.balance.service import Balancing
from libs.common.contracts.client import FOR_ANYBODY, SERVICE, ServiceClient
from libs.common.deadline import Deadline
from libs.common.errors import Overloaded
from libs.common.identity import ANONYMOUS, Identity, IdentitySigner
from libs.common.metrics import Metrics
from libs.common.resilience import Breaker
from libs.common.web import PRESSURE, json_response
from tests.common.web.service import endpoint, service, signed
from tests.fakes.clock import ManualClock
from tests.fakes.settings import common_settings

CEILING = 10
ACCOUNT = Identity("acc1", "pro1", "free")


@pytest.fixture
def app(tmp_path: Path, clock: ManualClock) -> web.Application:
    async def nothing(_request: web.Request) -> web.Response:
        return json_response(None)

    endpoints = [endpoint(), endpoint(nothing, path="/nothing")]
    return service(tmp_path, clock, endpoints, variables={"HEADGATE_MAX_IN_FLIGHT": str(CEILING)})


def busy(app: web.Application, requests: int) -> None:
    for _ in range(requests):
        app[PRESSURE].enter()


@pytest.mark.parametrize(
    ("in_flight", "statuses"), [(5, (200, 200)), (6, (503, 200)), (9, (503, 200)), (10, (503, 503))]
)
async def test_whoever_is_known_finds_room_for_longer(
    aiohttp_client: AiohttpClient,
    tmp_path: Path,
    app: web.Application,
    in_flight: int,
    statuses: tuple[int, int],
) -> None:
    client = await aiohttp_client(app)
    busy(app, in_flight)
    for known in (ACCOUNT, SERVICE):
        header = signed(tmp_path, ManualClock(), known)
        found = ((await client.get("/thing")).status, (await client.get("/thing", headers=header)).status)
        assert found == statuses
    assert app[PRESSURE].in_flight == in_flight


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_probes_are_answered_however_full_it_is(
    aiohttp_client: AiohttpClient, app: web.Application, path: str
) -> None:
    client = await aiohttp_client(app)
    busy(app, 10 * CEILING)
    assert (await client.get(path)).status == 200


async def test_a_refusal_is_a_problem_of_the_registered_type_and_no_warning(
    aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    client = await aiohttp_client(app)
    busy(app, CEILING)
    with capture_logs() as logs:
        answer = await client.get("/thing")
    problem = await answer.json()
    assert problem["type"] == "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
    assert problem["code"] == "overloaded"
    assert 1 <= int(answer.headers["Retry-After"]) <= 3
    assert answer.headers["Proxy-Status"] == "Headgate; error=http_request_denied"
    assert "request_error" not in [line["event"] for line in logs]


@dataclass(frozen=True)
class Caller:
    """Another service of the hub, that asks `app` as the gateway does."""

    client: ServiceClient
    breaker: Breaker
    metrics: Metrics
    clock: ManualClock

    async def ask(self, identity: Identity) -> None:
        deadline = Deadline.after(self.clock, 5)
        await self.client.call("GET", "/nothing", identity=identity, deadline=deadline, into=type(None))

    async def finds_room(self, identity: Identity) -> bool:
        try:
            await self.ask(identity)
        except Overloaded:
            return False
        return True


@pytest.fixture
async def caller(
    aiohttp_server: AiohttpServer, app: web.Application, tmp_path: Path, clock: ManualClock
) -> AsyncIterator[Caller]:
    server = await aiohttp_server(app)
    signer = IdentitySigner(common_settings(tmp_path).secret_key, clock)
    metrics = Metrics("gateway", clock=clock)
    breaker = Breaker("auth", clock=clock)
    async with ServiceClient.connected(
        "auth",
        f"http://127.0.0.1:{server.port}",
        signer=signer,
        balancing=Balancing(clock=clock, metrics=metrics),
        breaker=breaker,
    ) as client:
        yield Caller(client, breaker, metrics, clock)


async def test_a_stranger_is_refused_before_an_account_by_the_service_that_is_asked_for_them(
    app: web.Application, caller: Caller
) -> None:
    busy(app, 6)
    found = {
        name: await caller.finds_room(identity)
        for name, identity in {
            "somebody unknown": FOR_ANYBODY,
            "somebody unknown, as what it is": ANONYMOUS.as_service(),
            "an account": ACCOUNT.as_service(),
            "the service itself": SERVICE,
        }.items()
    }
    assert found == {
        "somebody unknown": False,
        "somebody unknown, as what it is": False,
        "an account": True,
        "the service itself": True,
    }


async def test_refusals_for_too_much_to_do_open_no_breaker_and_are_counted(
    app: web.Application, caller: Caller
) -> None:
    """With the breaker open, those who would be let in were refused as well."""
    busy(app, CEILING)
    for _ in range(30):
        with pytest.raises(Overloaded) as refused:
            await caller.ask(ACCOUNT)
        assert refused.value.retry_after_s in {1.0, 2.0, 3.0}
    assert (caller.breaker.state, caller.breaker.failures) == ("closed", 0)
    counted = caller.metrics.registry.get_sample_value(
        "headgate_backend_overloaded_total", {"backend": "auth"}
    )
    assert counted == 30
