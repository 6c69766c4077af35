"""A service that is full refuses at the edge, in the order of who asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient
from structlog.testing import capture_logs

from libs.common.contracts.client import SERVICE
from libs.common.identity import Identity
from libs.common.web import PRESSURE
from tests.common.web.service import endpoint, service, signed
from tests.fakes.clock import ManualClock

CEILING = 10
ACCOUNT = Identity("acc1", "pro1", "free")


@pytest.fixture
def app(tmp_path: Path, clock: ManualClock) -> web.Application:
    return service(tmp_path, clock, [endpoint()], variables={"HEADGATE_MAX_IN_FLIGHT": str(CEILING)})


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
