"""Rows arranged in a real browser, with script and without, and seen by a player."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.fakes.addon import FakeAddon, catalog, films, manifest
from tests.harness.clients import Api, Player
from tests.harness.hub import Hub
from tests.journeys.browser import page_at, sign_in
from tests.journeys.conftest import IN_ONE_PROCESS, PASSWORD, USERNAME, owner_of
from tests.journeys.test_pages import violations

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's
ROWS = "/settings/rows"


@pytest_asyncio.fixture(loop_scope="session")
async def api(hub: Hub) -> AsyncIterator[Api]:
    async with owner_of(hub) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="session")
async def player(api: Api) -> Player:
    return Player(api.session, await api.stremio_url())


@pytest_asyncio.fixture(loop_scope="session")
async def shelves(api: Api) -> AsyncIterator[FakeAddon]:
    rows = [catalog("top", extra=["skip", "search"]), catalog("new"), catalog("old")]
    async with FakeAddon(
        manifest=manifest(catalogs=rows),
        catalogs={"top": films(3), "new": films(3, start=2), "old": films(2, start=20)},
    ) as addon:
        await api.add(addon.manifest_url)
        yield addon


async def names(player: Player) -> list[str]:
    return [row["name"] for row in (await player.get("manifest.json"))["catalogs"]]


@pytest.mark.parametrize("javascript", [True, False])
async def test_rows_are_moved_hidden_renamed_merged_and_taken_apart(
    hub: Hub, player: Player, browser: Browser, shelves: FakeAddon, javascript: bool
) -> None:
    async with page_at(browser, hub.url, javascript=javascript) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto(ROWS)
        await page.get_by_role("button", name="Move up: Old").click()
        await expect(page.locator("[data-said]")).to_contain_text("Moved.")
        assert await names(player) == ["Top", "Old", "New"]
        await page.get_by_role("button", name="Hide New").click()
        await expect(page.locator("[data-said]")).to_contain_text("Hidden. Players")
        assert await names(player) == ["Top", "Old"]
        await page.get_by_role("link", name="Change Top").click()
        await page.get_by_label("Name", exact=True).fill("Tonight")
        await page.get_by_role("button", name="Save Top").click()
        await expect(page.locator("[data-said]")).to_contain_text("Saved.")
        assert await names(player) == ["Tonight", "Old"]
        for name in ("Tonight", "New"):
            await page.get_by_label(f"Choose {name}").check()
        await page.get_by_label("Name of the new row").fill("All of it")
        await page.get_by_label("How titles are mixed").last.select_option("sequential")
        await page.get_by_role("button", name="Make one row").click()
        await expect(page.locator("[data-said]")).to_contain_text("They are one row now")
        assert await names(player) == ["All of it", "Old"]
        found = (await player.get(f"catalog/{await player.row('All of it')}.json"))["metas"]
        assert [item["id"] for item in found] == [item["id"] for item in films(4)]
        await page.get_by_role("button", name="Take apart All of it").click()
        await expect(page.locator("[data-said]")).to_contain_text("Taken apart.")
        assert await names(player) == ["Tonight", "Old"]


@IN_ONE_PROCESS
async def test_a_row_is_moved_by_keys_alone(
    hub: Hub, player: Player, browser: Browser, shelves: FakeAddon
) -> None:
    """As from a sofa: the focus goes with the row, and stays beside it at the top."""
    async with page_at(browser, hub.url, width=1920) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto(ROWS)
        up = page.get_by_role("button", name="Move up: Old")
        await up.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-said]")).to_contain_text("Moved.")
        await expect(up).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(up).to_be_disabled()
        await expect(page.get_by_role("button", name="Move down: Old")).to_be_focused()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("button", name="Hide Old")).to_be_focused()
    assert await names(player) == ["Old", "Top", "New"]


@IN_ONE_PROCESS
@pytest.mark.parametrize("width", [390, 1280, 1920])
async def test_no_state_of_the_rows_page_has_a_barrier(
    hub: Hub, api: Api, browser: Browser, shelves: FakeAddon, width: int
) -> None:
    rows = (await api.get("/api/v1/manifest"))["rows"]
    named = [{"type": row["type"], "id": row["id"]} for row in rows[:2]]
    await api.post("/api/v1/catalogs", {"name": "Both " * 20, "rows": named})
    async with page_at(browser, hub.url, width=width) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto(ROWS)
        await page.get_by_role("link", name="Change Both").click()
        for summary in await page.locator("main summary").all():
            await summary.click()
        problems = await violations(page)
        await page.get_by_role("button", name="Make one row").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        problems += await violations(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await api.delete(f"/api/v1/addons/{(await api.addons())[0]['id']}")
        await page.goto(ROWS)
        problems += await violations(page)
    assert problems == []
