"""Who is let in first when the gateway is full."""

from __future__ import annotations

import pytest

from libs.common.web import PRESSURE
from services.gateway.identify import SESSION_COOKIE
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, SESSION_TOKEN, Canned, Inner

ROW = "/stremio/{token}/catalog/movie/top.json"


@pytest.fixture
async def full(start: Start) -> Client:
    """With room for accounts only."""
    client = await start(HEADGATE_MAX_IN_FLIGHT="10")
    app = client.app
    assert app is not None
    for _ in range(7):
        app[PRESSURE].enter()
    return client


async def test_strangers_are_refused(full: Client) -> None:
    for path in ("/login", "/api/v1/me", "/nothing"):
        answer = await full.get(path)
        assert (answer.status, (await answer.json())["code"]) == (503, "overloaded")


async def test_whoever_carries_a_proof_is_let_in(full: Client, inner: Inner) -> None:
    inner.canned["/internal/stremio/catalog/movie/top.json"] = Canned()
    assert (await full.get(ROW.format(token=INSTALL_TOKEN))).status == 200
    bearer = {"Authorization": f"Bearer {inner.access_token()}"}
    assert (await full.get("/api/v1/me", headers=bearer)).status == 200
    cookie = {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"}
    assert (await full.get("/login", headers=cookie, allow_redirects=False)).status in {200, 302, 303}


async def test_a_wrong_proof_is_refused_for_what_it_is(full: Client) -> None:
    assert (await full.get(ROW.format(token="wrong"))).status == 404
    assert (await full.get("/api/v1/me", headers={"Authorization": "Bearer wrong"})).status == 401


async def test_style_sheets_are_no_reason_to_refuse(full: Client) -> None:
    assert (await full.get("/static/x/none.css")).status == 404


async def test_a_refused_player_may_read_why(start: Start) -> None:
    client = await start(HEADGATE_MAX_IN_FLIGHT="10")
    app = client.app
    assert app is not None
    for _ in range(10):
        app[PRESSURE].enter()
    answer = await client.get(ROW.format(token=INSTALL_TOKEN))
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (503, "*")
