"""A gateway with the four services behind it played by one small server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.gateway.app import create_app
from services.gateway.settings import Settings
from tests.gateway.pages.answering import app_of
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def inner() -> Inner:
    filled = Inner()
    filled.fill_demo()
    return filled


@pytest.fixture
async def browser(
    inner: Inner, tmp_path: Path, aiohttp_client: Callable[[Any], Awaitable[Client]]
) -> AsyncIterator[Browser]:
    """Nobody signed in, no owner yet."""
    async with TestServer(app_of(inner)) as server:
        address = str(server.make_url("/")).rstrip("/")
        settings = Settings.from_env(
            {
                "HEADGATE_DATA_DIR": str(tmp_path),
                **{f"HEADGATE_{name}_URL": address for name in ("AUTH", "CATALOG", "STREAMING", "SYNC")},
            }
        )
        yield Browser(await aiohttp_client(create_app(settings)))


@pytest.fixture
async def owner(inner: Inner, browser: Browser) -> Browser:
    """Signed in as the owner."""
    inner.accounts["owner"] = "correct horse"
    await browser.open("/login")
    await browser.submit("/login", username="owner", password="correct horse", next="/")
    return browser
