"""The library on the home page."""

from __future__ import annotations

from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves, provider


async def test_home_tells_what_the_library_has(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open("/")
    assert "Library Evening TV" in page.words
    assert "2 channels 3 films 1 series" in page.words
    assert "/library/movies" in page.links


async def test_an_account_that_needs_somebody_is_named(owner: Browser, shelves: Shelves) -> None:
    shelves.providers = [provider(is_outdated=True), provider("p2", "New one", synced_at=None)]
    page = await owner.open("/")
    assert "Evening TV does not answer" in page.words
    assert "New one was never synced." in page.words
    assert "/accounts/p2" in page.links


async def test_without_accounts_home_has_no_strip(owner: Browser) -> None:
    page = await owner.open("/")
    assert 'id="library-name"' not in page.html


async def test_the_library_being_away_costs_home_nothing_else(
    owner: Browser, inner: Inner, shelves: Shelves
) -> None:
    inner.failing["/api/v1/xtream-accounts"] = Unavailable("The catalog is away.")
    page = await owner.open("/")
    assert page.status == 200
    assert "Silent and early" in page.words


async def test_with_an_account_and_no_addon_home_is_not_empty(
    owner: Browser, inner: Inner, shelves: Shelves
) -> None:
    inner.rows, inner.addons = [], []
    page = await owner.open("/")
    assert "Nothing to watch yet" not in page.words
