"""Addresses that an addon puts into pages as pictures, while they lead to this hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.gateway.identify import SESSION_COOKIE
from tests.fakes.clock import settle
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, OWNER, SESSION_TOKEN, Canned, Inner

VIEWER = "203.0.113.7"
AS_BROWSER = {"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors", "X-Forwarded-For": VIEWER}
PATHS = (
    "/wp-login.php",
    "/nothing",
    "/api/v1/nothing",
    "/api/v1/catalogs",
    "/login",
    "/metrics",
    "/stremio/guess/manifest.json",
    f"/stremio/{INSTALL_TOKEN}/manifest.json",
    "/%2e%2e/etc",
)


@pytest.fixture
async def gateway(start: Start) -> Client:
    return await start(HEADGATE_TRUSTED_PROXIES="127.0.0.1")


async def blocked(gateway: Client, inner: Inner) -> list[str]:
    await settle()
    headers = {"Authorization": f"Bearer {inner.access_token(OWNER)}"}
    items = (await (await gateway.get("/api/v1/admin/blocks", headers=headers)).json())["items"]
    return [item["network"] for item in items]


async def told(gateway: Client, path: str, **headers: str) -> dict[str, Any]:
    answer = await gateway.get(path, headers={**AS_BROWSER, **headers}, allow_redirects=False)
    said: dict[str, Any] = await answer.json(content_type="application/problem+json")
    said.pop("request_id")
    assert answer.status == said["status"]
    return said


async def test_whoever_sees_the_page_is_not_blocked_and_spends_nothing(gateway: Client, inner: Inner) -> None:
    cookie = {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"}
    for number in range(30):
        await told(gateway, f"/wp-login{number}.php", **cookie)
        await told(gateway, f"/stremio/guess{number}/manifest.json", **cookie)
        await told(gateway, "/api/v1/catalogs", **cookie)
    assert inner.calls == []
    assert await blocked(gateway, inner) == []


async def test_a_scanner_that_calls_itself_a_picture_learns_nothing(gateway: Client, inner: Inner) -> None:
    inner.canned["/internal/stremio/manifest.json"] = Canned()
    for _ in range(2):  # the second time from memory
        known = await gateway.get(f"/stremio/{INSTALL_TOKEN}/manifest.json")
        assert known.status == 200
    answers = [await told(gateway, path) for path in PATHS]
    assert answers == [answers[0]] * len(PATHS)
    assert (answers[0]["status"], answers[0]["code"]) == (404, "no_image")


async def test_without_that_it_is_blocked_as_before(gateway: Client, inner: Inner) -> None:
    for _ in range(5):
        await gateway.get("/wp-login.php", headers={"X-Forwarded-For": VIEWER, "Sec-Fetch-Dest": "document"})
    assert await blocked(gateway, inner) == [VIEWER]


async def test_the_hubs_own_pictures_are_shown(gateway: Client) -> None:
    page = await (await gateway.get("/login", headers={"Accept": "text/html"})).text()
    mark = page.partition('rel="icon"')[2].partition('href="')[2].partition('"')[0]
    answer = await gateway.get(mark, headers=AS_BROWSER)
    assert (answer.status, Path(mark).suffix) == (200, ".svg")
