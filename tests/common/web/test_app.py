"""What every service gets for nothing: health, metrics, its document, its context."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web
from openapi_spec_validator import OpenAPIV31SpecValidator
from pytest_aiohttp import AiohttpClient

from libs.common.ground import Ground
from libs.common.web import HEALTH, PEERS
from tests.common.web.service import endpoint, ok, service
from tests.fakes.clock import ManualClock


async def test_the_graph_is_built_at_start_and_taken_down_at_the_end(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    events = list[str]()

    async def build(_app: web.Application, ground: Ground) -> None:
        events.append("built")
        ground.stack.callback(events.append, "taken down")

    app = service(tmp_path, clock, [endpoint()], build=build)
    assert events == []
    client = await aiohttp_client(app)
    assert events == ["built"]
    await client.close()
    assert events == ["built", "taken down"]


async def test_two_apps_live_in_one_interpreter(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    for _ in range(2):
        client = await aiohttp_client(service(tmp_path, clock, [endpoint()]))
        assert (await client.get("/thing")).status == 200


async def test_the_document_of_the_service_is_served_and_valid(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint(path="/api/v1/thing")]))
    document = await (await client.get("/openapi.json")).json()
    OpenAPIV31SpecValidator(document).validate()
    assert list(document["paths"]) == ["/api/v1/thing"]


async def test_a_service_may_show_its_own_document_and_metrics(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    own = [endpoint(path="/openapi.json"), endpoint(path="/metrics", access="admin")]
    client = await aiohttp_client(service(tmp_path, clock, own))
    assert await (await client.get("/openapi.json")).text() == "ok"
    assert (await client.get("/metrics")).status == 401


async def test_get_answers_head_too(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()]))
    answer = await client.head("/thing")
    assert (answer.status, answer.headers["Content-Length"]) == (200, "2")


async def test_head_may_have_a_handler_of_its_own(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    async def head(_request: web.Request) -> web.Response:
        return web.Response(headers={"X-Own": "1"})

    client = await aiohttp_client(service(tmp_path, clock, [endpoint(ok), endpoint(head, "HEAD")]))
    assert (await client.head("/thing")).headers["X-Own"] == "1"


async def test_the_server_does_not_name_its_versions(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()]))
    assert (await client.get("/thing")).headers["Server"] == "Headgate"


async def test_draining_shows_on_readiness_and_not_on_liveness(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    app = service(tmp_path, clock, [endpoint()])
    assert not app[PEERS].trusts("127.0.0.1")
    client = await aiohttp_client(app)
    app[HEALTH].set_draining()
    assert (await client.get("/readyz")).status == 503
    assert (await client.get("/healthz")).status == 503
    assert (await client.get("/livez")).status == 200
    assert (await client.get("/thing")).status == 200
