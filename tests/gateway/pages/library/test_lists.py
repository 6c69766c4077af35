"""Lists of the library: filters in the address, favourites by a button, every empty state with what to do."""

from __future__ import annotations

import pytest

from libs.common.contracts.library import Facets, FacetView
from libs.common.contracts.viewing import TitleFlags
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.library.shelves import Shelves, channel, item, provider

MOVIES = "/library/movies"


async def test_films_stand_with_year_rating_and_language(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(MOVIES)
    assert page.status == 200
    assert "1927 · ★ 8.3" in page.words
    assert "1922 · DE" in page.words
    assert "/library/movies/hg:11" in page.links
    assert "2 films" in page.words


@pytest.mark.parametrize("path", [MOVIES, "/library/search?q=e"])
async def test_films_say_how_far_they_were_watched_by_one_question(
    owner: Browser, inner: Inner, shelves: Shelves, path: str
) -> None:
    shelves.items = [
        item(11, "movies", "Under way"),
        item(12, "movies", "Another's title", imdb_id="tt0013442"),
        item(13, "movies", "New"),
    ]
    inner.viewing.flags = {"hg:11": TitleFlags(progress=0.431), "tt0013442": TitleFlags(watched=True)}
    inner.viewing.asked.clear()
    page = await owner.open(path)
    assert "43 % watched" in page.words
    assert page.words.count("Watched") == 1
    assert [set(ids) for ids in inner.viewing.asked] == [{"hg:11", "hg:12", "hg:13", "tt0013442"}]
    inner.viewing.is_away = True
    page = await owner.open(path)
    assert page.status == 200
    assert "watched" not in page.words


async def test_channels_tell_what_is_on_and_what_comes(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open("/library/channels")
    assert "News at eight" in page.words
    assert "The late film" in page.words
    assert "Catch-up" in page.words
    assert "Nothing known of what is on" in page.words
    assert "Times are in UTC." in page.words


async def test_channels_of_one_name_are_told_apart_by_their_category(
    owner: Browser, shelves: Shelves
) -> None:
    shelves.items = [
        channel(11, "Arena", category="SE: SPORT"),
        channel(12, "Arena", category="AR: SPORT", now=None, next=None),
    ]
    page = await owner.open("/library/channels")
    assert "11 Arena SE: SPORT" in page.words
    assert "12 Arena AR: SPORT" in page.words


@pytest.mark.parametrize(
    ("filters", "asked"),
    [
        ("category=hg:31&sort=-rating", {"category": "hg:31", "sort": "-rating"}),
        ("year=1927", {"year": "1927"}),
        ("year=1920-1929", {"year_from": "1920", "year_to": "1929"}),
        ("year=1990-", {"year_from": "1990", "year_to": "2200"}),
        ("rating=7&favourites=yes", {"rating_from": "7.0", "favourites": "true"}),
        ("genre=Drama&language=de&account=p1", {"genre": "Drama", "language": "de", "account": "p1"}),
        ("year=lately&rating=11&since=2&sort=best&favourites=no", {}),
    ],
)
async def test_filters_of_the_address_are_asked_for(
    owner: Browser, shelves: Shelves, filters: str, asked: dict[str, str]
) -> None:
    page = await owner.open(f"{MOVIES}?{filters}")
    assert page.status == 200
    assert shelves.asked == {"limit": "60", **asked}


async def test_genres_and_languages_are_chosen_from_what_there_is(owner: Browser, shelves: Shelves) -> None:
    shelves.facets = Facets(
        genres=(FacetView(name="Drama", items=1200),), languages=(FacetView(name="de", items=3),)
    )
    page = await owner.open(f"{MOVIES}?genre=drama")
    assert "Drama (1,200)" in page.words
    assert '<option value="drama" selected>drama</option>' in page.html
    page = await owner.open(f"{MOVIES}?language=de")
    assert '<option value="de" selected>de (3)</option>' in page.html


async def test_since_begins_at_midnight_so_that_pages_go_on(owner: Browser, shelves: Shelves) -> None:
    await owner.open(f"{MOVIES}?since=7")
    assert shelves.asked["added_since"].endswith("T00:00:00Z")


async def test_a_filter_in_use_can_be_taken_away(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(f"{MOVIES}?category=hg:31&year=1927")
    assert f"{MOVIES}?category=hg%3A31" in page.links
    assert f"{MOVIES}?year=1927" in page.links
    assert "Silent films × : take this filter away" in page.words


async def test_the_next_page_keeps_the_filters(owner: Browser, shelves: Shelves) -> None:
    shelves.next_cursor = "abc="
    page = await owner.open(f"{MOVIES}?rating=7")
    onward = f"{MOVIES}?rating=7&cursor=abc%3D"
    assert onward in page.links
    page = await owner.open(onward)
    assert shelves.asked["cursor"] == "abc="
    assert f"{MOVIES}?rating=7" in page.links


async def test_a_star_is_pressed_and_the_page_comes_back(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(f"{MOVIES}?rating=7")
    assert 'formaction="/library/favourites/hg:11/add"' in page.html
    assert 'formaction="/library/favourites/hg:12/remove"' in page.html
    fields = page.forms["/library/favourites"]
    page = await owner.send("/library/favourites/hg:11/add", fields)
    assert (page.status, page.path) == (200, MOVIES)
    assert "Among your favourites." in page.words
    assert shelves.items[2].is_favourite
    page = await owner.send("/library/favourites/hg:11/remove", fields)
    assert not shelves.items[2].is_favourite


async def test_a_star_leads_to_no_other_site(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open(MOVIES)
    token = dict(page.forms["/library/favourites"])["csrf_token"]
    fields = [("csrf_token", token), ("back", "//evil.example")]
    page = await owner.send("/library/favourites/hg:11/add", fields)
    assert page.path == "/"


async def test_without_an_account_the_page_leads_to_adding_one(owner: Browser) -> None:
    page = await owner.open(MOVIES)
    assert "No account yet" in page.words
    assert "/accounts" in page.links


async def test_an_account_never_synced_is_said_to_be(owner: Browser, shelves: Shelves) -> None:
    shelves.providers, shelves.items = [provider(synced_at=None)], []
    page = await owner.open(MOVIES)
    assert "Nothing fetched yet" in page.words
    assert "/accounts" in page.links


async def test_nothing_that_matches_offers_all(owner: Browser, shelves: Shelves) -> None:
    shelves.items = []
    page = await owner.open(f"{MOVIES}?genre=Western")
    assert "Nothing matches" in page.words
    assert MOVIES in page.links
    page = await owner.open(f"{MOVIES}?favourites=yes")
    assert "Press the star" in page.words
    page = await owner.open(MOVIES)
    assert "No films here" in page.words


async def test_a_provider_that_is_down_is_marked(owner: Browser, shelves: Shelves) -> None:
    shelves.providers = [provider(is_outdated=True, status="unreachable")]
    page = await owner.open(MOVIES)
    assert "Evening TV does not answer: this is what it had" in page.words
    assert "may be outdated" in page.words
    assert "/accounts/p1" in page.links


async def test_the_library_leads_to_what_it_has(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open("/library")
    assert page.path == MOVIES


async def test_a_picture_that_no_page_may_load_is_drawn(owner: Browser, shelves: Shelves) -> None:
    shelves.items = [item(11, "movies", "Metropolis", picture="file:///etc/passwd")]
    page = await owner.open(MOVIES)
    assert "passwd" not in page.html
    assert ">Metropolis</text>" in page.html


async def test_what_has_no_name_can_be_opened(owner: Browser, shelves: Shelves) -> None:
    shelves.items = [item(11, "channels", "")]
    page = await owner.open("/library/channels")
    assert "Without a name" in page.words


async def test_versions_called_the_same_are_told_apart(owner: Browser, shelves: Shelves) -> None:
    names = ("DE| Metropolis", "EN| Metropolis [4K]")
    shelves.items = [item(11 + n, "movies", "Metropolis", listed_as=name) for n, name in enumerate(names)]
    page = await owner.open(MOVIES)
    for name in names:
        assert name in page.words


async def test_a_name_is_text_whatever_it_holds(owner: Browser, shelves: Shelves) -> None:
    shelves.items = [item(11, "movies", "<script>alert(1)</script>")]
    page = await owner.open(MOVIES)
    assert "<script>alert" not in page.html
