"""A title's page: where one stopped, what was watched, and the buttons that say otherwise."""

from __future__ import annotations

import pytest

from libs.common.contracts.viewing import ShowProgress, TitleFlags
from tests.gateway.pages.browser import Browser
from tests.gateway.pages.inner import Inner
from tests.gateway.pages.viewing.service import episode, progress

FILM = "/title/movie/tt0017136"
SHOW = "/title/series/tt7"


@pytest.fixture
def show(inner: Inner) -> ShowProgress:
    videos = [
        {"id": f"tt7:{season}:{number}", "season": season, "episode": number, "title": f"Part {number}"}
        for season in (1, 2)
        for number in (1, 2, 3)
    ]
    inner.titles["tt7"] = {"id": "tt7", "type": "series", "name": "Serial", "videos": videos}
    return ShowProgress(
        title_id="tt7",
        name="Serial",
        poster=None,
        aired=6,
        completed=1,
        watched=False,
        in_watchlist=True,
        next=episode("tt7:1:2", 1, 2, position_s=725, share=0.4),
        episodes=(
            episode("tt7:1:1", 1, 1, watched=True, finished=True, share=1.0),
            episode("tt7:1:2", 1, 2, position_s=725, share=0.4),
            episode("tt7:1:3", 1, 3),
        ),
        known_at=None,
    )


async def test_a_film_goes_on_where_it_was_left(owner: Browser, inner: Inner) -> None:
    inner.places["tt0017136"] = progress("tt0017136", 2590)
    page = await owner.open(FILM)
    assert "Resume at 43:10" in page.words
    assert "/watch/movie/tt0017136#play" in page.links


@pytest.mark.parametrize(
    "known", [None, progress("tt0017136", 3), progress("tt0017136", 7000, finished=True)]
)
async def test_a_film_that_is_not_under_way_is_played(owner: Browser, inner: Inner, known: object) -> None:
    if known is not None:
        inner.places["tt0017136"] = known  # type: ignore[assignment]  # a place, as the parameters say
    page = await owner.open(FILM)
    assert "Resume" not in page.words
    assert "/watch/movie/tt0017136#play" in page.links


@pytest.mark.parametrize(
    ("button", "call", "said"),
    [
        ("list", "PUT watchlist", "On your watchlist."),
        ("unlist", "DELETE watchlist", "Off your watchlist."),
        ("watched", "PUT watched", "Marked as watched."),
        ("unwatched", "DELETE watched", "Marked as not watched."),
    ],
)
async def test_each_button_does_what_it_says_and_offers_the_way_back(
    owner: Browser, inner: Inner, button: str, call: str, said: str
) -> None:
    await owner.open(FILM)
    page = await owner.submit(f"{FILM}/viewing", **{button: "", "poster": "https://images.example/m.jpg"})
    assert (page.path, said in page.words) == (FILM, True)
    name, id_, told = inner.viewing.sent[0]
    assert (name, id_) == (call, "tt0017136")
    if call.startswith("PUT"):
        assert told == {"type": "movie", "name": "Metropolis", "poster": "https://images.example/m.jpg"}
    page = await owner.submit("/viewing/undo")
    assert (page.path, "Undone." in page.words) == (FILM, True)
    undone = {"list": "DELETE watchlist", "unlist": "PUT watchlist"}.get(button, "DELETE marks")
    assert inner.viewing.sent[1][0] == undone


async def test_what_is_known_of_a_film_names_its_buttons(owner: Browser, inner: Inner) -> None:
    inner.viewing.flags["tt0017136"] = TitleFlags(watched=True, in_watchlist=True)
    page = await owner.open(FILM)
    assert "mark as not watched" in page.words
    assert "On your watchlist" in page.words


async def test_a_shows_episodes_say_how_far_they_were_watched(
    owner: Browser, inner: Inner, show: ShowProgress
) -> None:
    inner.viewing.shows["tt7"] = show
    page = await owner.open(SHOW)
    assert "Resume S1 E2 at 12:05" in page.words
    assert "1 of 6 watched" in page.words
    assert "Part 1 is watched: mark as not watched" in page.words
    assert "40 % watched" in page.words
    assert "Mark Part 3 as watched" in page.words
    assert "/watch/series/tt7%3A1%3A2#play" in page.links


async def test_an_episode_or_a_season_is_marked_and_the_season_stays_open(
    owner: Browser, inner: Inner, show: ShowProgress
) -> None:
    inner.viewing.shows["tt7"] = show
    page = await owner.open(f"{SHOW}?season=2")
    back = [value for name, value in page.forms[f"{SHOW}/viewing"] if name == "back"][-1]
    assert back == f"{SHOW}?season=2"
    await owner.submit(f"{SHOW}/viewing", watched="tt7:2:1", back=back)
    await owner.submit(f"{SHOW}/viewing", watched="season 2", back=back)
    page = await owner.submit(f"{SHOW}/viewing", unwatched="season 2", back=back)
    assert "Season 2" in page.words
    named = {"type": "series", "name": "Serial"}
    assert inner.viewing.sent == [
        ("PUT watched", "tt7:2:1", {**named, "title_id": "tt7"}),
        ("PUT watched", "tt7", {**named, "season": 2}),
        ("DELETE watched", "tt7", {**named, "season": 2}),
    ]


async def test_a_season_that_was_watched_is_offered_back(
    owner: Browser, inner: Inner, show: ShowProgress
) -> None:
    inner.viewing.shows["tt7"] = ShowProgress(
        title_id="tt7",
        name="Serial",
        poster=None,
        aired=6,
        completed=3,
        watched=False,
        in_watchlist=False,
        next=None,
        episodes=tuple(episode(f"tt7:1:{n}", 1, n, watched=True, share=1) for n in (1, 2, 3)),
        known_at=None,
    )
    assert "Mark the season as not watched" in (await owner.open(SHOW)).words


async def test_the_page_stays_up_while_streaming_is_away(
    owner: Browser, inner: Inner, show: ShowProgress
) -> None:
    inner.viewing.is_away = True
    for path in (FILM, SHOW):
        page = await owner.open(path)
        assert page.status == 200
        assert "can't be shown at the moment" in page.words
        assert f"{path}/viewing" not in page.forms
    assert "Part 1" in page.words


async def test_nothing_is_kept_of_what_is_live(owner: Browser, inner: Inner) -> None:
    inner.titles["hg:1"] = {"id": "hg:1", "type": "tv", "name": "Channel 1"}
    inner.asked.clear()
    page = await owner.open("/title/tv/hg:1")
    assert "/title/tv/hg%3A1/viewing" not in page.forms
    assert not any("viewing" in call for call in inner.asked)


@pytest.mark.parametrize("fields", [{}, {"watched": "season one"}, {"watched": "season 99999999"}])
async def test_a_form_that_says_nothing_is_refused(
    owner: Browser, inner: Inner, fields: dict[str, str]
) -> None:
    await owner.open(FILM)
    assert (await owner.submit(f"{FILM}/viewing", **fields)).status == 422
    assert inner.viewing.sent == []


async def test_a_form_of_another_site_changes_nothing(owner: Browser, inner: Inner) -> None:
    assert (await owner.send(f"{FILM}/viewing", [("watched", "")])).status == 403
    assert inner.viewing.sent == []


@pytest.mark.parametrize("address", [FILM, SHOW])
@pytest.mark.usefixtures("show")
async def test_trakt_is_believed_of_what_nothing_is_known_of_here(
    owner: Browser, inner: Inner, address: str
) -> None:
    title_id = address.rpartition("/")[2]
    assert "Mark as watched" in (await owner.open(address)).words
    inner.watched_at_trakt.add(title_id)
    assert "mark as not watched" in (await owner.open(address)).words
    inner.viewing.flags[title_id] = TitleFlags()
    assert "Mark as watched" in (await owner.open(address)).words
