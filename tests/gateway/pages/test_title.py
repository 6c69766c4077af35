"""A title's page: facts, episodes, sources."""

from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.streaming import StreamsPage
from libs.common.contracts.tmdb import ATTRIBUTION
from libs.common.errors import UpstreamFailed, UpstreamTimedOut
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner, stream

HERE = "/title/movie/tt0017136"
LATE = SourceProblem("x", "Far away", "addon_timed_out", "The addon has not answered yet.")
STREAMS = "/api/v1/streams/movie/tt0017136"


async def test_what_the_hub_plays_itself_is_copied_as_players_are_given_it(
    owner: Browser, inner: Inner
) -> None:
    own = stream("Evening TV 720p", "headgate:play/movie/26.mp4", "Library")
    inner.streams["tt0017136"] = StreamsPage(items=(own,))
    page = await owner.open("/title/movie/tt0017136/sources?video=tt0017136")
    assert "/api/v1/library/play/movie/26.mp4" in page.links
    assert "/stremio/hg_secret1/play/movie/26.mp4" in page.html


async def test_a_film_shows_its_facts_and_sources(owner: Browser) -> None:
    page = await owner.open(HERE)
    for fact in ("Metropolis", "1927", "2h 33m", "8.3", "Drama", "Archive.org 1080p", "first in your order"):
        assert fact in page.words
    assert "https://archive.example.org/film.mp4" in page.links


async def test_a_link_a_browser_must_not_follow_is_not_a_link(owner: Browser, inner: Inner) -> None:
    inner.streams["tt0017136"] = StreamsPage(items=(stream("Bad", "javascript:alert(1)", "Demo"),))
    page = await owner.open(HERE)
    assert "Bad" in page.words
    assert "javascript:" not in page.html


async def test_late_sources_leave_their_place_and_a_way_to_wait(owner: Browser, inner: Inner) -> None:
    inner.failing[STREAMS] = UpstreamTimedOut("late")
    page = await owner.open(HERE)
    assert page.status == 200
    assert f'data-row="{HERE}/sources?video=tt0017136"' in page.html
    assert f"{HERE}?video=tt0017136&wait=1#sources" in page.links


async def test_the_sources_fragment_is_no_page(owner: Browser) -> None:
    page = await owner.open(f"{HERE}/sources?video=tt0017136")
    assert "Archive.org 1080p" in page.words
    assert "<html" not in page.html


async def test_failed_sources_leave_the_facts(owner: Browser, inner: Inner) -> None:
    inner.failing[STREAMS] = UpstreamFailed("The source broke off.")
    page = await owner.open(HERE)
    assert page.status == 200
    assert "The source broke off." in page.words
    assert "2h 33m" in page.words


async def test_an_addon_that_failed_is_named(owner: Browser, inner: Inner) -> None:
    failed = SourceProblem("x", "Far away", "addon_failed", "refuses connections.")
    inner.streams["tt0017136"] = StreamsPage(items=(), problems=(failed,))
    page = await owner.open(HERE)
    assert "Far away: refuses connections." in page.words
    assert "not everybody has answered" in page.words


async def test_what_is_there_is_shown_while_others_are_waited_for(owner: Browser, inner: Inner) -> None:
    inner.streams["tt0017136"] = StreamsPage(items=(stream("Quick", None, "Near"),), problems=(LATE,))
    page = await owner.open(HERE)
    assert "Quick" in page.words
    assert f'data-row="{HERE}/sources?video=tt0017136"' in page.html
    assert f"{HERE}?video=tt0017136&wait=1#sources" in page.links


async def test_after_the_whole_wait_nobody_is_waited_for(owner: Browser, inner: Inner) -> None:
    inner.streams["tt0017136"] = StreamsPage(items=(stream("Quick", None, "Near"),), problems=(LATE,))
    for path in (f"{HERE}?wait=1", f"{HERE}/sources?video=tt0017136"):
        page = await owner.open(path)
        assert "data-row=" not in page.html
        assert "Far away: The addon has not answered yet." in page.words


async def test_nothing_after_the_whole_wait_says_so(owner: Browser, inner: Inner) -> None:
    inner.failing[STREAMS] = UpstreamTimedOut("late")
    page = await owner.open(f"{HERE}?wait=1")
    assert "None of your addons answered in time." in page.words
    assert "data-row=" not in page.html


async def test_a_title_nobody_describes_still_shows_its_sources(owner: Browser, inner: Inner) -> None:
    inner.titles.clear()
    page = await owner.open(HERE)
    assert page.status == 200
    assert "None of your addons describes this title." in page.words
    assert "Archive.org 1080p" in page.words


async def test_a_series_asks_for_an_episode_first(owner: Browser, inner: Inner) -> None:
    inner.titles["tt9"] = _series()
    page = await owner.open("/title/series/tt9")
    assert "Pilot ★ 8.1 · 12 January 1936" in page.words
    assert "Second year" not in page.words
    assert "/title/series/tt9?video=tt9%3A1%3A1#sources" in page.links
    assert not any("/api/v1/streams/" in call for call in inner.asked)


async def test_an_episode_shows_its_season_and_sources(owner: Browser, inner: Inner) -> None:
    inner.titles["tt9"] = _series()
    inner.streams["tt9:2:1"] = StreamsPage(items=(stream("From the attic", None, "House media"),))
    page = await owner.open("/title/series/tt9?video=tt9%3A2%3A1")
    assert "Sources of Second year" in page.words
    assert "From the attic" in page.words
    assert "Pilot" not in page.words


async def test_specials_come_last(owner: Browser, inner: Inner) -> None:
    inner.titles["tt9"] = _series()
    page = await owner.open("/title/series/tt9")
    assert page.words.index("Season 2") < page.words.index("Specials")


async def test_an_id_with_a_slash_stays_whole(owner: Browser, inner: Inner) -> None:
    inner.titles["a/b:1"] = {"id": "a/b:1", "type": "movie", "name": "Slashed"}
    page = await owner.open("/title/movie/a%2Fb%3A1")
    assert "Slashed" in page.words
    assert "GET /api/v1/streams/movie/a%2Fb%3A1" in inner.asked


def _series() -> dict[str, object]:
    videos = [
        {"id": "tt9:2:1", "season": 2, "episode": 1, "title": "Second year"},
        {"id": "tt9:0:1", "season": 0, "episode": 1, "title": "Making of"},
        {
            "id": "tt9:1:1",
            "season": 1,
            "episode": 1,
            "title": "Pilot",
            "released": "1936-01-12T00:00:00.000Z",
            "imdbRating": "8.1",
        },
    ]
    return {"id": "tt9", "type": "series", "name": "The Keeper", "videos": videos}


async def test_whoever_filled_in_the_rest_is_named_as_they_want_to_be(owner: Browser, inner: Inner) -> None:
    assert "The Movie Database" not in (await owner.open(HERE)).html
    inner.attributions = (ATTRIBUTION,)
    page = await owner.open(HERE)
    assert ATTRIBUTION in page.words
    assert 'alt="The Movie Database"' in page.html


async def test_what_could_have_told_more_is_a_quiet_line(owner: Browser, inner: Inner) -> None:
    inner.title_problems = (SourceProblem("tmdb", "TMDB", "tmdb_failed", "TMDB answered 503."),)
    page = await owner.open(HERE)
    assert page.status == 200
    assert "TMDB: TMDB answered 503." in page.words
    assert "2h 33m" in page.words
