"""Where players are: what is taken, what is refused, which report holds, and whose it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from libs.common.contracts.viewing import CHANGED_HEADER, MAX_BATCH, ProgressOutcomes
from tests.fakes.clock import ManualClock
from tests.streaming.viewing.conftest import HOUR_S, Viewer, within

FILM = "tt0017136"


async def test_a_player_goes_on_where_another_stopped(ann: Viewer) -> None:
    assert await ann.sees(FILM) is None
    told = await ann.at(FILM, 1234.5)
    assert (told.position_s, told.duration_s, told.watched) == (1234.5, HOUR_S, False)
    assert (told.title_id, told.type, told.season) == (FILM, "movie", None)
    assert await ann.sees(FILM) == told


@pytest.mark.parametrize(
    ("video_id", "place"),
    [
        ("tt100:2:3", ("tt100", "series", 2, 3)),
        ("kitsu:11:4", ("kitsu:11", "series", None, 4)),
        ("tmdb55:1:2", ("tmdb:55", "series", 1, 2)),
        ("a/b c:ä", ("a/b c:ä", "movie", None, None)),
    ],
)
async def test_an_id_says_which_title_it_is_of(ann: Viewer, video_id: str, place: tuple[object, ...]) -> None:
    told = await ann.at(video_id, 10)
    assert (told.title_id, told.type, told.season, told.episode) == place
    assert await ann.sees(video_id) == told


async def test_of_an_addons_own_id_the_player_says_what_it_is(ann: Viewer) -> None:
    told = await ann.at("own:x", 10, title_id="own:show", season=1, episode=2, type="series")
    assert (told.title_id, told.season, told.episode) == ("own:show", 1, 2)


async def test_another_profile_neither_reads_nor_writes_it(ann: Viewer, kid: Viewer) -> None:
    await ann.at(FILM, 100)
    assert await kid.sees(FILM) is None
    await kid.at(FILM, 7)
    assert [one and one.position_s for one in (await ann.sees(FILM), await kid.sees(FILM))] == [100, 7]
    assert [len(await one.listed("continue")) for one in (ann, kid)] == [1, 1]


async def test_the_newest_of_the_players_times_holds(ann: Viewer, clock: ManualClock) -> None:
    await ann.at(FILM, 600)
    older = await ann.at(FILM, 100, at=clock.now() - timedelta(hours=1))
    assert older.position_s == 600
    clock.advance(10)
    assert (await ann.at(FILM, 50)).position_s == 50


async def test_a_clock_a_little_ahead_is_taken_for_ours(ann: Viewer, clock: ManualClock) -> None:
    told = await ann.at(FILM, 600, at=clock.now() + timedelta(minutes=4))
    assert told.updated_at == clock.now()
    clock.advance(1)
    assert (await ann.at(FILM, 610)).position_s == 610


async def test_nine_tenths_are_watched_and_a_rewatch_begins_anew(ann: Viewer, clock: ManualClock) -> None:
    assert not (await ann.at(FILM, HOUR_S * 0.89)).watched
    clock.advance(10)
    seen = await ann.at(FILM, HOUR_S * 0.9)
    assert (seen.watched, seen.finished, seen.plays) == (True, True, 1)
    clock.advance(10)
    assert (await ann.at(FILM, HOUR_S)).plays == 1
    assert await ann.ids("continue") == []
    clock.advance(60)
    again = await ann.at(FILM, 30)
    assert (again.watched, again.finished, again.plays) == (True, False, 1)
    assert await ann.ids("continue") == [FILM]
    clock.advance(10)
    assert (await ann.at(FILM, 40, event="complete")).plays == 2
    assert [item.title_id for item in await ann.listed("watched")] == [FILM]


async def test_what_was_finished_offline_counts_though_something_newer_is_known(
    ann: Viewer, clock: ManualClock
) -> None:
    await ann.at(FILM, 60)
    told = await ann.at(FILM, HOUR_S, at=clock.now() - timedelta(days=2))
    assert (told.position_s, told.watched, told.finished) == (60, True, False)
    await ann.mark(FILM, watched=False)
    told = await ann.at(FILM, HOUR_S, at=clock.now() - timedelta(days=1))
    assert not told.watched


async def test_a_start_at_nothing_loses_no_place(ann: Viewer, clock: ManualClock) -> None:
    await ann.at(FILM, 600)
    clock.advance(5)
    assert (await ann.at(FILM, 0, event="start")).position_s == 600


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"position_s": 4000, "duration_s": 3600}, "position_s"),
        ({"position_s": -1, "duration_s": 3600}, "position_s"),
        ({"position_s": 1, "duration_s": 0}, "duration_s"),
        ({"position_s": 1, "duration_s": -5}, "duration_s"),
        ({"position_s": 1, "duration_s": 1e9}, "duration_s"),
        ({"position_s": 1, "duration_s": 10, "at": "2031-01-01T00:00:00Z"}, "at"),
        ({"position_s": 1, "duration_s": 10, "at": "1971-01-01T00:00:00Z"}, "at"),
        ({"position_s": 1, "duration_s": 10, "at": "2026-01-01T00:00:00"}, "at"),
        ({"position_s": 1, "duration_s": 10, "type": ""}, "type"),
        ({"position_s": 1, "duration_s": 10, "name": "x" * 3000}, "name"),
        ({"position_s": "a", "duration_s": 10}, "position_s"),
        ({"position_s": 1, "duration_s": 10, "event": "dance"}, "event"),
    ],
)
async def test_what_cannot_be_true_is_refused_by_its_field(
    ann: Viewer, sent: dict[str, Any], field: str
) -> None:
    answer = await ann.send("POST", f"/api/v1/progress/{FILM}", sent)
    assert answer.status == 422
    assert field in msgspec.json.decode(answer.body)["errors"]
    assert await ann.sees(FILM) is None


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"null"])
async def test_what_is_no_number_is_refused(ann: Viewer, number: bytes) -> None:
    body = b'{"position_s": %s, "duration_s": 3600}' % number
    assert (await ann.send("POST", f"/api/v1/progress/{FILM}", body)).status == 422


@pytest.mark.parametrize(
    "video_id", ["%20", "x" * 501, "tt1%00", "tt1%0Ax", "tt1:99999999999999999999:1", "tt1:1:4294967296"]
)
async def test_what_can_be_no_id_is_no_video(ann: Viewer, video_id: str) -> None:
    sent = {"position_s": 1, "duration_s": 10}
    for method, body in (("POST", sent), ("GET", None)):
        answer = await ann.send(method, f"/api/v1/progress/{video_id}", body)
        assert answer.status == 404
    assert (await ann.send("GET", f"/api/v1/viewing/shows/{video_id}")).status in {200, 404}


async def test_of_a_batch_each_item_is_answered_for(ann: Viewer, clock: ManualClock) -> None:
    await ann.at(FILM, 600)
    then = (clock.now() - timedelta(hours=2)).isoformat()
    answer = await ann.send(
        "POST",
        "/api/v1/progress",
        {
            "items": [
                {"video_id": "tt1", "position_s": 30, "duration_s": 100, "at": then},
                {"video_id": FILM, "position_s": 30, "duration_s": 100, "at": then},
                {"video_id": "tt2", "position_s": 300, "duration_s": 100, "at": then},
                {"video_id": "tt3", "position_s": "x"},
                {"video_id": "tt\u00001", "position_s": 3, "duration_s": 100},
                {"video_id": "tt1", "position_s": 40, "duration_s": 100, "at": clock.now().isoformat()},
            ]
        },
    )
    outcomes = msgspec.json.decode(answer.body, type=ProgressOutcomes).items
    assert [one.outcome for one in outcomes] == [
        "accepted",
        "superseded",
        "refused",
        "refused",
        "refused",
        "accepted",
    ]
    assert [one.reason is not None for one in outcomes] == [False, False, True, True, True, False]
    newest = await ann.sees("tt1")
    assert newest is not None
    assert newest.position_s == 40
    assert await ann.sees("tt2") is None


async def test_ten_thousand_at_once_are_refused_and_three_hundred_taken(ann: Viewer) -> None:
    item = {"video_id": "tt1", "position_s": 1, "duration_s": 10}
    for count, status in ((10_000, 413), (MAX_BATCH + 1, 413), (MAX_BATCH, 200)):
        items = [item | {"video_id": f"tt{number}"} for number in range(count)]
        assert (await ann.send("POST", "/api/v1/progress", {"items": items})).status == status


async def test_only_what_lists_and_marks_show_makes_gateways_forget(ann: Viewer, clock: ManualClock) -> None:
    forgotten = []
    for position_s in (0, 10, 20, HOUR_S * 0.95, HOUR_S):
        clock.advance(10)
        sent = {"position_s": position_s, "duration_s": HOUR_S}
        answer = await ann.send("POST", f"/api/v1/progress/{FILM}", sent)
        forgotten.append(CHANGED_HEADER in answer.headers)
    assert forgotten == [True, True, False, True, False]


async def test_events_are_told_to_others_in_order_until_they_are_used(
    ann: Viewer, clock: ManualClock
) -> None:
    for event, position_s in (("start", 0), ("heartbeat", 10), ("pause", 12), ("stop", HOUR_S)):
        clock.advance(10)
        await ann.at(FILM, position_s, event=event)
    told = await ann.events()
    assert [event.kind for event in told] == ["started", "paused", "stopped", "watched"]
    assert [event.position_s for event in told] == [0, 12, HOUR_S, HOUR_S]
    assert told[-1].at == clock.now()
    await ann.client.events_done([event.seq for event in told[:2]], deadline=within())
    assert await ann.events() == told[2:]
