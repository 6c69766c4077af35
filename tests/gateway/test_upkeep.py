"""Metrics for scrapers, the merged API description, health with every service in it."""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from openapi_spec_validator import validate

from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import STRANGER, Canned, Inner

OPENAPI = "/openapi.json"


def description(paths: list[str], schemas: dict[str, object]) -> bytes:
    item = {
        "get": {
            "responses": {
                "200": {
                    "description": "x",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                }
            }
        }
    }
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "x", "version": "1"},
            "paths": dict.fromkeys(paths, item),
            "components": {"schemas": schemas},
        }
    ).encode()


async def test_description_holds_own_and_proxied_paths_only(gateway: Client, inner: Inner) -> None:
    inner.canned[OPENAPI] = Canned(
        description(["/api/v1/addons", "/api/v1/addons/order", "/internal/x"], {"Thing": {"type": "string"}})
    )
    document = await (await gateway.get(OPENAPI)).json()
    assert {"/api/v1/setup", "/api/v1/me", "/api/v1/addons", "/api/v1/addons/order"} <= set(document["paths"])
    assert "/internal/x" not in document["paths"]
    assert "Thing" in document["components"]["schemas"]
    validate(document)


async def test_description_without_a_service_is_partial_and_asked_for_again(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    first = await (await gateway.get(OPENAPI)).json()
    assert "/api/v1/addons" not in first["paths"]
    inner.canned[OPENAPI] = Canned(description(["/api/v1/addons"], {"Thing": {"type": "string"}}))
    clock.advance(10)
    second = await (await gateway.get(OPENAPI)).json()
    assert "/api/v1/addons" in second["paths"]


async def test_metrics_are_for_neighbours(gateway: Client) -> None:
    answer = await gateway.get("/metrics")
    assert answer.status == 200
    assert "headgate_http_request_seconds" in await answer.text()


async def test_metrics_behind_an_undeclared_proxy_are_refused(gateway: Client) -> None:
    answer = await gateway.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status == 403


@pytest.mark.parametrize(("is_owner", "status"), [(True, 200), (False, 403)])
async def test_metrics_from_afar_want_an_administrators_token(
    start: Start, inner: Inner, is_owner: bool, status: int
) -> None:
    gateway = await start(HEADGATE_TRUSTED_PROXIES="127.0.0.1")
    token = inner.access_token() if is_owner else inner.access_token(STRANGER)
    headers = {"X-Forwarded-For": "203.0.113.7", "Authorization": f"Bearer {token}"}
    assert (await gateway.get("/metrics", headers=headers)).status == status


async def test_verbose_health_names_every_service(gateway: Client, inner: Inner) -> None:
    checks = (await (await gateway.get("/healthz?verbose")).json(content_type=None))["checks"]
    assert {name: check["status"] for name, check in checks.items()} == {
        "auth": "pass",
        "catalog": "pass",
        "streaming": "pass",
        "sync": "pass",
    }


async def test_verbose_health_names_instances_without_their_addresses(start: Start, inner: Inner) -> None:
    port = inner.servers["catalog"].port
    two = f"http://127.0.0.1:{port},http://localhost:{port}"
    gateway = await start(HEADGATE_CATALOG_URL=two)
    text = await (await gateway.get("/healthz?verbose")).text()
    instances = json.loads(text)["instances"]
    assert {name: [one["state"] for one in of_one] for name, of_one in instances.items()} == {
        "auth": ["up"],
        "catalog": ["up", "up"],
        "streaming": ["up"],
        "sync": ["up"],
    }
    assert str(port) not in text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            {"status": "fail", "checks": {"database": {"status": "fail", "output": "It is full."}}},
            "database: It is full.",
        ),
        ({"status": "fail", "output": "shutting down"}, "shutting down"),
        (["no report"], "not ready"),
    ],
)
async def test_a_service_that_is_not_ready_says_why(
    gateway: Client, inner: Inner, said: object, shown: str
) -> None:
    async def not_ready(_request: web.Request) -> web.Response:
        return web.json_response(said, status=503)

    inner.handlers["/readyz"] = not_ready
    checks = (await (await gateway.get("/healthz?verbose")).json(content_type=None))["checks"]
    assert checks["catalog"] == {"status": "fail", "output": shown}


async def test_service_that_is_away_makes_a_warning_auth_a_failure(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    await inner.servers["sync"].close()
    assert (await gateway.get("/readyz")).status == 200
    await inner.servers["auth"].close()
    clock.advance(2)
    assert (await gateway.get("/readyz")).status == 503
    assert (await gateway.get("/livez")).status == 200
