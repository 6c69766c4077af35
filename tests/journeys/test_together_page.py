"""One film in three addons, in a real browser: shown once, said why, told apart and put together again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.fakes.addon import FakeAddon, Item, catalog, film, manifest
from tests.harness.clients import Api
from tests.harness.hub import Hub
from tests.journeys.browser import page_at, sign_in
from tests.journeys.conftest import IN_ONE_PROCESS, PASSWORD, USERNAME, owner_of
from tests.journeys.test_pages import violations

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's
FOUND = "/search?q=metropolis"
TITLE = "/title/movie/tt0017136?q=metropolis"
FILM = film(17136, name="Metropolis", releaseInfo="1927")
COPY = film(0, id="own:2", name="Metropolis (1927) restored in colour")
REMAKE = film(0, id="own:3", name="Metropolis", releaseInfo="2001")
BY_ID = film(0, id="tmdb:19", name="Metropolis, une ville", imdb_id="tt0017136")


@pytest_asyncio.fixture(loop_scope="session")
async def api(hub: Hub) -> AsyncIterator[Api]:
    async with owner_of(hub) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="session")
async def addons(api: Api) -> AsyncIterator[None]:
    """Three that can be searched: the film, the film under another id beside a remake, and a strange copy."""
    rows = [catalog("find", extra=[{"name": "search", "isRequired": True}])]
    shelves: dict[str, list[Item]] = {"Cinema": [FILM], "House": [BY_ID, REMAKE], "Attic": [COPY]}
    async with AsyncExitStack() as stack:
        for name, items in shelves.items():
            shown = manifest(f"org.{name}", name=name, catalogs=rows, idPrefixes=["tt", "tmdb:", "own:"])
            metas = {str(item["id"]): item for item in items}
            fake = FakeAddon(manifest=shown, catalogs={"find": items}, metas=metas)
            await api.add((await stack.enter_async_context(fake)).manifest_url)
        yield
    for said in (await api.get("/api/v1/titles/choices"))["items"]:
        await api.delete(f"/api/v1/titles/{said['type']}/{said['one']}/choices/{said['other']}")


@pytest.mark.parametrize("javascript", [True, False])
async def test_what_was_put_together_is_taken_apart_and_what_looked_different_is_one(
    hub: Hub, addons: None, browser: Browser, javascript: bool
) -> None:
    async with page_at(browser, hub.url, javascript=javascript) as page:
        await sign_in(page, USERNAME, PASSWORD)
        said = page.locator("[data-said]")
        await page.goto(FOUND)
        await expect(page.locator("main .card")).to_have_count(3)
        await expect(page.get_by_text("Also in House.")).to_be_visible()
        await page.get_by_role("link", name="Why?").click()
        await expect(page.get_by_text("the same id in a public system")).to_be_visible()
        await expect(page.get_by_text("one was made again")).to_be_visible()
        await page.get_by_role("button", name="Not the same").click()
        await expect(said).to_contain_text("two titles now")
        await expect(page.get_by_text("You said so.")).to_be_visible()
        await page.goto(FOUND)
        await expect(page.locator("main .card")).to_have_count(4)
        await page.goto(TITLE)
        await page.get_by_role("button", name="Undo").click()
        await expect(said).to_contain_text("ids and names decide")
        await page.get_by_label("It is the same as").select_option("own:2")
        await page.get_by_role("button", name="Make them one").click()
        await expect(said).to_contain_text("one title now")
        await page.goto(FOUND)
        await expect(page.locator("main .card")).to_have_count(2)
        await expect(page.get_by_text("Also in House, Attic.")).to_be_visible()
        await page.goto(TITLE)
        await page.get_by_role("button", name="Undo").click()
        await expect(said).to_contain_text("ids and names decide")


@IN_ONE_PROCESS
@pytest.mark.parametrize("width", [390, 1280, 1920])
async def test_what_is_said_of_titles_has_no_barrier(
    hub: Hub, addons: None, browser: Browser, width: int
) -> None:
    async with page_at(browser, hub.url, width=width) as page:
        await sign_in(page, USERNAME, PASSWORD)
        problems: list[str] = []
        for path in (FOUND, "/title/movie/tt0017136", "/title/movie/tt0017136?q=nothing", TITLE):
            await page.goto(path)
            for summary in await page.locator("main summary").all():
                await summary.click()
            problems += await violations(page)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert problems == []
