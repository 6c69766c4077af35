"""Accounts in a real browser on a real hub: register, sessions, keys, password, profiles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.harness.clients import Api
from tests.harness.hub import Hub, running
from tests.journeys.browser import Scheme, page_at, sign_in
from tests.journeys.conftest import OWN, PASSWORD, USERNAME
from tests.journeys.test_pages import violations
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's
MEMBER = "grace"
MEMBER_PASSWORD = "a second long passphrase"
PAGES = (
    "/settings/account",
    "/settings/account/audit",
    "/settings/playback",
    "/settings/profiles",
    "/settings/ratings",
    "/settings/viewing",
    "/settings/tmdb",
)


@pytest.fixture(scope="module")
def open_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub where whoever is invited may register."""
    environment = {**OWN, "HEADGATE_REGISTRATION": "invitation"}
    with running("embedded", environment, tmp_path_factory.mktemp("accounts")) as hub:
        yield hub


@pytest_asyncio.fixture(loop_scope="session")
async def api(open_hub: Hub) -> AsyncIterator[Api]:
    async with Api.of(open_hub.url) as api:
        await api.sign_in(USERNAME, PASSWORD)
        yield api


@pytest.mark.parametrize("javascript", [True, False])
async def test_an_invitation_becomes_an_account(
    open_hub: Hub, api: Api, browser: Browser, javascript: bool
) -> None:
    """The owner copies a link; whoever opens it chooses a name and is in, seeing nothing of the owner's."""
    name = f"{MEMBER} {'with' if javascript else 'without'}"
    async with page_at(browser, open_hub.url, javascript=javascript) as page:
        link = await _invite(page)
    async with page_at(browser, open_hub.url, javascript=javascript) as page:
        await page.goto(link)
        await _register(page, name)
        await expect(page.get_by_text("Your hub is ready")).to_be_visible()
        await expect(page.get_by_role("link", name="Admin", exact=True)).to_have_count(0)
        await page.goto("/admin/users")
        await expect(page.get_by_text("for the owner and for administrators")).to_be_visible()
    async with page_at(browser, open_hub.url, javascript=javascript) as page:
        await page.goto(link)
        await _register(page, f"{name} again")
        await expect(page).to_have_url("/register" if not javascript else link.removeprefix(open_hub.url))
        await expect(page.get_by_role("alert").or_(page.locator(".field__error")).first).to_be_visible()


async def _invite(page: Page) -> str:
    await sign_in(page, USERNAME, PASSWORD)
    await page.goto("/admin/users")
    button = page.get_by_role("button", name="Make an invitation")
    if not await button.is_visible():
        await page.get_by_text("Invite somebody").click()
    await button.click()
    await expect(page.get_by_text("Your invitation")).to_be_visible()
    await expect(page.get_by_alt_text("QR code of the link")).to_be_visible()
    await page.get_by_text("Reveal the code").click()
    return await page.get_by_label("Link", exact=True).input_value()


async def _register(page: Page, name: str) -> None:
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password", exact=True).fill(MEMBER_PASSWORD)
    await page.get_by_label("Password once more").fill(MEMBER_PASSWORD)
    await page.get_by_role("button", name="Create account").click()


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_key_is_shown_once_works_and_is_revoked(
    open_hub: Hub, api: Api, browser: Browser, javascript: bool
) -> None:
    name = f"Kitchen {javascript}"
    async with page_at(browser, open_hub.url, javascript=javascript) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/settings/account")
        if not await page.get_by_role("button", name="Make the key").is_visible():
            await page.get_by_text("New key", exact=True).click()
        await page.get_by_label("Name").fill(name)
        await page.get_by_role("button", name="Make the key").click()
        await expect(page.get_by_role("heading", name="Your new key")).to_be_visible()
        await page.get_by_text("Reveal the key").click()
        key = await page.get_by_label("Key", exact=True).input_value()
        assert await _status(open_hub, key) == 200
        await page.goto("/settings/account")
        assert key not in await page.content()
        await page.get_by_text(f"Revoke {name}").first.click()
        await page.get_by_role("button", name=f"Revoke {name}").click()
        await expect(page.get_by_text("The key opens nothing any more.").first).to_be_visible()
        assert await _status(open_hub, key) == 401


async def _status(hub: Hub, key: str) -> int:
    async with Api.of(hub.url) as client:
        client.token = key
        return (await client.send("GET", "/api/v1/addons")).status


async def test_sessions_end_where_they_are_ended(open_hub: Hub, api: Api, browser: Browser) -> None:
    async with (
        page_at(browser, open_hub.url) as here,
        page_at(browser, open_hub.url, javascript=False) as there,
    ):
        await sign_in(here, USERNAME, PASSWORD)
        await sign_in(there, USERNAME, PASSWORD)
        await here.goto("/settings/account")
        await expect(here.get_by_text("This one", exact=True)).to_have_count(1)
        await here.get_by_text("Sign out all others").click()
        await here.get_by_role("button", name="Sign them out").click()
        await expect(here.get_by_text("Signed out everywhere else.").first).to_be_visible()
        await there.goto("/sources")
        await expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
        await here.goto("/sources")
        await expect(here.get_by_role("heading", name="Sources", exact=True)).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
async def test_profiles_are_added_switched_and_deleted(
    open_hub: Hub, api: Api, browser: Browser, javascript: bool
) -> None:
    """Two presses from any page to another profile; deleting the one in use leads back to the first."""
    name = "Children" if javascript else "Guests"
    async with page_at(browser, open_hub.url, javascript=javascript) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/settings/profiles")
        await page.get_by_label("Add a profile").fill(name)
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_text("Switch to it to give it its own sources")).to_be_visible()
        await page.goto("/connect")
        await page.locator("[data-menu] summary").click()
        await page.get_by_role("button", name=f"Switch to {name}").click()
        await expect(page.locator("[data-menu] summary")).to_contain_text(name)
        await page.goto("/settings/profiles")
        await page.get_by_text(f"Rename {name}").click()
        await page.get_by_label("New name").last.fill(f"{name} too")
        await page.locator("details[open]").get_by_role("button", name="Save name").click()
        await expect(page.locator("[data-menu] summary")).to_contain_text(f"{name} too")
        await page.get_by_text(f"Delete {name} too").first.click()
        await expect(page.get_by_text("with its 1 source and")).to_be_visible()
        await page.get_by_role("button", name=f"Delete {name} too").click()
        await expect(page.get_by_text("Deleted.").first).to_be_visible()
        await expect(page.locator("[data-menu] summary")).not_to_contain_text(name)


async def test_a_password_is_changed_in_place(open_hub: Hub, api: Api, browser: Browser) -> None:
    other = "another long passphrase"
    async with page_at(browser, open_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/settings/account")
        await page.evaluate("window.stayed = true")
        await _change_password(page, "a wrong one altogether", other)
        await expect(page.locator("#password .field__error")).to_be_visible()
        await _change_password(page, PASSWORD, other)
        await expect(page.get_by_text("Password changed.").first).to_be_visible()
        assert await page.evaluate("window.stayed === true")
        await _change_password(page, other, PASSWORD)
        await expect(page.get_by_text("Password changed.").first).to_be_visible()


async def _change_password(page: Page, present: str, new: str) -> None:
    """Returns once it is answered: what the page says may be from the time before."""
    await page.get_by_label("Present password").fill(present)
    await page.get_by_label("New password", exact=True).fill(new)
    await page.get_by_label("New password once more").fill(new)
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.get_by_role("button", name="Change password").click()


@pytest.mark.parametrize("look", [(390, "dark"), (1280, "light"), (1920, "dark")])
async def test_no_settings_page_has_a_barrier(
    open_hub: Hub, api: Api, browser: Browser, look: tuple[int, Scheme]
) -> None:
    width, scheme = look
    problems: list[str] = []
    async with page_at(browser, open_hub.url, width=width, scheme=scheme) as page:
        for path in ("/register", "/register?invitation=made-up"):
            await page.goto(path)
            problems += await violations(page)
        await sign_in(page, USERNAME, PASSWORD)
        for path in PAGES:
            await page.goto(path)
            await page.evaluate(
                "for (const fold of document.querySelectorAll('main details')) fold.open = true"
            )
            await page.locator("[data-menu] summary").click()
            problems += await violations(page)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert problems == []


async def test_the_menu_of_profiles_is_worked_by_keys(open_hub: Hub, api: Api, browser: Browser) -> None:
    async with page_at(browser, open_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        summary = page.locator("[data-menu] summary")
        await summary.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("link", name="Manage profiles")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(summary).to_be_focused()
        await expect(page.get_by_role("link", name="Manage profiles")).to_be_hidden()


async def test_a_choice_is_made_and_left_with_what_a_remote_has(
    open_hub: Hub, api: Api, browser: Browser
) -> None:
    async with page_at(browser, open_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/settings/account")
        choice = page.get_by_label("Ends after")
        await choice.focus()
        await page.keyboard.press("ArrowDown")
        await expect(choice).not_to_be_focused()
        await choice.focus()
        await page.keyboard.press("Enter")
        await until(lambda: choice.evaluate("element => element.matches(':open')"))
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(choice).to_have_value("365")


async def test_what_stands_around_pages_fits_what_is_between_a_phone_and_a_desk(
    open_hub: Hub, api: Api, browser: Browser
) -> None:
    async with page_at(browser, open_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/settings/account")
        for width, height in ((667, 375), (768, 1024), (1024, 768), (1151, 800), (1152, 800)):
            await page.set_viewport_size({"width": width, "height": height})
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
