"""Home, the rows it fills in later, browsing and search."""

from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.rows import RowExtra
from libs.common.errors import Unavailable, UpstreamFailed, UpstreamTimedOut
from services.gateway.pages.rows import ROWS_AT_ONCE
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import FILMS, Inner, meta, row

PAGE_LIMIT_BYTES = 100_000
"""pages.md: a first page without images, all files of ours counted as they are before compression."""


async def test_home_shows_each_row_with_its_titles(owner: Browser) -> None:
    page = await owner.open("/")
    assert page.status == 200
    assert "Silent and early" in page.words
    assert "/title/movie/tt0017136" in page.links


async def test_a_hub_without_addons_says_what_to_do(owner: Browser, inner: Inner) -> None:
    inner.rows, inner.addons = [], []
    page = await owner.open("/")
    assert "Nothing to watch yet" in page.words
    assert page.links.count("/sources") >= 2


async def test_a_late_row_leaves_its_place_and_a_link(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/catalogs/demo.films"] = UpstreamTimedOut("late")
    page = await owner.open("/")
    assert page.status == 200
    assert 'data-row="/rows/movie/demo.films"' in page.html
    assert "/browse/movie/demo.films" in page.links


async def test_a_failed_row_spoils_no_other(owner: Browser, inner: Inner) -> None:
    inner.rows.append(row("dead.row", "Cellar", "House media"))
    inner.failing["/api/v1/catalogs/dead.row"] = UpstreamFailed("House media refuses connections.")
    page = await owner.open("/")
    assert page.status == 200
    assert "House media refuses connections." in page.words
    assert "Metropolis" in page.words


async def test_rows_beyond_the_first_are_left_to_the_page(owner: Browser, inner: Inner) -> None:
    inner.rows = [row(f"r{n}", f"Shelf {n}", "Demo") for n in range(ROWS_AT_ONCE + 3)]
    inner.items = {item.id: [meta(FILMS[0])] for item in inner.rows}
    page = await owner.open("/")
    assert page.html.count("data-row=") == 3
    assert sum("GET /api/v1/catalogs/r" in call for call in inner.asked) == ROWS_AT_ONCE


async def test_rows_that_need_something_typed_stay_off_the_board(owner: Browser, inner: Inner) -> None:
    inner.rows.append(row("finder", "Finder", "Demo", on_board=False, searchable=True))
    assert "Finder" not in (await owner.open("/")).words


async def test_what_stands_above_the_rows_is_no_row_of_home_as_well(owner: Browser, inner: Inner) -> None:
    inner.rows.append(row("own.headgate-watchlist", "What I mean to see", "What you watch"))
    assert "What I mean to see" not in (await owner.open("/")).words
    assert "What I mean to see" in (await owner.open("/browse/movie")).words


async def test_a_row_fragment_is_a_row_and_no_page(owner: Browser) -> None:
    page = await owner.open("/rows/movie/demo.films")
    assert page.status == 200
    assert page.html.strip().startswith("<section")
    assert "<html" not in page.html


async def test_a_page_of_one_type_shows_only_its_rows(owner: Browser, inner: Inner) -> None:
    inner.rows.append(row("serials", "Serials", "Demo", type="series"))
    inner.items["serials"] = [meta(FILMS[3])]
    page = await owner.open("/browse/series")
    assert "Serials" in page.words
    assert "Silent and early" not in page.words


async def test_the_first_page_stays_light(owner: Browser, inner: Inner) -> None:
    inner.rows = [row(f"r{n}", f"Shelf {n}", "Demo") for n in range(30)]
    inner.items = {
        item.id: [meta((f"tt{n}", "A title of usual length", "1950", "Words.")) for n in range(100)]
        for item in inner.rows
    }
    page = await owner.open("/")
    files = {link for link in page.html.split('"') if link.startswith("/static/")}
    sizes = [len((await owner.open(file)).html.encode()) for file in files]
    assert len(page.html.encode()) + sum(sizes) < PAGE_LIMIT_BYTES


async def test_browsing_pages_on_and_back(owner: Browser, inner: Inner) -> None:
    inner.items["demo.films"] = [meta((f"tt{n}", f"Film {n}", "1930", "")) for n in range(150)]
    first = await owner.open("/browse/movie/demo.films?genre=Horror")
    onward = next(link for link in first.links if "cursor=" in link)
    assert onward == "/browse/movie/demo.films?genre=Horror&cursor=100"
    second = await owner.open(onward)
    assert "Film 149" in second.words
    assert "/browse/movie/demo.films?genre=Horror" in second.links


async def test_filters_of_the_address_reach_the_addon(owner: Browser, inner: Inner) -> None:
    page = await owner.open("/browse/movie/demo.films?genre=Science+%26+more&skip=3&said=moved")
    assert page.status == 200
    assert "GET /api/v1/catalogs/demo.films?type=movie&genre=Science+%26+more" in inner.asked


async def test_a_required_filter_is_asked_for(owner: Browser, inner: Inner) -> None:
    inner.rows = [
        row("finder", "Finder", "Demo", on_board=False, extras=(RowExtra(name="search", required=True),))
    ]
    page = await owner.open("/browse/movie/finder")
    assert page.status == 200
    assert "Choose first" in page.words
    assert not any("/catalogs/finder" in call for call in inner.asked)


async def test_a_row_that_does_not_exist_is_not_found(owner: Browser) -> None:
    page = await owner.open("/browse/movie/nothing")
    assert page.status == 404
    assert "There is no such row." in page.words
    assert "Request id" in page.words


async def test_search_shows_what_each_addon_found(owner: Browser) -> None:
    page = await owner.open("/search?q=night")
    assert "Night of the Living Dead" in page.words
    assert "Metropolis" not in page.words
    assert 'value="night"' in page.html


async def test_search_says_who_is_missing(owner: Browser, inner: Inner) -> None:
    inner.problems = (SourceProblem("x", "Far away", "late", "did not answer within 4 seconds."),)
    page = await owner.open("/search?q=night")
    assert "Far away: did not answer within 4 seconds." in page.words


async def test_search_without_words_asks_nobody(owner: Browser, inner: Inner) -> None:
    page = await owner.open("/search?q=+")
    assert "What are you looking for?" in page.words
    assert not any("/api/v1/search" in call for call in inner.asked)


async def test_text_from_addons_is_never_markup(owner: Browser, inner: Inner) -> None:
    inner.items["demo.films"] = [meta(("tt1", "<script>alert(1)</script>", "1930", "<b>words</b>"))]
    page = await owner.open("/")
    assert "<script>alert" not in page.html
    assert "<b>words" not in page.html


async def test_catalog_being_away_is_a_page(owner: Browser, inner: Inner) -> None:
    inner.failing["/api/v1/catalogs"] = Unavailable("The catalog service can't be reached.")
    page = await owner.open("/")
    assert page.status == 503
    assert "The catalog service can't be reached." in page.words
    assert "Try again" in page.words
