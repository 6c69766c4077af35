"""The client against a Trakt over real HTTP."""

from __future__ import annotations

import pytest

from deploy.cluster.ports import free_port
from libs.common.deadline import Deadline
from libs.common.http import Fetcher
from libs.protocols.times import moment_ms, moment_text
from libs.protocols.trakt.app import TraktApp
from libs.protocols.trakt.client import CallKind, TraktClient
from libs.protocols.trakt.errors import (
    AccountLocked,
    AnswerUnreadable,
    AppRefused,
    BadQuestion,
    Conflict,
    LimitReached,
    NothingThere,
    TooMany,
    TraktError,
    Unauthorized,
    Unavailable,
    Unprocessable,
    VipOnly,
)
from libs.protocols.trakt.wire import Ids
from libs.protocols.trakt.writing import EpisodeAt, EpisodeOf, Item, Items, Scrobble, SeasonOf
from tests.fakes.trakt import FakeTrakt, Movie, Person, Show

METROPOLIS = Items(movies=[Item(ids=Ids(imdb="tt0017136"))])
THEN_MS = 1_700_000_000_123


@pytest.fixture
def film(trakt: FakeTrakt) -> Movie:
    return trakt.titles.movie("Metropolis", 1927, imdb="tt0017136")


@pytest.fixture
def show(trakt: FakeTrakt) -> Show:
    return trakt.titles.show("The Line", 2001, tvdb=81189, seasons={0: 1, 1: 3})


async def test_lists_are_paged_by_what_the_headers_say(
    client: TraktClient, trakt: FakeTrakt, ada: Person
) -> None:
    for number in range(260):
        ada.watch(trakt.titles.movie(f"Film {number}"), THEN_MS)
    first = await client.watched_movies(limit=1000)
    last = await client.watched_movies(2, limit=1000)
    assert (len(first.items), first.limit, first.pages, first.count) == (250, 250, 2, 260)
    assert (first.is_last, last.is_last, len(last.items)) == (False, True, 10)


async def test_shows_come_with_their_episodes(client: TraktClient, ada: Person, show: Show) -> None:
    ada.watch(show[1, 2], THEN_MS)
    ada.reset(show)
    [seen] = (await client.watched_shows()).items
    assert seen.seasons is not None
    [season] = seen.seasons
    assert season.episodes is not None
    assert [(season.number, one.number, one.plays) for one in season.episodes] == [(1, 2, 1)]
    assert (seen.show.aired_episodes, moment_ms(seen.last_watched_at)) == (3, THEN_MS)
    assert moment_ms(seen.reset_at) == ada.now_ms


async def test_seasons_and_ids_may_be_null(
    client: TraktClient, trakt: FakeTrakt, ada: Person, show: Show
) -> None:
    trakt.reading.null_seasons.add(show)
    ada.watch(show[1, 1])
    [seen] = (await client.watched_shows()).items
    assert (seen.seasons, seen.show.ids and seen.show.ids.imdb) == (None, None)


async def test_ids_of_plays_and_pauses_have_64_bits(client: TraktClient, ada: Person, film: Movie) -> None:
    play, paused = ada.watch(film), ada.pause(film, 40.5)
    [history], [playback] = (await client.history()).items, (await client.playback()).items
    assert (history.id, playback.id, playback.progress) == (play.id, paused.id, 40.5)
    assert history.id > 2**53


async def test_what_was_paused_is_told_with_its_length(client: TraktClient, ada: Person, film: Movie) -> None:
    ada.pause(film, 40.5)
    [playback] = (await client.playback()).items
    assert playback.movie is not None
    assert playback.movie.runtime == 90


async def test_a_title_is_asked_about_by_its_id_of_imdb(
    client: TraktClient, trakt: FakeTrakt, ada: Person, film: Movie
) -> None:
    show = trakt.titles.show("Another", imdb="tt5", seasons={0: 2, 1: 3})
    for place in ((0, 1), (1, 1), (1, 2)):
        ada.watch(show[place])
    ids = await client.find_movie("tt0017136")
    assert (ids and ids.trakt, await client.find_movie("tt404")) == (film.trakt, None)
    progress = await client.show_progress("tt5")
    assert (progress.aired, progress.completed) == (3, 2)
    with pytest.raises(NothingThere):
        await client.show_progress("tt404")


async def test_the_history_is_asked_by_time_and_item(
    client: TraktClient, ada: Person, film: Movie, show: Show
) -> None:
    ada.watch(film, THEN_MS)
    ada.watch(film, THEN_MS + 1000)
    ada.watch(show[1, 1], THEN_MS)
    here = moment_text(THEN_MS)
    exact = await client.history(type_="movies", id_=film.trakt, start_at=here, end_at=here)
    assert [moment_ms(play.watched_at) for play in exact.items] == [THEN_MS]
    assert len((await client.history()).items) == 3


async def test_an_item_that_nobody_can_read_costs_nothing_else(client: TraktClient, trakt: FakeTrakt) -> None:
    trakt.fail(200, body=b'[{"movie": {"ids": {"trakt": 1}, "new": [1]}, "more": {}}, {"movie": 3}, null]')
    page = await client.watched_movies()
    assert (len(page.items), page.unread, page.is_last) == (1, 2, True)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[" * 100_000, b"\xff"])
async def test_an_answer_of_another_shape_is_said_to_be_one(
    client: TraktClient, trakt: FakeTrakt, body: bytes
) -> None:
    trakt.fail(200, body=body)
    with pytest.raises(AnswerUnreadable):
        await client.watchlist()


async def test_an_answer_is_bounded(client: TraktClient, trakt: FakeTrakt) -> None:
    trakt.fail(200, body=b"[" + b" " * 2_000_000 + b"]")
    with pytest.raises(Unavailable) as large:
        await client.watchlist()
    assert large.value.cause == "body_too_large"


async def test_what_was_last_done_and_the_limits_of_an_account_are_read(
    client: TraktClient, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    activities, settings = await client.last_activities(), await client.settings()
    assert moment_ms(activities.movies.watched_at) == ada.now_ms
    assert activities.all == activities.movies.watched_at
    assert (settings.user.username, settings.limits and settings.limits.watchlist) is not None
    assert settings.limits is not None
    assert settings.limits.watchlist is not None
    assert settings.limits.watchlist.item_count == 5000


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.usefixtures("film")
async def test_plays_are_added_by_any_name_of_theirs(
    client: TraktClient, trakt: FakeTrakt, ada: Person, show: Show, status: int
) -> None:
    trakt.writing.added_status = status
    at = moment_text(THEN_MS)
    part = SeasonOf(number=1, episodes=[EpisodeOf(number=2, watched_at=at)])
    sent = Items(
        movies=[*METROPOLIS.movies, Item(ids=Ids(imdb="tt404"), title="Lost")],
        shows=[Item(ids=Ids(tvdb=81189), seasons=[part])],
    )
    changed = await client.add_history(sent)
    assert (changed.added.movies, changed.added.episodes, changed.not_found.any) == (1, 1, True)
    assert ada.plays_of(show[1, 2])[0].at_ms == THEN_MS


async def test_plays_are_taken_away_one_by_one_or_all(client: TraktClient, ada: Person, film: Movie) -> None:
    plays = [ada.watch(film) for _ in range(3)]
    changed = await client.remove_history(Items(ids=[plays[1].id, 5]))
    assert (changed.deleted.movies, changed.not_found.ids) == (1, (5,))
    assert (await client.remove_history(METROPOLIS)).deleted.movies == 2
    assert ada.plays == []


async def test_the_watchlist_takes_what_it_has_room_for(
    client: TraktClient, ada: Person, film: Movie
) -> None:
    assert (await client.add_watchlist(METROPOLIS)).added.movies == 1
    again = await client.add_watchlist(METROPOLIS)
    assert (again.existing.movies, again.list_ and again.list_.item_count) == (1, 1)
    assert (await client.remove_watchlist(METROPOLIS)).deleted.movies == 1
    ada.watchlist_limit = 0
    with pytest.raises(LimitReached):
        await client.add_watchlist(METROPOLIS)


async def test_what_is_played_is_told_as_it_goes(
    client: TraktClient, ada: Person, show: Show, film: Movie
) -> None:
    episode = Scrobble(show=Item(ids=Ids(tvdb=81189)), episode=EpisodeAt(season=1, number=3))
    assert (await client.scrobble("start", 1, episode)).id == 0
    await client.scrobble("pause", 30, episode)
    assert ada.paused[show[1, 3]].progress == 30
    seen = await client.scrobble("stop", 90, episode)
    assert (seen.action, seen.id) == ("scrobble", ada.plays[-1].id)
    with pytest.raises(Conflict) as again:
        await client.scrobble("stop", 90, episode)
    assert moment_ms(again.value.watched_at) == ada.plays[-1].at_ms
    with pytest.raises(Unprocessable):
        await client.scrobble("stop", 0.5, Scrobble(movie=METROPOLIS.movies[0]))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadQuestion),
        (401, Unauthorized),
        (403, AppRefused),
        (404, NothingThere),
        (412, BadQuestion),
        (420, LimitReached),
        (422, Unprocessable),
        (426, VipOnly),
        (429, TooMany),
        (500, Unavailable),
        (503, Unavailable),
        (521, Unavailable),
    ],
)
async def test_each_status_has_its_meaning(
    client: TraktClient, trakt: FakeTrakt, status: int, kind: type[TraktError]
) -> None:
    trakt.fail(status, times=2)
    with pytest.raises(kind) as read:
        await client.last_activities()
    with pytest.raises(kind) as written:
        await client.add_history(METROPOLIS)
    assert (read.value.acted, written.value.acted) == (False, None if kind is Unavailable else False)


async def test_too_much_says_for_how_long_if_anybody_does(client: TraktClient, trakt: FakeTrakt) -> None:
    trakt.fail(429, headers={"Retry-After": "17"})
    with pytest.raises(TooMany) as told:
        await client.last_activities()
    trakt.fail(429)
    with pytest.raises(TooMany) as untold:
        await client.last_activities()
    assert (told.value.retry_after_s, untold.value.retry_after_s) == (17, None)


@pytest.mark.parametrize(("how", "is_closed"), [("locked", False), ("deactivated", True)])
async def test_a_locked_account_is_told_from_a_closed_one(
    client: TraktClient, ada: Person, how: str, is_closed: bool
) -> None:
    ada.locked = how
    with pytest.raises(AccountLocked) as locked:
        await client.last_activities()
    assert locked.value.deactivated == is_closed


@pytest.mark.parametrize("how", [0, -1, 502])
async def test_a_write_whose_answer_is_lost_may_have_been_done(
    client: TraktClient, trakt: FakeTrakt, ada: Person, film: Movie, how: int
) -> None:
    trakt.fail(how, on="POST", acted=True)
    with pytest.raises(Unavailable) as lost:
        await client.add_history(METROPOLIS)
    assert (lost.value.acted, len(ada.plays)) == (None, 1)


async def test_a_write_that_never_left_was_not_done(fetcher: Fetcher, app: TraktApp) -> None:
    client = TraktClient(fetcher, app, "token", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable) as unsent:
        await client.add_history(METROPOLIS)
    assert unsent.value.acted is False


async def test_a_pace_is_asked_before_each_call_and_may_refuse_it(
    fetcher: Fetcher, app: TraktApp, trakt: FakeTrakt, ada: Person
) -> None:
    class Counting:
        asked: list[CallKind] = []  # noqa: RUF012  one test's

        async def take(self, kind: CallKind, deadline: Deadline | None) -> None:
            self.asked.append(kind)
            if len(self.asked) == 3:
                raise TooMany("Later.", retry_after_s=5)

    pace = Counting()
    client = TraktClient(fetcher, app, trakt.sign_in(ada).access, trakt.url, pace=pace)
    await client.last_activities()
    await client.add_watchlist(METROPOLIS)
    with pytest.raises(TooMany):
        await client.last_activities()
    assert (pace.asked, trakt.calls.total()) == (["read", "write", "read"], 2)
