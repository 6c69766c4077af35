"""What was watched: from one player's report to the pages and to another player's rows, and back by undo."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.fakes.addon import FakeAddon, catalog, film, films, manifest
from tests.harness.clients import Api, Json, Player
from tests.harness.hub import Hub
from tests.journeys.browser import page_at, sign_in
from tests.journeys.conftest import PASSWORD, USERNAME, owner_of
from tests.journeys.test_pages import violations

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's
CHOICES = "/api/v1/settings/viewing"
SEEN = "tt7000001"
SERIES = "tt7000900"


@pytest_asyncio.fixture(loop_scope="session")
async def api(hub: Hub) -> AsyncIterator[Api]:
    async with owner_of(hub) as api:
        yield api
        await api.put(CHOICES, {})
        await api.delete(f"/api/v1/viewing/watchlist/{SERIES}")
        await api.delete(f"/api/v1/viewing/continue/{SEEN}")


@pytest_asyncio.fixture(loop_scope="session")
async def shelf(api: Api) -> AsyncIterator[FakeAddon]:
    items = films(103, start=7000001)
    videos = [
        {"id": f"{SERIES}:1:{n}", "season": 1, "episode": n, "title": f"Part {n}", "released": "2020-01-01"}
        for n in (1, 2)
    ]
    serial = film(7000900, "series", name="The serial")
    async with FakeAddon(
        manifest=manifest("org.seen", name="Seen", catalogs=[catalog("Reels"), catalog("Serials", "series")]),
        catalogs={"Reels": items, "Serials": [serial]},
        metas={str(items[0]["id"]): items[0], SERIES: {**serial, "videos": videos}},
    ) as addon:
        await api.add(addon.manifest_url)
        yield addon


async def reels(player: Player) -> list[Json]:
    metas: list[Json] = (await player.get(f"catalog/{await player.row('Reels')}.json"))["metas"]
    return metas


@pytest.mark.usefixtures("shelf")
async def test_a_report_is_seen_everywhere_and_a_mark_can_be_undone(
    hub: Hub, api: Api, browser: Browser
) -> None:
    player = Player(api.session, await api.stremio_url())
    report = {"position_s": 2590, "duration_s": 3600, "name": "Film 7000001"}
    await api.post(f"/api/v1/progress/{SEEN}", report)
    await api.put(CHOICES, {"hide_watched": True, "description": True})
    assert (await reels(player))[0]["description"] == "▶ 72 %"
    async with page_at(browser, hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        strip = page.get_by_role("region", name="Continue watching")
        await expect(strip.get_by_role("link", name="Film 7000001")).to_contain_text("17 min left")
        problems = await violations(page)
        problems += await _mark_and_undo(page, player)
        problems += await _listed(page)
    assert problems == []


async def _mark_and_undo(page: Page, player: Player) -> list[str]:
    await page.goto(f"/title/movie/{SEEN}")
    await expect(page.get_by_role("link", name="Resume at 43:10")).to_be_visible()
    await page.get_by_role("button", name="Mark as watched").click()
    await expect(page.locator("[data-said]")).to_contain_text("Marked as watched.")
    problems = await violations(page)
    shown = await reels(player)
    assert (shown[0]["id"], len(shown)) == ("tt7000002", 100)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator("[data-said]")).to_contain_text("Undone.")
    await expect(page.get_by_role("link", name="Resume at 43:10")).to_be_visible()
    assert (await reels(player))[0]["id"] == SEEN
    return problems


async def _listed(page: Page) -> list[str]:
    await page.goto(f"/title/series/{SERIES}")
    await page.get_by_role("button", name="Watchlist").click()
    await expect(page.get_by_role("button", name="On your watchlist")).to_be_visible()
    await page.get_by_role("button", name="Mark Part 1 as watched").click()
    await expect(page.get_by_text("1 of 2 watched")).to_be_visible()
    problems = await violations(page)
    for path in ("/viewing/continue", "/viewing/watchlist", "/settings/viewing"):
        await page.goto(path)
        problems += await violations(page)
    await page.goto("/viewing/watchlist")
    await expect(page.get_by_role("link", name="The serial")).to_be_visible()
    return problems
