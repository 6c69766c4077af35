"""The page of how ratings are shown, in a real browser on a real hub, with and without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.harness.clients import Api
from tests.harness.hub import Hub
from tests.journeys.browser import page_at, sign_in
from tests.journeys.conftest import PASSWORD, USERNAME, owner_of

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's
HERE = "/settings/ratings"


@pytest_asyncio.fixture(loop_scope="session")
async def api(hub: Hub) -> AsyncIterator[Api]:
    async with owner_of(hub) as api:
        yield api


@pytest.mark.parametrize("javascript", [True, False])
async def test_ratings_are_tried_out_and_then_saved(
    hub: Hub, api: Api, browser: Browser, javascript: bool
) -> None:
    await api.send("PUT", f"/api/v1{HERE}", {})
    async with page_at(browser, hub.url, javascript=javascript) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto(HERE)
        await page.get_by_label("Written as").fill("nothing")
        await page.get_by_role("button", name="Preview").click()
        await expect(page.get_by_text("It has {rating} once")).to_be_visible()
        await page.get_by_label("Written as").fill("{rating}/10")
        await page.get_by_label("Names").check()
        await page.get_by_label("Episodes").uncheck()
        await page.get_by_label("Between them").select_option("A line break")
        await page.get_by_role("button", name="Preview").click()
        await expect(page.get_by_text("8.1/10")).to_be_visible()
        assert (await api.get(f"/api/v1{HERE}"))["name"] is False
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_text("Saved. Players are answered so").first).to_be_visible()
        await expect(page.get_by_label("Names")).to_be_checked()
    found = await api.get(f"/api/v1{HERE}")
    assert (found["name"], found["episodes"], found["template"]) == (True, False, "{rating}/10")
    assert found["separator"] == "\n"
    await api.send("PUT", f"/api/v1{HERE}", {})
