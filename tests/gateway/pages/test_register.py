"""Registering, in each of the hub's three ways to take accounts; and sessions of accounts that are gone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from libs.common.errors import Unauthenticated
from services.gateway.app import create_app
from services.gateway.identify import SESSION_COOKIE
from services.gateway.settings import Settings
from tests.gateway.pages.accounts import CODE
from tests.gateway.pages.answering import app_of
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.conftest import Client
from tests.gateway.pages.inner import Inner

TYPED = {"username": "grace", "password": "a long passphrase", "repeated": "a long passphrase"}


@pytest.fixture
async def visitor(
    inner: Inner, tmp_path: Path, aiohttp_client: Callable[[Any], Awaitable[Client]]
) -> AsyncIterator[Browser]:
    """On a hub with an owner, where whoever is invited may register."""
    inner.accounts["owner"] = "correct horse"
    async with TestServer(app_of(inner)) as server:
        address = str(server.make_url("/")).rstrip("/")
        settings = Settings.from_env(
            {
                "HEADGATE_DATA_DIR": str(tmp_path),
                "HEADGATE_REGISTRATION": "invitation",
                **{f"HEADGATE_{name}_URL": address for name in ("AUTH", "CATALOG", "STREAMING", "SYNC")},
            }
        )
        yield Browser(await aiohttp_client(create_app(settings)))


async def test_an_invitation_makes_an_account_and_signs_in(visitor: Browser, inner: Inner) -> None:
    await visitor.open(f"/register?invitation={CODE}")
    page = await visitor.submit("/register", **TYPED)
    assert (page.status, page.path) == (200, "/")
    assert "Your hub is ready" in page.words
    assert inner.accounts["grace"] == "a long passphrase"


async def test_sign_in_leads_to_the_page_where_it_is_allowed(visitor: Browser, owner: Browser) -> None:
    assert "/register" in (await visitor.open("/login")).links
    await owner.open("/connect")
    await owner.submit("/logout")
    assert "/register" not in (await owner.open("/login")).links


async def test_a_code_that_does_not_work_says_so(visitor: Browser, inner: Inner) -> None:
    await visitor.open("/register?invitation=made-up")
    page = await visitor.submit("/register", **TYPED)
    assert page.status == 403
    assert "This invitation does not work." in page.words
    assert "a long passphrase" not in page.html
    assert "grace" not in inner.accounts


async def test_a_code_no_hub_makes_is_refused_before_auth_is_asked(visitor: Browser, inner: Inner) -> None:
    await visitor.open("/register")
    page = await visitor.submit("/register", invitation="x" * 1000, **TYPED)
    assert page.status in {403, 422}
    assert "grace" not in inner.accounts


async def test_a_closed_hub_says_so(owner: Browser) -> None:
    await owner.open("/connect")
    await owner.submit("/logout")
    page = await owner.open("/register")
    assert page.status == 200
    assert "This hub takes no new accounts at the moment." in page.words
    assert "/register" not in page.forms


async def test_whoever_is_signed_in_is_led_home(owner: Browser) -> None:
    assert (await owner.open("/register")).path == "/"


async def test_a_browser_of_an_account_that_is_gone_lands_on_the_sign_in_page(
    owner: Browser, inner: Inner
) -> None:
    """The gateway may still remember the session; auth or another service then refuses the identity."""
    inner.failing["/api/v1/addons"] = Unauthenticated("This account is gone.")
    page = await owner.open("/sources")
    assert (page.status, page.path) == (200, "/login")
    cookies = {cookie.key for cookie in owner.client.session.cookie_jar}
    assert SESSION_COOKIE not in cookies


async def test_a_form_of_an_account_that_is_gone_lands_there_too(owner: Browser, inner: Inner) -> None:
    await owner.open("/sources")
    inner.failing["/api/v1/profiles"] = Unauthenticated("This profile is gone.")
    page = await owner.submit("/sources", url="https://a.example.org/manifest.json")
    assert (page.status, page.path) == (200, "/login")
