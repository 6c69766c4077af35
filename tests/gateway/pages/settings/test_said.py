"""What was said about titles, in one list, and taken back there."""

from __future__ import annotations

from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner

HERE = "/settings/rows/titles"


async def test_nothing_said_says_where_to_say_it(owner: Browser) -> None:
    page = await owner.open(HERE)
    assert "Nothing yet" in page.words
    assert HERE in (await owner.open("/settings/rows")).links


async def test_what_was_said_is_listed_with_both_titles(owner: Browser, inner: Inner) -> None:
    inner.said = {("movie", "own:7", "tt1"): True, ("movie", "a/b", "tt2"): False}
    page = await owner.open(HERE)
    assert "own:7 is the same as tt1" in page.words
    assert "a/b is not the same as tt2" in page.words
    assert {"/title/movie/own%3A7", "/title/movie/a%2Fb"} <= set(page.links)


async def test_it_is_taken_back_there(owner: Browser, inner: Inner) -> None:
    inner.said = {("movie", "own:7", "tt1"): True}
    await owner.open(HERE)
    page = await owner.submit(f"{HERE}/undo")
    assert "Forgotten" in page.words
    assert inner.said == {}


async def test_what_was_taken_back_elsewhere_is_said_to_be(owner: Browser, inner: Inner) -> None:
    inner.said = {("movie", "own:7", "tt1"): True}
    await owner.open(HERE)
    inner.said = {}
    page = await owner.submit(f"{HERE}/undo")
    assert page.status == 404
    assert "You have said nothing about these two." in page.words
