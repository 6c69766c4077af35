"""Administration is for the owner and for administrators."""

import pytest

from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner

PAGES = (
    "/admin/health",
    "/admin/health/parts",
    "/admin/users",
    "/admin/limits",
    "/admin/blocks",
    "/admin/audit",
    "/admin/diagnostics",
)


@pytest.mark.parametrize("path", PAGES)
async def test_members_are_told_who_may(member: Browser, path: str) -> None:
    page = await member.open(path)
    assert page.status == 403
    assert "for the owner and for administrators" in page.words
    assert "/admin" not in page.links


@pytest.mark.parametrize("path", PAGES)
async def test_strangers_are_led_to_sign_in(browser: Browser, inner: Inner, path: str) -> None:
    inner.accounts["owner"] = "correct horse"
    assert (await browser.open(path)).path == "/login"
