"""Whatever breaks between here and Trakt: a play stands there once, and nothing is tried for ever."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from libs.common.db import Database
from libs.protocols.trakt.client import TraktClient
from services.sync.outgoing.sending import CLOCKS_APART
from services.sync.store.outgoing_senders import SenderStore
from tests.fakes.trakt import Movie, Person, Show
from tests.sync.outgoing.telling import ADA, BOB, LEASE_S, Replica, Telling

DAY_S = 86_400.0
BREAKS = {"cut off": 0, "broken": 500, "away": 503, "odd": 521}


@pytest.mark.parametrize("acted", [True, False])
@pytest.mark.parametrize("status", BREAKS.values(), ids=BREAKS.keys())
async def test_a_play_whose_answer_never_came_is_looked_for_before_it_is_sent_again(
    told: Telling, sync: Replica, ada: Person, film: Movie, status: int, *, acted: bool
) -> None:
    # Of other days, and known: they prove nothing about this one.
    ada.watch(film, told.trakt.person("ada").now_ms - int(40 * DAY_S * 1000))
    told.outbox.tell("watched", share=0.95, ago_s=2 * DAY_S)
    told.trakt.fail(status, on="POST /sync/history", acted=acted)
    await sync.tell()
    assert len(ada.plays_of(film)) == 2
    assert told.writes["POST /sync/history"] == (1 if acted else 2)
    assert told.trakt.calls["GET /sync/history/movies"] == 1


@pytest.mark.parametrize("acted", [True, False])
async def test_a_scrobble_whose_answer_never_came_is_one_play(
    told: Telling, sync: Replica, ada: Person, film: Movie, *, acted: bool
) -> None:
    told.outbox.tell("watched", share=0.95)
    told.trakt.fail(0, on="POST /scrobble/stop", acted=acted)
    await sync.tell()
    assert len(ada.plays_of(film)) == 1


async def test_a_scrobble_that_is_told_again_minutes_later_is_one_play(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    told.outbox.tell("watched", share=0.95)
    told.trakt.fail(0, on="POST /scrobble/stop")
    told.trakt.fail(503, on="GET /sync/history", times=6)
    told.trakt.fail(0, on="POST /scrobble/stop", acted=True)
    await sync.tell()
    await sync.tell()
    assert told.trakt.calls["POST /scrobble/stop"] == 2
    assert len(ada.plays_of(film)) == 1


@pytest.mark.parametrize("status", [0, 429, 503, 403])
async def test_a_history_that_can_t_be_read_says_nothing_of_the_play(
    told: Telling, sync: Replica, ada: Person, film: Movie, status: int
) -> None:
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    told.trakt.fail(0, on="POST /sync/history", acted=True)
    told.trakt.fail(status, on="GET /sync/history", times=2)
    await sync.tell()
    if status == 403:
        assert await told.connections.resume(ADA)
        await sync.tell()
        assert await told.connections.resume(ADA)
        await sync.tell()
    assert len(ada.plays_of(film)) == 1
    assert told.writes["POST /sync/history"] == 1


async def test_an_episode_is_told_apart_from_its_neighbours_in_the_history(
    told: Telling, sync: Replica, ada: Person, show: Show
) -> None:
    for number in (1, 2, 3):
        told.outbox.tell("watched", f"tt0000002:1:{number}", share=0.95, ago_s=DAY_S)
    told.trakt.fail(502, on="POST /sync/history", after=1, acted=True)
    told.trakt.fail(502, on="POST /sync/history", after=2)
    await sync.tell()
    assert [len(ada.plays_of(show[1, number])) for number in (1, 2, 3)] == [1, 1, 1]


async def test_an_answer_that_comes_too_late_costs_no_second_play(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    told.trakt.fail(-1, on="POST /sync/history", acted=True)
    await sync.tell()
    assert len(ada.plays_of(film)) == 1


@pytest.mark.parametrize("acted", [True, False])
async def test_what_a_dead_process_had_begun_is_looked_for_by_the_next(
    told: Telling, ada: Person, film: Movie, monkeypatch: pytest.MonkeyPatch, *, acted: bool
) -> None:
    first, second = told.replicas
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    await first.read()
    reached = asyncio.Event()
    was = TraktClient.add_history

    async def dies(client: TraktClient, *args, **kwargs):  # type: ignore[no-untyped-def]
        if acted:
            await was(client, *args, **kwargs)
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(TraktClient, "add_history", dies)
    dead = asyncio.create_task(first.graph.lanes._sending.send_all(ADA))  # noqa: TID251
    await reached.wait()
    monkeypatch.undo()
    # Killed: nobody gives the lease back.
    monkeypatch.setattr(type(first.graph.lanes._sending._senders), "release", _nothing)
    dead.cancel()
    await asyncio.gather(dead, return_exceptions=True)
    monkeypatch.undo()
    await second.send()
    assert len(ada.plays_of(film)) == acted
    await second.tell()
    assert len(ada.plays_of(film)) == 1


async def test_two_replicas_that_look_at_once_send_each_once(told: Telling, ada: Person, show: Show) -> None:
    for number in (1, 2, 3):
        told.outbox.tell("watched", f"tt0000002:1:{number}", share=0.95, ago_s=number * DAY_S)
    await asyncio.gather(*(replica.tell() for replica in told.replicas))
    assert sorted(play.item.number for play in ada.plays if hasattr(play.item, "number")) == [1, 2, 3]


async def test_a_scrobble_that_trakt_has_already_is_done(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    ada.watch(film, action="scrobble")
    told.outbox.tell("watched", share=0.95)
    await sync.tell()
    assert len(ada.plays_of(film)) == 1
    assert not (await sync.graph.store.queue(ADA)).dead


@pytest.mark.parametrize("retry_after", ["", "7"])
async def test_too_many_is_waited_out(
    told: Telling, sync: Replica, ada: Person, film: Movie, retry_after: str
) -> None:
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    headers = {"Retry-After": retry_after} if retry_after else None
    told.trakt.fail(429, on="POST", headers=headers)
    began = told.clock.time()
    await sync.tell()
    assert told.clock.time() - began >= 3
    assert told.writes["POST /sync/history"] == 2
    assert len(ada.plays_of(film)) == 1


async def test_changes_leave_a_second_apart_and_in_their_order(
    told: Telling, sync: Replica, ada: Person, show: Show
) -> None:
    for number in (3, 1, 2):
        told.outbox.tell("watched", f"tt0000002:1:{number}", share=0.95, ago_s=DAY_S - number)
    began = told.clock.time()
    await sync.tell()
    assert [play.item for play in ada.plays] == [show[1, 3], show[1, 1], show[1, 2]]
    assert told.clock.time() - began >= 2
    assert not told.trakt.limits.refused


@pytest.mark.parametrize("share", [0.95, 0.7])
async def test_what_trakt_does_not_know_is_a_dead_letter_and_holds_up_nothing(
    told: Telling, sync: Replica, ada: Person, film: Movie, share: float
) -> None:
    told.outbox.tell("watched", "tt9999999", share=share)
    told.outbox.tell("watched", "tt0000001", share=share)
    await sync.tell()
    assert len(ada.plays_of(film)) == 1
    (dead,) = await sync.graph.store.dead(ADA, 10)
    assert (dead.thing.id, dead.reason) == ("tt9999999", "Trakt does not know this title.")


async def test_an_episode_that_a_show_has_not_is_a_dead_letter(
    told: Telling, sync: Replica, show: Show
) -> None:
    told.outbox.tell("watched", f"{show.imdb}:7:7", share=0.95, ago_s=DAY_S)
    await sync.tell()
    assert len(await sync.graph.store.dead(ADA, 10)) == 1


async def test_a_play_that_is_refused_is_put_aside_and_a_place_forgotten(
    told: Telling, sync: Replica, film: Movie
) -> None:
    told.trakt.fail(422, on="POST", times=None)
    told.outbox.tell("paused", "tt0000003", share=0.3)
    told.outbox.tell("watched", film.imdb or "", share=0.95, ago_s=DAY_S)
    await sync.tell()
    queue = await sync.graph.store.queue(ADA)
    assert (queue.waiting, queue.dead) == (0, 1)
    assert told.writes == {"POST /scrobble/pause": 1, "POST /sync/history": 1}


async def test_a_full_watchlist_is_a_dead_letter_with_its_limit_and_plays_go_on(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    ada.watchlist_limit = 1
    ada.list_(told.trakt.titles.movie("Nosferatu", 1922, imdb="tt0013442"))
    told.outbox.tell("watchlist_added")
    told.outbox.tell("watched", "tt0000001", share=0.95, ago_s=DAY_S)
    await sync.tell()
    (dead,) = await sync.graph.store.dead(ADA, 10)
    assert "its limit of 1." in dead.reason
    assert told.writes["POST /sync/watchlist"] == 1
    assert len(ada.plays_of(film)) == 1


@pytest.mark.parametrize("status", [403, 423, 426])
async def test_an_account_that_is_refused_is_left_alone_until_its_owner_goes_on(
    told: Telling, sync: Replica, ada: Person, film: Movie, status: int
) -> None:
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    told.trakt.fail(status, on="POST /sync/history", times=None)
    await sync.tell(within_s=900)
    assert told.writes["POST /sync/history"] == 1
    queue = await sync.graph.store.queue(ADA)
    assert (queue.waiting, queue.dead) == (1, 0)
    assert "Trakt" in queue.reason
    told.trakt.heal()
    assert await told.connections.resume(ADA)
    await sync.tell()
    assert len(ada.plays_of(film)) == 1
    assert not (await sync.graph.store.queue(ADA)).waiting


async def test_a_token_that_ended_is_renewed_on_the_way(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    for sign_in in told.trakt.signing.sign_ins:
        sign_in.ends_at = told.clock.time() - 1
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    await sync.tell()
    assert told.trakt.signing.refreshes == 1
    assert len(ada.plays_of(film)) == 1


async def test_trakt_that_is_away_for_long_is_asked_ever_more_rarely(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    told.trakt.fail(503, times=None)
    await sync.tell(within_s=3600)
    assert told.trakt.calls.total() < 40
    assert "503" in (await sync.graph.store.queue(ADA)).reason
    told.trakt.heal()
    await sync.tell()
    assert len(ada.plays_of(film)) == 1


async def _nothing(*_: object) -> None:
    return


async def test_a_play_of_another_profile_of_the_same_account_is_not_taken_for_it(
    told: Telling, sync: Replica, ada: Person, film: Movie
) -> None:
    await told.connect("ada", BOB, id_="c-of-bob")
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S, owner=BOB)
    await sync.tell()
    same_second_s = ada.plays[0].at_ms / 1000 + 0.5
    told.outbox.tell("watched", share=0.95, ago_s=told.outbox.clock.time() - same_second_s)
    told.trakt.fail(502, on="POST /sync/history")
    await sync.tell()
    assert len(ada.plays_of(film)) == 2


@pytest.mark.parametrize("acted", [True, False])
async def test_a_play_that_was_put_aside_and_sent_again_stands_there_once(
    told: Telling, sync: Replica, ada: Person, film: Movie, *, acted: bool
) -> None:
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    await sync.read()
    one = await sync.graph.store.head(ADA)
    assert one is not None
    if acted:
        ada.watch(film, one.at // 1000 * 1000)
    await sync.graph.store.bury(one, "failed", one.at)
    assert await sync.graph.store.resend(ADA, one.id)
    await sync.tell()
    assert len(ada.plays_of(film)) == 1
    assert told.writes.get("POST /sync/history", 0) == (0 if acted else 1)


async def test_a_replica_whose_clock_is_ahead_is_warned_of(
    told: Telling, sync: Replica, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.outbox.tell("watched", share=0.95, ago_s=DAY_S)
    await sync.read()
    senders = SenderStore(database)
    was = TraktClient.add_history

    async def overtaken(client: TraktClient, *args, **kwargs):  # type: ignore[no-untyped-def]
        theirs = round((told.clock.time() + 60) * 1000)
        assert await senders.claim(ADA, "ahead", theirs, theirs + round(LEASE_S * 1000))
        return await was(client, *args, **kwargs)

    monkeypatch.setattr(TraktClient, "add_history", overtaken)
    with capture_logs() as logs:
        await sync.send()
    (warned,) = [line for line in logs if line["event"] == CLOCKS_APART]
    assert (warned["log_level"], round(warned["seconds"])) == ("warning", 60)
