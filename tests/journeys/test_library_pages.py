"""The library in a real browser: an account at a panel added, synced, searched, sorted out and cleared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from libs.common.clock import SystemClock
from tests.fakes.panel.accounts import Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.harness.clients import Api
from tests.harness.hub import Hub
from tests.journeys.browser import page_at, sign_in
from tests.journeys.conftest import PASSWORD, USERNAME, owner_of
from tests.journeys.test_pages import violations
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's
SYNC_MS = 45_000
KINDS = ("xtream", "m3u")


@pytest_asyncio.fixture(loop_scope="session")
async def panel() -> AsyncIterator[FakePanel]:
    account = Account(username="anna", password="p-4711")
    library = Library(seed=7, films=70, channels=20, series=8, categories=4)
    async with FakePanel(library, account, clock=SystemClock()) as panel:
        yield panel


async def owner_without_accounts(hub: Hub) -> AsyncIterator[Api]:
    async with owner_of(hub) as api:
        await forget_accounts(api)
        yield api
        await forget_accounts(api)


@pytest_asyncio.fixture(loop_scope="session")
async def api(hub: Hub) -> AsyncIterator[Api]:
    async for api in owner_without_accounts(hub):
        yield api


@pytest_asyncio.fixture(loop_scope="session")
async def owner(embedded_hub: Hub) -> AsyncIterator[Api]:
    """The owner of the hub in one process: most of the pages don't know how many there are."""
    async for api in owner_without_accounts(embedded_hub):
        yield api


async def forget_accounts(api: Api) -> None:
    for kind in KINDS:
        for account in (await api.get(f"/api/v1/{kind}-accounts"))["items"]:
            await api.delete(f"/api/v1/{kind}-accounts/{account['id']}")


async def synced(api: Api, panel: FakePanel) -> dict[str, Any]:
    """An account of the panel, synced over REST."""
    new = {"url": panel.url, "username": "anna", "password": "p-4711", "name": "Evening TV"}
    account: dict[str, Any] = await api.post("/api/v1/xtream-accounts", new)
    await api.post("/api/v1/sync/jobs", {"kind": "xtream", "account_id": account["id"]})

    async def is_synced() -> bool:
        found = await api.get(f"/api/v1/sync/jobs?kind=xtream&account={account['id']}")
        return all(job["finished_at"] for job in found["items"])

    await until(is_synced)
    return account


async def test_an_account_is_added_by_one_link_followed_and_searched(
    hub: Hub, api: Api, browser: Browser, panel: FakePanel
) -> None:
    async with page_at(browser, hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/library")
        await page.get_by_role("link", name="Add an account").click()
        link = f"{panel.url}/get.php?username=anna&password=p-4711&type=m3u_plus&output=ts"
        await page.get_by_label("Address, or the whole link").fill(link)
        await page.get_by_role("button", name="Add the account").click()
        await expect(page.locator("[data-said]")).to_contain_text("Its first sync has begun.")
        await expect(page.get_by_role("button", name="Sync now")).to_be_visible(timeout=SYNC_MS)
        assert "p-4711" not in await page.content()
        film = (await api.get("/api/v1/library/movies?limit=1&sort=-rating"))["items"][0]
        await page.get_by_role("link", name="70 films").click()
        await expect(page.get_by_role("heading", name="Films", exact=True)).to_be_visible()
        await page.get_by_label("Search the library").press_sequentially(film["title"][:6], delay=20)
        found = page.locator(f"#found a[href='/library/movies/{film['id']}']")
        await expect(found).to_be_visible()
        await expect(page.locator("[data-listed]")).to_be_hidden()
        assert "/library/search?q=" in page.url
        star = page.locator(f"#found [id='star-{film['id']}']")
        await star.click()
        await expect(page.locator("#said")).to_contain_text("Among your favourites.")
        await page.goto("/library/movies?favourites=yes")
        await expect(page.locator(f"a[href='/library/movies/{film['id']}']")).to_be_visible()
        await page.goto("/library/channels")
        await page.locator(".channel__link").filter(has=page.locator(".channel__now")).first.click()
        await expect(page.get_by_role("heading", name="On now and later")).to_be_visible()


async def test_everything_works_without_javascript(
    embedded_hub: Hub, owner: Api, browser: Browser, panel: FakePanel
) -> None:
    async with page_at(browser, embedded_hub.url, javascript=False) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/accounts")
        await page.get_by_label("Address, or the whole link").fill(panel.url)
        await page.get_by_label("User name").fill("anna")
        await page.get_by_label("Password").fill("wrong")
        await page.get_by_label("Name on your pages").first.fill("Evening TV")
        await page.get_by_label("Later: I start it").first.check()
        await page.get_by_role("button", name="Add the account").click()
        await expect(page.locator(".field__error").first).to_be_visible()
        await expect(page.get_by_label("User name")).to_have_value("anna")
        await page.get_by_label("Password").fill("p-4711")
        await page.get_by_role("button", name="Add the account").click()
        await expect(page.locator("[data-said]")).to_contain_text("Start its first sync whenever")
        await page.get_by_role("button", name="Start the first sync Evening TV").click()
        # The page asks again by itself.
        await expect(page.get_by_role("button", name="Sync now Evening TV")).to_be_visible(timeout=SYNC_MS)
        await page.goto("/library/movies?sort=-rating")
        name = await page.locator(".card__name").first.inner_text()
        await page.get_by_label("Search the library").fill(name)
        await page.get_by_role("button", name="Search", exact=True).click()
        await expect(page.locator("#found .card__name").first).to_be_visible()
        await page.goto("/library/categories/movies")
        hide = page.get_by_role("button", name="Hide").first
        category = (await hide.inner_text()).removeprefix("Hide").strip()
        await hide.click()
        await expect(page.get_by_role("button", name=f"Show {category}").first).to_be_visible()
        await page.goto("/accounts")
        await page.get_by_role("link", name="Evening TV", exact=True).click()
        await page.get_by_text("Clear", exact=True).click()
        await page.get_by_label("Type “Evening TV” to confirm").fill("Evening TV")
        await page.get_by_role("button", name="Clear Evening TV").click()
        await expect(page.locator("[data-said]")).to_contain_text("Cleared.")
        await page.get_by_text("Remove Evening TV").first.click()
        await page.get_by_role("button", name="Remove Evening TV").click()
        await expect(page.get_by_text("No account yet")).to_be_visible()


async def test_a_title_is_settled_and_taken_back(
    embedded_hub: Hub, owner: Api, browser: Browser, panel: FakePanel
) -> None:
    await synced(owner, panel)
    film = (await owner.get("/api/v1/library/movies?limit=1"))["items"][0]
    async with page_at(browser, embedded_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto(f"/library/movies/{film['id']}")
        await page.get_by_text("Say which title it is").click()
        await page.get_by_label("Its id at IMDb").fill("tt0017136")
        await page.get_by_role("button", name="It is this title").click()
        await expect(page.get_by_role("link", name="In all your sources")).to_have_attribute(
            "href", "/title/movie/tt0017136"
        )
        await page.goto("/library/matching?state=chosen")
        await page.get_by_role("button", name="Undo").first.click()
        await expect(page.get_by_text("You decided nothing so far")).to_be_visible()


async def test_a_provider_that_goes_away_leaves_a_library_that_says_so(
    embedded_hub: Hub, owner: Api, browser: Browser, panel: FakePanel
) -> None:
    account = await synced(owner, panel)
    await panel.stop()
    async with page_at(browser, embedded_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto(f"/accounts/{account['id']}")
        await page.get_by_role("button", name="Check now").click()
        await expect(page.get_by_text("May be outdated", exact=True)).to_be_visible()
        await expect(page.get_by_text("Can't be reached", exact=True)).to_be_visible()
        await page.goto("/library/movies")
        await expect(page.get_by_text("Evening TV does not answer")).to_be_visible()
        await expect(page.locator(".card").first).to_be_visible()
        await page.goto("/")
        await expect(page.get_by_text("its part may be outdated")).to_be_visible()


async def test_a_sync_is_cancelled_and_leaves_what_was_there(
    embedded_hub: Hub, owner: Api, browser: Browser, panel: FakePanel
) -> None:
    account = await synced(owner, panel)
    fault = panel.fail("slow_first_byte", "get_vod_streams")
    async with page_at(browser, embedded_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto(f"/accounts/{account['id']}")
        await page.get_by_role("button", name="Sync now").click()
        await expect(page.locator("progress")).to_be_visible()
        await page.get_by_role("button", name="Cancel the sync").click()
        await expect(page.get_by_role("button", name="Sync now")).to_be_visible(timeout=SYNC_MS)
        await expect(page.locator(".record .state--off")).to_contain_text("Cancelled")
    fault.release.set()
    assert (await owner.get(f"/api/v1/xtream-accounts/{account['id']}"))["totals"]["movies"] == 70


async def test_arrow_keys_walk_between_channels_and_stars(
    embedded_hub: Hub, owner: Api, browser: Browser, panel: FakePanel
) -> None:
    await synced(owner, panel)
    async with page_at(browser, embedded_hub.url, width=1920) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/library/channels")
        first = page.locator(".channel__link").first
        await first.focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator(".star").first).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#said")).to_contain_text("Among your favourites.")
        await expect(page.locator(".star").first).to_be_focused()
        await page.keyboard.press("ArrowLeft")
        await expect(first).to_be_focused()


async def test_no_empty_page_of_the_library_has_a_barrier(
    embedded_hub: Hub, owner: Api, browser: Browser
) -> None:
    problems: list[str] = []
    async with page_at(browser, embedded_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        for path in ("/accounts", "/library/movies", "/library/matching"):
            await page.goto(path)
            problems += await violations(page)
    assert problems == []


@pytest.mark.parametrize("width", [390, 1280, 1920])
async def test_no_page_of_the_library_has_a_barrier(
    embedded_hub: Hub, owner: Api, browser: Browser, panel: FakePanel, width: int
) -> None:
    problems: list[str] = []
    account = await synced(owner, panel)
    film, series, channel = [
        (await owner.get(f"/api/v1/library/{kind}?limit=1"))["items"][0]["id"]
        for kind in ("movies", "series", "channels")
    ]
    async with page_at(browser, embedded_hub.url, width=width) as page:
        await sign_in(page, USERNAME, PASSWORD)
        for path in (
            "/accounts",
            f"/accounts/{account['id']}",
            "/library/channels",
            "/library/movies?year=1990-2020&sort=-rating",
            f"/library/movies/{film}",
            f"/library/series/{series}",
            f"/library/channels/{channel}",
            "/library/search?q=the",
            "/library/matching?state=unmatched",
            "/library/categories/movies",
        ):
            await page.goto(path)
            for summary in await page.locator("main summary:visible").all():
                await summary.click()
            problems += await violations(page)
            if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                problems.append(f"{path} is wider than the screen")
    assert problems == []
