"""Health, limits and diagnostics, from what the services say about themselves."""

import json

import pytest

from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner

STATE = "/internal/state"
DIAGNOSTICS = "/api/v1/admin/diagnostics"


async def test_administration_begins_with_health(owner: Browser) -> None:
    page = await owner.open("/admin")
    assert (page.status, page.path) == (200, "/admin/health")
    assert "Catalog In time" in page.words
    assert "80 % of" in page.words


async def test_a_service_that_says_nothing_is_named(owner: Browser, inner: Inner) -> None:
    inner.failing[STATE] = Unavailable("It is away.")
    page = await owner.open("/admin/health")
    assert page.status == 200
    assert "Some of the hub needs a look." in page.words
    assert "Catalog Missing" in page.words


async def test_the_part_that_refreshes_is_no_whole_page(owner: Browser) -> None:
    page = await owner.open("/admin/health/parts")
    assert "Services" in page.words
    assert "<html" not in page.html


async def test_the_page_leads_to_the_file_which_is_kept_by_nobody(owner: Browser) -> None:
    assert DIAGNOSTICS in (await owner.open("/admin/diagnostics")).links
    file = await owner.open(DIAGNOSTICS)
    assert file.headers["content-disposition"].startswith('attachment; filename="headgate-')
    assert file.headers["cache-control"] == "no-store"
    assert json.loads(file.html)["state"]["processes"]


async def test_limits_are_shown_with_what_they_refused(owner: Browser) -> None:
    page = await owner.open("/admin/limits")
    assert page.status == 200
    assert "refused" in page.words


@pytest.mark.parametrize(
    "path", ["/admin/health", "/admin/health/parts", "/admin/limits", "/admin/diagnostics"]
)
async def test_members_are_told_who_may(browser: Browser, inner: Inner, path: str) -> None:
    inner.accounts["owner"] = "correct horse"
    inner.role = "member"
    await browser.open("/login")
    await browser.submit("/login", username="owner", password="correct horse", next="/")
    page = await browser.open(path)
    assert page.status == 403
    assert "for the owner and for administrators" in page.words
