"""A service with too much to do, as those see it whom the gateway asks it for."""

from __future__ import annotations

import pytest
from aiohttp import ClientResponse, web

from libs.common.errors import Overloaded
from libs.common.web.problems import problem_response
from services.gateway.identify import SESSION_COOKIE
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, PASSWORD, SESSION_TOKEN, Inner

ASKED_OFTEN = 30
"""More than any breaker waits for."""
LOGIN = ("POST", "/api/v1/auth/login", "/internal/auth/login")
ADDONS = ("GET", "/api/v1/addons", "/api/v1/addons")
ROW = (
    "GET",
    f"/stremio/{INSTALL_TOKEN}/catalog/movie/top.json",
    "/internal/stremio/catalog/movie/top.json",
)


async def overloaded(_request: web.Request) -> web.Response:
    """As every service of the hub says it."""
    error = Overloaded("There is more to do here than can be done at the moment.", retry_after_s=1.2)
    return problem_response(error, "r1")


async def ask(client: Client, inner: Inner, method: str, path: str) -> ClientResponse:
    headers = {} if path.endswith("/login") else {"Authorization": f"Bearer {inner.access_token()}"}
    body = {"username": "ada", "password": PASSWORD} if method == "POST" else None
    return await client.request(method, path, headers=headers, json=body)


@pytest.mark.parametrize(("method", "path", "inner_path"), [LOGIN, ADDONS, ROW])
async def test_it_is_told_as_what_it_is_and_when_to_come_back(
    gateway: Client, inner: Inner, method: str, path: str, inner_path: str
) -> None:
    inner.handlers[inner_path] = overloaded
    answer = await ask(gateway, inner, method, path)
    assert answer.status == 503
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["Proxy-Status"] == "Headgate; error=http_request_denied"
    problem = await answer.json()
    assert problem["code"] == "overloaded"
    assert problem["type"] == Overloaded.type_uri


async def test_whoever_the_service_has_room_for_is_still_let_through_to_it(
    start: Start, inner: Inner
) -> None:
    """A breaker that counted refusals would turn accounts away for what strangers are refused for."""
    gateway = await start(
        HEADGATE_LIMIT_SIGN_IN="100/s burst 100", HEADGATE_LIMIT_ANONYMOUS="100/s burst 100"
    )
    inner.handlers[LOGIN[2]] = overloaded
    statuses = {(await ask(gateway, inner, *LOGIN[:2])).status for _ in range(ASKED_OFTEN)}
    assert statuses == {503}
    me = await ask(gateway, inner, "GET", "/api/v1/me")
    assert me.status == 200


async def test_a_page_for_somebody_signed_in_says_so_and_a_stranger_gets_a_line(
    gateway: Client, inner: Inner
) -> None:
    inner.handlers["/internal/auth/setup"] = overloaded
    stranger = await gateway.get("/login")
    assert (stranger.status, stranger.content_type) == (503, "application/problem+json")
    signed_in = await gateway.get("/login", headers={"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"})
    assert (signed_in.status, signed_in.content_type) == (503, "text/html")
