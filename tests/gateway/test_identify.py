"""Sessions by cookie and the proof that a form is our own, tried on a small app of pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.gateway.app import create_app
from services.gateway.callers import KNOWN_S
from services.gateway.identify import (
    CSRF_COOKIE,
    CSRF_FIELD,
    SESSION_COOKIE,
    check_csrf,
    csrf_token,
    end_session,
    session_identity,
    start_session,
)
from services.gateway.settings import Settings
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client
from tests.gateway.inner import SESSION_TOKEN, Inner


async def show_form(request: web.Request) -> web.Response:
    return web.Response(text=csrf_token(request))


async def send_form(request: web.Request) -> web.Response:
    fields = await request.post()
    check_csrf(request, {name: value for name, value in fields.items() if isinstance(value, str)})
    return web.Response(text="done")


async def who(request: web.Request) -> web.Response:
    identity = await session_identity(request)
    return web.Response(text=identity.account_id if identity else "nobody")


async def sign_in(request: web.Request) -> web.Response:
    response = web.Response()
    start_session(request, response, SESSION_TOKEN)
    return response


async def sign_out(request: web.Request) -> web.Response:
    response = web.Response()
    await end_session(request, response)
    return response


Start = Callable[..., Awaitable[Client]]


@pytest.fixture
async def start_pages(inner: Inner, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Start]:
    clients: list[Client] = []

    async def start_one(**settings: str) -> Client:
        environment = {**inner.environment(), "HEADGATE_DATA_DIR": str(tmp_path), **settings}
        app = create_app(Settings.from_env(environment), clock=clock)
        app.router.add_get("/t/form", show_form)
        app.router.add_post("/t/form", send_form)
        app.router.add_get("/t/who", who)
        app.router.add_get("/t/in", sign_in)
        app.router.add_get("/t/out", sign_out)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield start_one
    for client in clients:
        await client.close()


@pytest.fixture
async def pages(start_pages: Start) -> Client:
    return await start_pages()


async def test_form_with_its_own_token_and_cookie_passes(pages: Client) -> None:
    token = await (await pages.get("/t/form")).text()
    assert (await pages.post("/t/form", data={CSRF_FIELD: token})).status == 200


async def test_cookie_of_the_form_is_hidden_from_scripts_and_other_sites(pages: Client) -> None:
    cookie = (await pages.get("/t/form")).headers["Set-Cookie"]
    assert cookie.startswith(f"{CSRF_COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


async def test_second_form_uses_the_same_cookie(pages: Client) -> None:
    await pages.get("/t/form")
    assert "Set-Cookie" not in (await pages.get("/t/form")).headers


async def test_cookies_are_secure_behind_https(start_pages: Start) -> None:
    pages = await start_pages(HEADGATE_PUBLIC_URL="https://tv.example.org")
    assert "Secure" in (await pages.get("/t/form")).headers["Set-Cookie"]
    assert "Secure" in (await pages.get("/t/in")).headers["Set-Cookie"]


@pytest.mark.parametrize("sent", [{}, {CSRF_FIELD: ""}, {CSRF_FIELD: "0" * 64}])
async def test_form_without_its_token_is_refused(pages: Client, sent: dict[str, str]) -> None:
    await pages.get("/t/form")
    assert (await pages.post("/t/form", data=sent)).status == 403


async def test_token_without_its_cookie_is_refused(pages: Client) -> None:
    token = await (await pages.get("/t/form")).text()
    pages.session.cookie_jar.clear()
    assert (await pages.post("/t/form", data={CSRF_FIELD: token})).status == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
    ],
)
async def test_where_a_form_came_from_is_checked(pages: Client, headers: dict[str, str], status: int) -> None:
    token = await (await pages.get("/t/form")).text()
    assert (await pages.post("/t/form", data={CSRF_FIELD: token}, headers=headers)).status == status


async def test_own_origin_passes_whatever_the_scheme(pages: Client) -> None:
    """A TLS proxy that nobody declared makes the browser's scheme differ from ours."""
    token = await (await pages.get("/t/form")).text()
    origin = f"https://127.0.0.1:{pages.port}"
    answer = await pages.post("/t/form", data={CSRF_FIELD: token}, headers={"Origin": origin})
    assert answer.status == 200


async def test_token_from_before_signing_in_is_worthless_after(pages: Client) -> None:
    token = await (await pages.get("/t/form")).text()
    await pages.get("/t/in")
    assert (await pages.post("/t/form", data={CSRF_FIELD: token})).status == 403


async def test_session_is_resolved_once_in_its_time(pages: Client, inner: Inner, clock: ManualClock) -> None:
    await pages.get("/t/in")
    for _ in range(3):
        assert await (await pages.get("/t/who")).text() == "acc1"
    assert len(inner.calls_to("/internal/auth/sessions/resolve")) == 1
    clock.advance(KNOWN_S + 1)
    await pages.get("/t/who")
    assert len(inner.calls_to("/internal/auth/sessions/resolve")) == 2


async def test_session_cookie_is_hidden_from_scripts(pages: Client) -> None:
    cookie = (await pages.get("/t/in")).headers["Set-Cookie"]
    assert re.search(r"Max-Age=\d{6,}", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_signing_out_ends_the_session_at_once_everywhere(pages: Client, inner: Inner) -> None:
    await pages.get("/t/in")
    await pages.get("/t/who")
    await pages.get("/t/out")
    assert not inner.sessions
    kept = {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"}
    assert await (await pages.get("/t/who", headers=kept)).text() == "nobody"


async def test_unknown_session_is_nobody(pages: Client) -> None:
    headers = {"Cookie": f"{SESSION_COOKIE}=guess"}
    assert await (await pages.get("/t/who", headers=headers)).text() == "nobody"
