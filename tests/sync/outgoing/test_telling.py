"""What happened here stands at Trakt, once, as it happened."""

from __future__ import annotations

import pytest

from libs.common.contracts.connections import TraktChoices
from tests.fakes.trakt import Movie, Person, Show
from tests.sync.outgoing.telling import ADA, BOB, Replica, Telling

DAY_S = 86_400.0


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is told is decided before any table is asked: one engine is enough."""
    return sqlite_url


async def test_a_film_seen_now_is_scrobbled_from_its_beginning_to_its_end(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    told.outbox.tell("started")
    await sync.tell()
    told.outbox.tell("paused", share=0.4)
    await sync.tell()
    assert ada.paused[film].progress == 40
    told.outbox.tell("stopped", share=0.95)
    told.outbox.tell("watched", share=0.95)
    await sync.tell()
    assert [play.action for play in ada.plays_of(film)] == ["scrobble"]
    assert not ada.paused
    assert told.trakt.calls["POST /sync/history"] == 0


async def test_a_film_seen_without_a_line_is_in_the_history_at_its_own_time(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    event = told.outbox.tell("watched", share=0.95, ago_s=3 * DAY_S)
    await sync.tell()
    (play,) = ada.plays_of(film)
    assert play.at_ms == int(event.at.timestamp()) * 1000
    assert told.trakt.calls["POST /scrobble/stop"] == 0


async def test_a_film_that_waited_for_minutes_is_in_the_history_at_its_own_time(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    event = told.outbox.tell("watched", share=0.95, ago_s=5 * 60)
    await sync.tell()
    (play,) = ada.plays_of(film)
    assert (play.action, play.at_ms) == ("watch", int(event.at.timestamp()) * 1000)


async def test_what_ends_early_but_counts_here_is_added_to_the_history(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    told.outbox.tell("watched", share=0.7)
    await sync.tell()
    assert [play.action for play in ada.plays_of(film)] == ["watch"]


async def test_a_pause_is_never_a_play_and_a_beginning_never_too_little(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    told.outbox.tell("paused", share=0.0001)
    await sync.tell()
    assert ada.paused[film].progress == 1.0
    told.outbox.tell("stopped", share=0.89)
    await sync.tell()
    assert ada.paused[film].progress == pytest.approx(79.9)
    assert not ada.plays


async def test_near_the_end_only_the_play_is_told(told: Telling, sync: Replica, ada: Person) -> None:
    told.outbox.tell("watched", share=0.91)
    await sync.tell()
    told.outbox.tell("paused", share=0.93)
    told.outbox.tell("stopped", share=0.97)
    await sync.tell()
    assert not ada.paused


async def test_a_film_that_a_player_calls_complete_is_not_paused_where_it_was(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    told.outbox.tell("stopped", share=0.4)
    told.outbox.tell("watched", share=0.4)
    await sync.tell()
    assert len(ada.plays_of(film)) == 1
    assert not ada.paused


async def test_what_was_played_an_hour_ago_has_no_place_now(told: Telling, sync: Replica) -> None:
    told.outbox.tell("started", ago_s=3600)
    told.outbox.tell("paused", share=0.3, ago_s=3600)
    await sync.tell()
    assert not told.writes


async def test_an_older_place_is_dropped_for_a_newer_one(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    for share in (0.1, 0.2, 0.3):
        told.outbox.tell("started", share=share)
        told.outbox.tell("paused", share=share)
    await sync.tell()
    assert ada.paused[film].progress == pytest.approx(30)
    assert told.writes == {"POST /scrobble/pause": 1}


async def test_episodes_that_are_marked_and_unmarked_follow(
    told: Telling, sync: Replica, ada: Person, show: Show
) -> None:
    for number in (1, 2, 3):
        told.outbox.tell("watched", f"tt0000002:1:{number}")
    await sync.tell()
    assert {play.item for play in ada.plays} == {show[1, number] for number in (1, 2, 3)}
    ada.watch(show[1, 2])
    told.outbox.tell("unwatched", "tt0000002:1:2")
    await sync.tell()
    assert {play.item for play in ada.plays} == {show[1, 1], show[1, 3]}


async def test_the_watchlist_follows_films_and_shows(
    told: Telling, sync: Replica, ada: Person, film: Movie, show: Show
) -> None:
    told.outbox.tell("watchlist_added")
    told.outbox.tell("watchlist_added", "tt0000002", type_="series")
    await sync.tell()
    assert set(ada.watchlist) == {film, show}
    told.outbox.tell("watchlist_removed")
    await sync.tell()
    assert set(ada.watchlist) == {show}


async def test_what_is_taken_back_before_it_was_sent_is_never_sent(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    told.outbox.tell("watchlist_added")
    told.outbox.tell("watchlist_removed")
    told.outbox.tell("watched")
    told.outbox.tell("unwatched")
    await sync.tell()
    assert not told.writes
    assert len(ada.plays_of(film)) == 1


async def test_a_play_that_waits_goes_with_all_others_when_the_film_is_unmarked(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    told.outbox.tell("unwatched")
    await sync.tell()
    assert not ada.plays
    assert told.trakt.calls["POST /sync/history"] == 0


async def test_several_plays_of_one_film_are_several_plays(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    for days in (3, 2, 1):
        told.outbox.tell("watched", share=0.95, ago_s=days * DAY_S)
    await sync.tell()
    plays = [play.at_ms for play in ada.plays_of(film)]
    assert len(plays) == 3
    assert plays == sorted(plays)


async def test_events_that_are_told_again_and_again_are_sent_once(
    told: Telling, ada: Person, film: Movie
) -> None:
    told.outbox.forgetful = True
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    told.outbox.tell("watched", share=0.95, ago_s=2 * DAY_S)
    for _ in range(2):
        for replica in told.replicas:
            await replica.tell()
    assert len(ada.plays_of(film)) == 2


async def test_nobody_is_told_of_profiles_that_are_not_connected(told: Telling, sync: Replica) -> None:
    told.outbox.tell("watched", owner=BOB, share=0.95)
    await sync.tell()
    assert not told.outbox.events
    assert not told.writes
    assert not (await sync.graph.store.queue(BOB)).waiting


async def test_ids_that_only_an_addon_knows_are_kept_to_ourselves(told: Telling, sync: Replica) -> None:
    for video_id in ("kitsu:1", "xt_4711", "tt12abc", "ttx", "tt١٢٣٤٥٦٧"):
        told.outbox.tell("watched", video_id, share=0.95)
    await sync.tell()
    assert not told.writes


async def test_what_the_owner_switched_off_is_not_told(told: Telling, sync: Replica, ada: Person) -> None:
    await told.connections.settle(
        ADA, lambda _: TraktChoices(scrobble=False, write_history=True, write_watchlist=False)
    )
    told.outbox.tell("started")
    told.outbox.tell("watchlist_added")
    told.outbox.tell("watched", share=0.95)
    told.trakt.titles.movie("Metropolis", 1927, imdb="tt0000001")
    await sync.tell()
    assert told.writes == {"POST /sync/history": 1}
    assert len(ada.plays) == 1


async def test_two_profiles_tell_their_own_accounts(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    await told.connect("bob", BOB)
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S, owner=BOB)
    await sync.tell()
    await sync.send()
    assert not ada.plays
    assert len(told.trakt.person("bob").plays_of(film)) == 1


async def test_who_disconnected_is_told_nothing_of(told: Telling, sync: Replica) -> None:
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    await sync.read()
    await told.disconnect(ADA)
    await told.connect("eve", ADA)
    await told.disconnect(ADA)
    await sync.send()
    assert not told.writes
    assert not (await sync.graph.store.queue(ADA)).waiting


async def test_whoever_has_much_to_tell_lets_others_come_between(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    for number in range(30):
        told.outbox.tell("watched", share=0.95, ago_s=(1 + number) * DAY_S)
    await sync.read()
    await sync.send()
    assert 15 < (await sync.graph.store.queue(ADA)).waiting < 30
    await sync.tell()
    assert len(ada.plays_of(film)) == 30


async def test_what_trakt_always_fails_at_does_not_hold_up_all_that_follows(
    told: Telling, sync: Replica, ada: Person, film: Movie, show: Show
) -> None:
    told.outbox.tell("watchlist_added")
    told.outbox.tell("watched", "tt0000002:1:1", share=0.95, ago_s=DAY_S)
    told.trakt.fail(500, on="POST /sync/watchlist", times=None)
    await sync.tell(within_s=3600.0)
    assert len(ada.plays_of(show[1, 1])) == 1
    (dead,) = await sync.graph.store.dead(ADA, 10)
    assert (dead.kind, "again and again" in dead.reason) == ("list", True)


async def test_a_trakt_that_fails_at_everything_is_waited_for(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    told.trakt.fail(500, times=None)
    await sync.tell(within_s=2 * 3600.0)
    assert (await sync.graph.store.queue(ADA)).waiting == 1
    told.trakt.heal()
    await sync.tell()
    assert len(ada.plays_of(film)) == 1
