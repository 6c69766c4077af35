"""One film, series or channel of the library."""

from __future__ import annotations

from libs.common.contracts.library import (
    ChannelView,
    EpisodeView,
    MovieView,
    SeasonView,
    SeriesView,
    TitleDetails,
)
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.library.shelves import Shelves, channel, item, programme

FILM = item(
    11,
    "movies",
    "Metropolis",
    listed_as="DE| Metropolis (1927) [4K]",
    year=1927,
    rating=8.3,
    imdb_id="tt0017136",
    category="Silent films",
)
SERIES = item(21, "series", "Salt")


async def test_a_film_tells_what_it_is_and_how_to_play_it(owner: Browser, shelves: Shelves) -> None:
    details = TitleDetails(
        plot="A city runs on.", director="Fritz Lang", duration_s=9180, trailer="abcdefghijk"
    )
    other = item(13, "movies", "Metropolis", listed_as="EN| Metropolis")
    shelves.movies["hg:11"] = MovieView(item=FILM, details=details, versions=(other,))
    page = await owner.open("/library/movies/hg:11")
    assert page.status == 200
    for words in ("A city runs on.", "Fritz Lang", "2 h 33 min", "listed as “DE| Metropolis (1927) [4K]”"):
        assert words in page.words
    assert "/title/movie/tt0017136" in page.links
    assert "https://www.youtube.com/watch?v=abcdefghijk" in page.links
    assert "/library/movies/hg:13" in page.links
    assert 'data-row="/title/movie/hg%3A11/sources?video=hg%3A11"' in page.html
    assert "/accounts/p1" in page.links


async def test_a_film_taken_for_another_is_settled_on_its_page(owner: Browser, shelves: Shelves) -> None:
    shelves.movies["hg:11"] = MovieView(item=FILM, details=TitleDetails())
    page = await owner.open("/library/movies/hg:11")
    action = "/library/matching/hg:11/choose"
    assert action in page.forms
    page = await owner.submit(action, imdb_id="not an id")
    assert page.status == 422


async def test_a_series_shows_a_season_and_leads_to_each_episode(owner: Browser, shelves: Shelves) -> None:
    seasons = tuple(
        SeasonView(
            number=season,
            name="",
            episodes=(EpisodeView(id=f"hg:10{season}", season=season, number=1, title=f"Part {season}"),),
        )
        for season in (0, 1, 2)
    )
    shelves.series["hg:21"] = SeriesView(item=SERIES, details=TitleDetails(), seasons=seasons)
    page = await owner.open("/library/series/hg:21")
    assert "Part 1" in page.words
    assert "Part 2" not in page.words
    assert "Specials" in page.words
    page = await owner.open("/library/series/hg:21?season=2")
    assert "/library/series/hg:21?episode=hg:102#sources" in page.links
    page = await owner.open("/library/series/hg:21?episode=hg:102")
    assert "Sources of Part 2" in page.words
    assert 'data-row="/title/series/hg%3A21/sources?video=hg%3A21%3A2%3A1"' in page.html


async def test_a_series_whose_provider_is_away_says_so(owner: Browser, shelves: Shelves) -> None:
    problem = "Evening TV can't be reached."
    shelves.series["hg:21"] = SeriesView(item=SERIES, details=TitleDetails(), seasons=(), problem=problem)
    page = await owner.open("/library/series/hg:21")
    assert problem in page.words
    assert "No episodes known yet" in page.words


async def test_a_channel_tells_what_was_on_is_on_and_comes(owner: Browser, shelves: Shelves) -> None:
    shown = (
        programme("Long ago", -60 * 24 * 9),
        programme("The news", -120),
        programme("The film", -5, plot="They meet.", season=2, episode=3),
        programme("The late show", 90),
    )
    shelves.channels["hg:1"] = ChannelView(item=channel(1, "First One", archive_days=7), programmes=shown)
    page = await owner.open("/library/channels/hg:1")
    before, past = page.words.split("What was on: 2 programmes")
    assert before.index("The film") < before.index("The late show")
    assert "S2 E3" in before
    assert "The news Catch-up" in past
    assert "Long ago Catch-up" not in past
    assert 'data-row="/title/tv/hg%3A1/sources?video=hg%3A1"' in page.html


async def test_a_channel_without_a_guide_says_so(owner: Browser, shelves: Shelves) -> None:
    shelves.channels["hg:2"] = ChannelView(item=channel(2, "Second Two", guide_id=""))
    page = await owner.open("/library/channels/hg:2")
    assert "The provider names no guide for this channel." in page.words


async def test_what_another_profile_has_is_a_page_that_says_so(owner: Browser, shelves: Shelves) -> None:
    page = await owner.open("/library/movies/hg:99")
    assert page.status == 404
    assert "Nothing of your library has this id." in page.words
