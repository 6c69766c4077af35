"""Administration in a real browser on a real hub: users, health, blocks, with script and without."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.harness.clients import Api
from tests.harness.hub import Hub, running
from tests.journeys.browser import Scheme, page_at, sign_in
from tests.journeys.conftest import OWN, PASSWORD, USERNAME
from tests.journeys.test_pages import violations

pytestmark = pytest.mark.asyncio(loop_scope="session")  # the browser's
PAGES = (
    "/admin/health",
    "/admin/users",
    "/admin/limits",
    "/admin/blocks",
    "/admin/ratings",
    "/admin/caches",
    "/admin/audit",
    "/admin/diagnostics",
)


@pytest.fixture(scope="module")
def own_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running("embedded", OWN, tmp_path_factory.mktemp("admin")) as hub:
        yield hub


@pytest_asyncio.fixture(loop_scope="session")
async def api(own_hub: Hub) -> AsyncIterator[Api]:
    async with Api.of(own_hub.url) as api:
        await api.sign_in(USERNAME, PASSWORD)
        yield api


@pytest.mark.parametrize("javascript", [True, False])
async def test_an_account_is_made_changed_disabled_and_deleted(
    own_hub: Hub, api: Api, browser: Browser, javascript: bool
) -> None:
    """Whoever is disabled is out with the next request, and lands on the sign-in page."""
    name = "grace" if javascript else "linus"
    async with (
        page_at(browser, own_hub.url, javascript=javascript) as page,
        page_at(browser, own_hub.url) as theirs,
    ):
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/admin/users")
        await page.locator("#new-username").fill(name)
        await page.locator("#new-password").fill(PASSWORD)
        await page.get_by_role("button", name="Create account").click()
        await expect(page.get_by_text("They can sign in now.").first).to_be_visible()
        await sign_in(theirs, name, PASSWORD)
        await page.get_by_text(f"Change {name}").click()
        await page.locator(".records details[open]").get_by_label("Tier").select_option("premium")
        await page.locator(".records details[open]").get_by_role("button", name="Save").click()
        theirs_here = page.locator(".record").filter(has_text=f"Delete {name}")
        await expect(theirs_here.get_by_text("Premium tier")).to_be_visible()
        await theirs.goto("/settings/account")
        await expect(theirs.get_by_text("Premium", exact=True)).to_be_visible()
        await page.get_by_role("button", name=f"Disable {name}").click()
        await expect(page.get_by_text("Disabled", exact=True)).to_be_visible()
        await theirs.goto("/sources")
        await expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible()
        await page.get_by_text(f"Delete {name}").first.click()
        await page.get_by_role("button", name=f"Delete {name}").click()
        await expect(page.get_by_text(name, exact=True)).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
async def test_an_address_is_blocked_let_in_and_blocked_again(
    own_hub: Hub, api: Api, browser: Browser, javascript: bool
) -> None:
    address = "203.0.113.7" if javascript else "203.0.113.8"
    async with page_at(browser, own_hub.url, javascript=javascript) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/admin/blocks")
        await page.get_by_label("Address or network").first.fill(address)
        await page.get_by_role("button", name="Block", exact=True).click()
        revoke = page.get_by_role("button", name=f"Let in {address}")
        await revoke.click()
        await expect(page.get_by_text(f"{address} is let in again.")).to_be_visible()
        await page.get_by_role("button", name="Undo").click()
        await expect(revoke).to_be_visible()
        await revoke.click()
        await expect(revoke).to_have_count(0)


async def test_health_refreshes_by_itself(own_hub: Hub, api: Api, browser: Browser) -> None:
    """The time shown moves on without a reload, the page is not left, and what was unfolded stays so."""
    async with page_at(browser, own_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.clock.install()
        await page.goto("/admin/health")
        await expect(page.get_by_text("Gateway").first).to_be_visible()
        await page.get_by_text("See each pool of connections").click()
        await page.get_by_text("See each pool of connections").blur()
        async with page.expect_response("**/admin/health/parts") as asked:
            await page.clock.run_for(6000)
        assert (await asked.value).status == 200
        await expect(page.get_by_role("heading", name="Services")).to_be_visible()
        await expect(page.get_by_text("database reader").first).to_be_visible()
        await expect(page.get_by_text("asked by gateway").first).to_be_hidden()


async def test_the_diagnostics_file_is_downloaded(own_hub: Hub, api: Api, browser: Browser) -> None:
    async with page_at(browser, own_hub.url) as page:
        await sign_in(page, USERNAME, PASSWORD)
        await page.goto("/admin/diagnostics")
        async with page.expect_download() as started:
            await page.get_by_role("link", name="Download the file").click()
        assert (await started.value).suggested_filename.startswith("headgate-")


@pytest.mark.parametrize("look", [(390, "dark"), (1280, "light"), (1920, "dark")])
async def test_no_admin_page_has_a_barrier(
    own_hub: Hub, api: Api, browser: Browser, look: tuple[int, Scheme]
) -> None:
    width, scheme = look
    problems: list[str] = []
    async with page_at(browser, own_hub.url, width=width, scheme=scheme) as page:
        await sign_in(page, USERNAME, PASSWORD)
        for path in PAGES:
            await page.goto(path)
            await page.evaluate(
                "for (const fold of document.querySelectorAll('main details')) fold.open = true"
            )
            problems += await violations(page)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert problems == []
