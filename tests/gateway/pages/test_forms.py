"""No form of any page does anything for another site, whatever the page: none that is new is left out."""

from __future__ import annotations

import re
from typing import Final

import aiohttp
import pytest

from services.gateway.pages.routes import page_endpoints
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner

BEFORE_SIGNING_IN: Final = {"/setup", "/login", "/register"}
SENT: Final = sorted(
    endpoint.path
    for endpoint in page_endpoints()
    if endpoint.method == "POST" and endpoint.path not in BEFORE_SIGNING_IN
)
READING: Final = ("/resolve", "/flags", "/identity")
"""What is asked by POST, and changes nothing."""


def changes(inner: Inner) -> list[str]:
    return [one for one in inner.asked if not one.startswith("GET ") and not one.endswith(READING)]


@pytest.mark.parametrize("kind", ["a form", "a form with a file"])
async def test_a_form_without_this_sessions_mark_changes_nothing(
    owner: Browser, inner: Inner, kind: str
) -> None:
    await owner.open("/")
    inner.asked.clear()
    for path in SENT:
        address = re.sub(r"\{[^}]*\}", "x", path)
        if kind == "a form":
            page = await owner.send(address, [("csrf_token", "forged")])
        else:
            form = aiohttp.FormData()
            form.add_field("csrf_token", "forged")
            form.add_field("file", b"something", filename="file.json")
            page = await owner.send_form(address, form)
        assert page.status in (403, 404, 415), (address, page.status)
        assert changes(inner) == [], address
    assert len(SENT) > 50
