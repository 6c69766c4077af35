"""The pages in a real browser, on a real hub: first run, daily use, no JavaScript, keyboard, axe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.fakes.addon import FakeAddon, catalog, film, manifest, stream
from tests.harness.clients import Api
from tests.harness.hub import Hub, running
from tests.journeys.browser import Scheme, page_at, sign_in
from tests.journeys.conftest import IN_ONE_PROCESS, PASSWORD, USERNAME, owner_of

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's
SEVERE = frozenset({"serious", "critical"})


@pytest_asyncio.fixture(loop_scope="session")
async def api(hub: Hub) -> AsyncIterator[Api]:
    async with owner_of(hub) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="session")
async def shelf() -> AsyncIterator[FakeAddon]:
    """An addon with one row of twelve films, one of them with a source."""
    items = [film(number, name=f"Shelf film {number}") for number in range(1, 13)]
    async with FakeAddon(
        manifest=manifest("org.shelf", name="The shelf", catalogs=[catalog("Shelf")]),
        catalogs={"Shelf": items},
        metas={str(item["id"]): item for item in items},
        streams={"tt0000001": [stream("https://cdn.example.org/one.mp4", name="Shelf copy")]},
    ) as addon:
        yield addon


async def violations(page: Page) -> list[str]:
    """What axe calls serious or worse, one line each."""
    # What passed is not told: it is most of what would have to be carried out of the browser.
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{page.url} {violation['id']}: {[node['target'] for node in violation['nodes']][:3]}"
        for violation in found.response["violations"]
        if violation["impact"] in SEVERE
    ]


async def test_from_nothing_to_an_address_for_the_players(
    browser: Browser, shelf: FakeAddon, tmp_path: Path
) -> None:
    """The first evening: owner, demo films, an addon pasted, a film found with its sources, the address."""
    with running("embedded", {}, tmp_path) as hub:
        async with page_at(browser, hub.url) as page:
            problems = await _walk_first_evening(page, shelf)
    assert problems == []


async def _walk_first_evening(page: Page, shelf: FakeAddon) -> list[str]:
    await page.goto("/")
    await expect(page).to_have_url("/setup")
    problems = await violations(page)
    await page.get_by_label("Name").fill(USERNAME)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Password once more").fill(PASSWORD)
    await page.get_by_role("button", name="Create owner").click()
    await expect(page.get_by_text("Your hub is ready")).to_be_visible()
    await expect(page.get_by_role("link", name="Metropolis").first).to_be_visible()
    problems += await violations(page)
    await page.get_by_role("link", name="Sources", exact=True).click()
    await page.get_by_label("Add a Stremio addon").fill(shelf.manifest_url)
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("heading", name="The shelf")).to_be_visible()
    problems += await violations(page)
    await page.goto("/")
    await page.get_by_role("link", name="Shelf film 1", exact=True).first.click()
    await expect(page.get_by_role("link", name="Open Shelf copy")).to_be_visible()
    problems += await violations(page)
    await page.get_by_role("link", name="Connect").click()
    install = page.get_by_role("link", name="Install in Stremio")
    assert str(await install.get_attribute("href")).startswith("stremio://127.0.0.1")
    await page.get_by_text("Show the code").click()
    await expect(page.get_by_alt_text("QR code")).to_be_visible()
    return problems + await violations(page)


@IN_ONE_PROCESS
@pytest.mark.parametrize("look", [(390, "dark"), (1280, "light"), (1920, "dark")])
async def test_no_page_has_a_barrier(
    hub: Hub, api: Api, browser: Browser, shelf: FakeAddon, look: tuple[int, Scheme]
) -> None:
    """Every page, at every width, in both schemes, with one addon that answers and one that doesn't."""
    width, scheme = look
    await api.add(shelf.manifest_url)
    begun = [f"tt810000{number}" for number in range(1, 6)]
    for id_ in begun:
        report = {"position_s": 100, "duration_s": 1000, "type": "movie", "name": "A row beyond the screen"}
        await api.post(f"/api/v1/progress/{id_}", report)
    async with FakeAddon(manifest=manifest("org.dead", resources=["stream"])) as dead:
        added = await api.add(dead.manifest_url)
        dead.on("stream", status=500)
        problems: list[str] = []
        async with page_at(browser, hub.url, width=width, scheme=scheme) as page:
            await page.goto("/login")
            problems += await violations(page)
            await sign_in(page, USERNAME, PASSWORD)
            for path in (
                "/",
                "/search?q=shelf",
                "/search",
                "/title/movie/tt0000001",
                "/watch/movie/tt0000001",
                "/links",
                "/sources",
                f"/sources/{added['id']}",
                "/settings/rows",
                "/connect",
                "/docs",
                "/nowhere",
            ):
                await page.goto(path)
                problems += await violations(page)
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    for id_ in begun:
        await api.delete(f"/api/v1/viewing/continue/{id_}")
    assert problems == []


@IN_ONE_PROCESS
async def test_no_state_has_a_barrier(hub: Hub, api: Api, browser: Browser, shelf: FakeAddon) -> None:
    """Empty, loading and failed pages are pages too."""
    async with page_at(browser, hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        problems = await violations(page)
        await page.goto("/sources")
        problems += await violations(page)
        await page.get_by_label("Add a Stremio addon").fill("not an address")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_label("Add a Stremio addon")).to_have_attribute("aria-invalid", "true")
        problems += await violations(page)
        await api.add(shelf.manifest_url)
        gate = shelf.hold("catalog")
        await page.goto("/")
        await expect(page.locator("[data-bones]")).to_be_visible()
        problems += await violations(page)
        gate.set()
        shelf.on("stream", status=500)
        await page.goto("/title/movie/tt0000002")
        problems += await violations(page)
        await page.goto("/title/movie/unknown")
        problems += await violations(page)
    assert problems == []


async def test_everything_works_without_javascript(
    hub: Hub, api: Api, browser: Browser, shelf: FakeAddon
) -> None:
    async with page_at(browser, hub.url, javascript=False) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await expect(page.get_by_text("Nothing to watch yet")).to_be_visible()
        await page.goto("/sources")
        await page.get_by_label("Add a Stremio addon").fill(shelf.manifest_url)
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_text("Added.")).to_be_visible()
        await page.get_by_text("Rename The shelf").click()
        await page.get_by_label("Name on your pages").fill("Top shelf")
        await page.get_by_role("button", name="Save name").click()
        await expect(page.get_by_role("heading", name="Top shelf")).to_be_visible()
        await page.get_by_role("button", name="Switch off Top shelf").click()
        await expect(page.get_by_text("Switched off", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Switch on Top shelf").click()
        await page.get_by_text("Remove Top shelf").first.click()
        await expect(page.get_by_text("with its 1 row")).to_be_visible()
        await page.get_by_role("button", name="Remove Top shelf").click()
        await expect(page.get_by_text("No sources yet")).to_be_visible()
    assert await api.addons() == []


async def test_a_form_answers_in_place(hub: Hub, api: Api, browser: Browser, shelf: FakeAddon) -> None:
    """With JavaScript the page stays; a wrong address keeps what was typed, with the reason beside it."""
    await api.add(shelf.manifest_url)
    async with page_at(browser, hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/sources")
        await page.evaluate("window.stayed = true")
        field = page.get_by_label("Add a Stremio addon")
        await field.fill("not an address")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(field).to_have_value("not an address")
        await page.get_by_role("button", name="Switch off The shelf").click()
        await expect(page.get_by_role("button", name="Switch on The shelf")).to_be_visible()
        assert await page.evaluate("window.stayed === true")
        await expect(page).to_have_url("/sources")


@IN_ONE_PROCESS
async def test_an_answer_in_place_is_focused_and_announced(
    hub: Hub, api: Api, browser: Browser, shelf: FakeAddon
) -> None:
    """A button without an id once lost the focus to the page's body, and said nothing to a screen reader."""
    complaints: list[str] = []
    async with page_at(browser, hub.url) as page:
        # Posters of other hosts have no address here, and home may still be asking for them.
        page.on(
            "console",
            lambda said: None if "ERR_NAME_NOT_RESOLVED" in said.text else complaints.append(said.text),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/sources")
        await page.get_by_label("Add a Stremio addon").fill(shelf.manifest_url)
        await page.keyboard.press("Enter")
        await expect(page.locator("#said")).to_contain_text("Added")
        await expect(page.locator("main")).to_be_focused()
        await page.goto("/settings/rows")
        await page.get_by_text("Put all rows back in order").click()
        await page.get_by_role("button", name="Put them back").click()
        await expect(page.locator("#said")).to_contain_text("in the order of your addons")
        await expect(page.locator("main")).to_be_focused()
    assert complaints == []


@IN_ONE_PROCESS
async def test_arrow_keys_walk_between_posters(
    hub: Hub, api: Api, browser: Browser, shelf: FakeAddon
) -> None:
    await api.add(shelf.manifest_url)
    async with page_at(browser, hub.url, width=1920) as page:
        await sign_in(page, USERNAME, PASSWORD)
        first = page.get_by_role("link", name="Shelf film 1", exact=True)
        await first.focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("link", name="Shelf film 2", exact=True)).to_be_focused()
        await page.keyboard.press("ArrowLeft")
        await expect(first).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await expect(first).not_to_be_focused()
        await page.keyboard.press("ArrowDown")
        await expect(first).to_be_focused()


async def test_a_slow_row_takes_its_place_when_it_comes(
    hub: Hub, api: Api, browser: Browser, shelf: FakeAddon
) -> None:
    await api.add(shelf.manifest_url)
    gate = shelf.hold("catalog")
    async with page_at(browser, hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await expect(page.locator("[data-bones]")).to_be_visible()
        gate.set()
        await expect(page.get_by_role("link", name="Shelf film 1", exact=True)).to_be_visible()


async def test_sources_of_a_slow_addon_join_those_that_are_there(
    hub: Hub, api: Api, browser: Browser, shelf: FakeAddon
) -> None:
    await api.add(shelf.manifest_url)
    gate = shelf.hold("stream")
    quick = {"tt0000001": [stream("https://cdn.example.org/quick.mp4", name="Quick copy")]}
    async with FakeAddon(manifest=manifest("org.quick", resources=["stream"]), streams=quick) as other:
        await api.add(other.manifest_url)
        async with page_at(browser, hub.url) as page:
            await sign_in(page, USERNAME, PASSWORD)
            await page.goto("/title/movie/tt0000001")
            await expect(page.get_by_role("link", name="Open Quick copy")).to_be_visible()
            await expect(page.get_by_role("link", name="Open Shelf copy")).to_be_hidden()
            gate.set()
            await expect(page.get_by_role("link", name="Open Shelf copy")).to_be_visible()
            await expect(page.get_by_role("link", name="Open Quick copy")).to_be_visible()


@IN_ONE_PROCESS
async def test_a_poster_that_can_not_be_loaded_is_drawn(
    hub: Hub, api: Api, browser: Browser, shelf: FakeAddon
) -> None:
    """With script or without, nothing is seen but the drawn poster: both look the same to the pixel."""
    await api.add(shelf.manifest_url)
    seen: list[bytes] = []
    for javascript in (True, False):
        async with page_at(browser, hub.url, javascript=javascript) as page:
            await sign_in(page, USERNAME, PASSWORD)
            card = page.get_by_role("link", name="Shelf film 1", exact=True)
            await expect(card.locator("svg text").first).to_be_visible()
            await expect(card.locator("img")).to_have_count(0 if javascript else 1)
            seen.append(await card.locator(".poster").screenshot())
    assert seen[0] == seen[1]


async def test_pages_ask_no_other_host_for_anything_but_pictures(
    hub: Hub, api: Api, browser: Browser, shelf: FakeAddon
) -> None:
    await api.add(shelf.manifest_url)
    asked: list[str] = []
    complaints: list[str] = []
    async with page_at(browser, hub.url) as page:
        page.on("request", lambda sent: asked.append(f"{sent.resource_type} {sent.url}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "policy" in said.text else None)
        await sign_in(page, USERNAME, PASSWORD)
        for path in ("/", "/sources", "/connect", "/title/movie/tt0000001"):
            await page.goto(path)
    foreign = [line for line in asked if hub.url not in line and not line.startswith("image ")]
    assert (foreign, complaints) == ([], [])
