"""A gateway with the four services behind it played by one small server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
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


@asynccontextmanager
async def gateway_before(
    inner: Inner, tmp_path: Path, aiohttp_client: Callable[[Any], Awaitable[Client]], **more: str
) -> AsyncIterator[Browser]:
    """A gateway with `more` settings, and a browser in front of it: nobody signed in, no owner yet."""
    async with TestServer(app_of(inner)) as server:
        address = str(server.make_url("/")).rstrip("/")
        settings = Settings.from_env(
            {
                "HEADGATE_DATA_DIR": str(tmp_path),
                **{f"HEADGATE_{name}_URL": address for name in ("AUTH", "CATALOG", "STREAMING", "SYNC")},
                **more,
            }
        )
        yield Browser(await aiohttp_client(create_app(settings)))


async def as_owner(inner: Inner, browser: Browser) -> Browser:
    """The browser, signed in as the owner."""
    inner.accounts["owner"] = "correct horse"
    await browser.open("/login")
    await browser.submit("/login", username="owner", password="correct horse", next="/")
    return browser


@pytest.fixture
async def browser(
    inner: Inner, tmp_path: Path, aiohttp_client: Callable[[Any], Awaitable[Client]]
) -> AsyncIterator[Browser]:
    """Nobody signed in, no owner yet."""
    async with gateway_before(inner, tmp_path, aiohttp_client) as browser:
        yield browser


@pytest.fixture
async def owner(inner: Inner, browser: Browser) -> Browser:
    """Signed in as the owner."""
    return await as_owner(inner, browser)


@pytest.fixture
async def member(inner: Inner, browser: Browser) -> Browser:
    """Signed in as somebody who administers nothing."""
    inner.role = "member"
    return await as_owner(inner, browser)
