"""Search of the library: a page for everybody, a fragment for who types."""

from __future__ import annotations

from libs.common.contracts.library import FoundProgramme
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves, programme

HERE = "/library/search"


async def test_what_is_found_stands_by_kind(owner: Browser, shelves: Shelves) -> None:
    shelves.programmes = (
        FoundProgramme(channel=shelves.items[0], programme=programme("Metro by night", 60)),
    )
    page = await owner.open(f"{HERE}?q=metro")
    assert "/library/movies/hg:11" in page.links
    assert "Metro by night" in page.words
    assert "1 film, 1 programme found for metro" in page.words
    assert 'value="metro"' in page.html


async def test_the_fragment_is_no_page(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(f"{HERE}/found?q=metro")
    assert "/library/movies/hg:11" in page.links
    assert "<main" not in page.html


async def test_nothing_found_says_so_and_leads_on(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(f"{HERE}?q=zzz")
    assert "Nothing found for “zzz”" in page.words
    assert "/search?q=zzz" in page.links


async def test_an_empty_search_asks_nobody(owner: Browser, inner: Inner, shelves: Shelves) -> None:
    page = await owner.open(HERE)
    assert "What are you looking for?" in page.words
    assert not any("library/search" in call for call in inner.asked)
