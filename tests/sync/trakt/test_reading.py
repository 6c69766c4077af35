"""An account at Trakt, read into viewing state: what is asked, and what is there then."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from libs.common.contracts.removals import Removal
from libs.common.deadline import Deadline
from services.sync.model import Counts, Owner
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import Movie, Person, Show
from tests.sync.trakt.reading import Reading, reading
from tests.sync.trakt.replicas import ADA, BEN, Replica
from tests.waiting import until

IDLE = {"last_activities": 1}
DAY_MS = 24 * 3600 * 1000


async def test_all_that_an_account_has_is_there_after_its_first_reading(
    sync: Reading, ada: Person, film: Movie, show: Show
) -> None:
    wanted = sync.trakt.titles.movie("Sunrise", 1927, imdb="tt0018455")
    begun = sync.trakt.titles.movie("Pandora's Box", 1929, imdb="tt0018737")
    ada.watch(film, ada.now_ms - DAY_MS)
    ada.watch(film, ada.now_ms - 2 * DAY_MS)
    for place in ((0, 1), (1, 1), (1, 2)):
        ada.watch(show[place], ada.now_ms - DAY_MS)
    ada.list_(wanted)
    ada.pause(begun, 42.0)
    ada.pause(show[1, 3], 10.0)
    counts = await sync.look()
    assert counts is not None
    assert {name: count.added for name, count in counts.items()} == {
        "playback": 2,
        "watchlist": 1,
        "movies": 1,
        "shows": 3,
    }
    flags = await sync.ada.flags("tt0017136", "tt0018455", "tt0306414")
    assert flags["tt0017136"].watched
    assert flags["tt0018455"].in_watchlist
    assert not flags["tt0306414"].watched
    told = await sync.ada.sees("tt0018737")
    assert told is not None
    assert told.position_s == pytest.approx(0.42 * (told.duration_s or 0), rel=0.01)
    assert await sync.ada.ids("continue") == ["tt0306414:1:3", "tt0018737"]


async def test_looking_where_nothing_has_changed_costs_one_call_and_no_run(
    sync: Reading, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    await sync.look()
    sync.asked()
    for _ in range(3):
        assert await sync.look() is None
        assert sync.asked() == {}
        assert await sync.later() is None
        assert sync.asked() == IDLE


async def test_only_what_has_changed_is_read_again(
    sync: Reading, ada: Person, film: Movie, show: Show
) -> None:
    ada.watch(show[1, 1])
    ada.list_(show)
    await sync.look()
    sync.asked()
    ada.watch(film)
    assert await sync.later() == {"movies": Counts(seen=1, added=1)}
    assert sync.asked() == {**IDLE, "watched/movies": 1}
    ada.pause(film, 30.0)
    assert await sync.later() == {"playback": Counts(seen=1, added=1)}
    assert sync.asked() == {**IDLE, "playback": 1}
    assert (await sync.ada.flags("tt0306414"))["tt0306414"].in_watchlist


async def test_what_is_gone_at_trakt_is_gone_here(
    sync: Reading, ada: Person, film: Movie, show: Show
) -> None:
    other = sync.trakt.titles.movie("Sunrise", imdb="tt0018455")
    for item in (film, other, show[1, 1], show[1, 2]):
        ada.watch(item, ada.now_ms - DAY_MS)
    ada.list_(film)
    ada.list_(other)
    ada.pause(show[1, 3], 50.0)
    await sync.look()
    ada.unwatch(film)
    ada.unwatch(show[1, 2])
    ada.unlist(film)
    ada.unpause(show[1, 3])
    counts = await sync.later()
    assert counts is not None
    assert {name: count.removed for name, count in counts.items()} == dict.fromkeys(
        ("playback", "watchlist", "movies", "shows"), 1
    )
    assert set(await sync.ada.flags("tt0017136", "tt0018455")) == {"tt0018455"}


async def test_a_show_begun_anew_is_watched_from_its_beginning(
    sync: Reading, ada: Person, show: Show
) -> None:
    others = sync.trakt.titles.show("Another", imdb="tt9", seasons={1: 5})
    for item in (*show.season(1), *others.season(1)):
        ada.watch(item, ada.now_ms - DAY_MS)
    await sync.look()
    assert (await sync.ada.show("tt0306414")).completed == 3
    ada.reset(show)
    sync.clock.advance(10)
    ada.watch(show[1, 1])
    await sync.later()
    assert (await sync.ada.show("tt0306414")).completed == 1


async def test_what_was_played_here_by_another_id_does_not_come_back_as_something_else(
    sync: Reading, ada: Person
) -> None:
    ada.pause(sync.trakt.titles.movie("The Matrix", 1999, imdb="tt0133093", tmdb=603), 50)
    await sync.ada.at("tmdb:603", 1800)
    await sync.look()
    assert await sync.ada.ids("continue") == ["tmdb:603"]
    assert await sync.ben.ids("continue") == []


async def test_lists_are_read_to_their_end_whatever_a_page_holds(sync: Reading, ada: Person) -> None:
    for number in range(260):
        ada.watch(sync.trakt.titles.movie(f"Film {number}", imdb=f"tt{1000 + number}"), 1000)
    for number in range(105):
        show = sync.trakt.titles.show(f"Show {number}", imdb=f"tt{5000 + number}", seasons={1: 1})
        ada.watch(show[1, 1], 1000)
    counts = await sync.look()
    assert counts is not None
    assert (counts["movies"].added, counts["shows"].added) == (260, 105)
    assert sync.asked() == {
        **IDLE,
        "watched/movies": 2,
        "watched/shows": 2,
        "watchlist": 1,
        "playback": 1,
    }


async def test_another_profile_sees_nothing_of_it(sync: Reading, ada: Person, film: Movie) -> None:
    ada.watch(film)
    ben = sync.trakt.person("ben")
    await sync.replica.connect(sync.trakt, ben, BEN)
    await sync.run()
    await sync.run(owner=BEN)
    assert (await sync.ada.flags("tt0017136"))["tt0017136"].watched
    assert await sync.ben.flags("tt0017136") == {}
    assert (await sync.syncs.of(Owner("account-2", ADA.profile_id))) is None


async def test_who_takes_over_goes_on_behind_the_pages_that_were_read(sync: Reading, ada: Person) -> None:
    sync.trakt.reading.most = 10
    for number in range(50):
        ada.watch(sync.trakt.titles.movie(f"Film {number}", imdb=f"tt{1000 + number}"), 1000)
    held = sync.trakt.fail(-1, on="GET /sync/watched/movies", after=3)
    await sync.schedule.look()

    async def is_held() -> bool:
        return held.shown == 1

    working = asyncio.ensure_future(sync.worker.work_once())  # noqa: TID251  ends here
    await until(is_held)
    # As the process that stops does, and unlike one that is killed, whose lease would have to end.
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    sync.trakt.heal()
    assert (sync.asked()["watched/movies"], (await sync.held()).going is not None) == (4, True)
    await sync.timed(sync.worker.work_once())
    assert sync.asked() == {"watched/movies": 2, "watched/shows": 1}
    assert len(await sync.ada.flags(*(f"tt{1000 + number}" for number in range(50)))) == 50
    assert (await sync.held()).going is None


async def test_too_much_asked_is_waited_for(sync: Reading, ada: Person, film: Movie) -> None:
    ada.watch(film)
    sync.trakt.fail(429, on="GET /sync/watched/movies", times=3)
    counts = await sync.look()
    assert counts is not None
    assert counts["movies"].added == 1


async def test_who_wants_quiet_for_long_leaves_the_worker_to_others(
    sync: Reading, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    sync.trakt.fail(429, on="GET /sync/watched/movies", headers={"Retry-After": "290"})
    began = sync.clock.monotonic()
    await sync.look()
    assert sync.clock.monotonic() - began < 60
    assert not await sync.worker.work_once()
    sync.clock.advance(290)
    await sync.timed(sync.worker.work_once())
    assert (await sync.ada.flags("tt0017136"))["tt0017136"].watched


async def test_the_pace_stays_below_what_trakt_takes(sync: Reading, ada: Person) -> None:
    sync.trakt.reading.most = 1
    for number in range(600):
        ada.watch(sync.trakt.titles.movie(f"Film {number}", imdb=f"tt{1000 + number}"), 1000)
    counts = await sync.look()
    assert counts is not None
    assert counts["movies"].added == 600
    assert (sync.trakt.limits.refused, sync.trakt.limits.most_read <= 500) == (0, True)


async def test_what_trakt_refuses_is_said_and_not_asked_again(
    sync: Reading, ada: Person, film: Movie
) -> None:
    ada.watch(film)
    await sync.look()
    sync.trakt.signing.removed.add("client-1")
    assert await sync.later() is None
    held = await sync.replica.held()
    assert (held.state, held.reason, held.remark) == ("refused", "app_refused", "")
    sync.asked()
    assert await sync.later() is None
    assert sync.asked() == {}
    assert (await sync.ada.flags("tt0017136"))["tt0017136"].watched
    run = await sync.run()
    assert (run.state, "refuses the application" in run.error) == ("failed", True)


async def test_a_trakt_that_is_away_is_asked_again_when_it_is_time(
    sync: Reading, ada: Person, film: Movie
) -> None:
    sync.trakt.fail(503)
    assert await sync.look() is None
    assert (sync.asked(), (await sync.replica.held()).remark) == (IDLE, "away")
    ada.watch(film)
    sync.trakt.fail(502, on="GET /sync/watched/movies")
    await sync.later()
    assert (await sync.replica.held()).remark == "away"
    sync.clock.advance(10)
    await sync.timed(sync.worker.work_once())
    assert (await sync.replica.held()).remark == ""
    assert (await sync.ada.flags("tt0017136"))["tt0017136"].watched


async def test_reading_all_anew_asks_for_every_list(sync: Reading, ada: Person, film: Movie) -> None:
    ada.watch(film)
    await sync.look()
    sync.asked()
    run = await sync.run("full")
    assert (run.state, run.counts["movies"]) == ("succeeded", Counts(seen=1, unchanged=1))
    assert len(sync.asked()) == 5


async def test_whoever_does_not_want_it_is_not_asked_about(sync: Reading) -> None:
    held = await sync.replica.held()
    await sync.replica.store.settle(
        ADA, lambda choices: type(choices)(enabled=False, every_s=choices.every_s)
    )
    assert await sync.look() is None
    assert (sync.asked(), (await sync.syncs.of(held.owner))) == ({}, None)
    assert (await sync.run()).state == "succeeded"


async def test_two_replicas_ask_once(
    sync: Reading, other: Replica, tmp_path: Path, clock: ManualClock
) -> None:
    (tmp_path / "other").mkdir()
    async with reading(other, sync.trakt, tmp_path / "other", clock) as second:
        await asyncio.gather(sync.schedule.look(), second.schedule.look())
    assert sync.asked() == IDLE


async def test_a_run_can_be_ended_and_the_next_goes_on(sync: Reading, ada: Person, film: Movie) -> None:
    ada.watch(film)
    held = sync.trakt.fail(-1, on="GET /sync/watched/movies")
    await sync.schedule.look()
    [run] = [run for run in await sync.runs.latest() if run.kind == "trakt"]
    working = asyncio.ensure_future(sync.worker.work_once())  # noqa: TID251  ends here

    async def is_held() -> bool:
        return held.shown == 1

    await until(is_held)
    await sync.runs.cancel(run.id)
    assert await working
    sync.trakt.heal()
    ended = await sync.runs.get(run.id)
    assert ended is not None
    assert ended.state == "cancelled"
    sync.asked()
    await sync.later()
    assert sync.asked() == {"watched/movies": 1, "watched/shows": 1}


async def test_a_profile_that_is_removed_takes_it_along(sync: Reading, clock: ManualClock) -> None:
    await sync.look()
    at = clock.now()
    for profile, held in ((BEN.profile_id, True), (ADA.profile_id, False)):
        removal = Removal(id="r", account_id=ADA.account_id, profile_id=profile, at=at)
        await sync.syncs.forget_owner(removal, Deadline.after(clock, 10))
        assert (await sync.syncs.of(ADA) is not None) == held


async def test_a_connection_made_anew_is_read_anew(sync: Reading, ada: Person, film: Movie) -> None:
    ada.watch(film)
    await sync.look()
    now = int(sync.clock.time() * 1000)
    assert await sync.syncs.claim_look(ADA, "another", now=now, before=0)
    assert (await sync.held()).seen == {}
