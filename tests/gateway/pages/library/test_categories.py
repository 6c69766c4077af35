"""Categories hidden and shown."""

from __future__ import annotations

from libs.common.errors import Unavailable
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves

HERE = "/library/categories/movies"


async def test_categories_stand_below_their_account(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open("/library/categories")
    assert page.path == "/library/categories/channels"
    page = await owner.open(HERE)
    assert "Evening TV 2 categories, 1 hidden" in page.words
    assert "Hide Silent films" in page.words
    assert "Show For adults" in page.words


async def test_one_is_hidden_by_its_button(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/hide", one="hg:31")
    assert "no player of this profile lists it" in page.words
    assert shelves.categories[0].is_hidden


async def test_all_that_are_ticked_are_shown_again(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(HERE)
    token = dict(page.forms[f"{HERE}/hide"])["csrf_token"]
    ticked = [("csrf_token", token), ("category", "hg:31"), ("category", "hg:32")]
    page = await owner.send(f"{HERE}/show", ticked)
    assert "Shown again." in page.words
    assert not any(category.is_hidden for category in shelves.categories)


async def test_nothing_ticked_is_told(owner: Browser, shelves: Shelves) -> None:
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/hide")
    assert page.status == 422
    assert "Tick the categories first" in page.words


async def test_a_failure_stands_on_the_page(owner: Browser, inner: Inner, shelves: Shelves) -> None:
    await owner.open(HERE)
    inner.failing["/api/v1/library/categories/hg:31/hidden"] = Unavailable("The catalog is away.")
    page = await owner.submit(f"{HERE}/hide", one="hg:31")
    assert page.status == 503
    assert "The catalog is away." in page.words


async def test_without_any_the_page_says_what_brings_them(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open("/library/categories/series")
    assert "They come with the first sync of an account." in page.words
