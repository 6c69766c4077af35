"""What sources tell of viewing, beside what was done here: which of them holds, and what is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from libs.common.contracts.viewing import TitleFlags
from libs.common.contracts.viewing_handover import LINE_ROWS, Row, ToldCounts
from libs.common.errors import Conflict, HeadgateError, InvalidInput
from services.streaming.viewing import applying, bounds, staging
from tests.fakes.clock import ManualClock
from tests.streaming.viewing.conftest import HOUR_S, Viewer, show, within
from tests.streaming.viewing.telling import (
    ago,
    client,
    episode,
    film,
    listed,
    owner,
    stopped,
    take_back,
    tell,
    told,
)
from tests.waiting import until


async def test_what_was_watched_elsewhere_is_watched_here(ann: Viewer) -> None:
    counts = await tell(ann, "watched", [film("tt1", plays=3), episode(1, 1), episode(1, 2)])
    assert counts == ToldCounts(seen=3, added=3)
    seen = await ann.sees("tt1")
    assert seen is not None
    assert (seen.watched, seen.finished, seen.plays) == (True, True, 3)
    assert round(seen.updated_at.timestamp() * 1000) == ago(1)
    flags = await ann.flags("tt1", "tt100", "tt9")
    assert flags == {"tt1": TitleFlags(watched=True), "tt100": TitleFlags(completed=2)}
    assert [item.name for item in await ann.listed("watched")] == ["The Show", "The Film"]


async def test_nothing_of_it_is_sent_to_other_services(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt1")])
    await tell(ann, "watchlist", [listed("tt2")])
    await tell(ann, "playback", [stopped("tt3", 0.5)])
    await take_back(ann)
    assert await ann.events() == []


async def test_another_profile_sees_nothing_of_it(ann: Viewer, kid: Viewer) -> None:
    await tell(ann, "watched", [film("tt1")])
    await tell(ann, "watchlist", [listed("tt1")])
    assert await kid.flags("tt1") == {}
    assert (await told(kid), await take_back(kid)) == ([], ToldCounts())
    assert await ann.flags("tt1") == {"tt1": TitleFlags(watched=True, in_watchlist=True)}


async def test_accounts_hand_nothing_over_themselves(ann: Viewer) -> None:
    path = "/internal/streaming/viewing/told"
    query = "?account_id=a1&profile_id=p2&source=trakt"
    answers = [
        await ann.send("POST", f"{path}/watched{query}", b""),
        await ann.send("GET", path + query),
        await ann.send("DELETE", path + query),
    ]
    assert [answer.status for answer in answers] == [403, 403, 403]


async def test_telling_twice_is_telling_once(ann: Viewer) -> None:
    rows = [film(), episode(1, 1)]
    await tell(ann, "watched", rows)
    before = [await ann.sees("tt1"), await ann.listed("watched")]
    assert await tell(ann, "watched", rows) == ToldCounts(seen=2, unchanged=2)
    assert [await ann.sees("tt1"), await ann.listed("watched")] == before
    (part,) = await told(ann)
    assert (part.source, part.part, part.rows) == ("trakt", "watched", 2)


async def test_a_show_is_watched_by_how_many_episodes_its_source_says_it_has(ann: Viewer) -> None:
    await tell(ann, "watched", [episode(1, number, aired=3) for number in (1, 2)])
    assert await ann.flags("tt100") == {"tt100": TitleFlags(progress=0.6667, aired=3, completed=2)}
    await tell(ann, "watched", [episode(1, number, aired=3) for number in (1, 2, 3)])
    assert (await ann.flags("tt100"))["tt100"].watched


async def test_one_more_episode_on_the_air_is_news_of_one_row(ann: Viewer) -> None:
    await tell(ann, "watched", [episode(1, number, aired=3) for number in (1, 2, 3)])
    counts = await tell(ann, "watched", [episode(1, number, aired=4) for number in (1, 2, 3)])
    assert (counts.changed, counts.unchanged) == (1, 2)
    assert await ann.flags("tt100") == {"tt100": TitleFlags(progress=0.75, aired=4, completed=3)}
    counts = await tell(ann, "watched", [episode(1, number, aired=4) for number in (1, 2, 3)])
    assert counts.unchanged == 3


async def test_the_next_episode_follows_from_the_list_when_it_is_asked_for(ann: Viewer) -> None:
    ann.service.catalog.titles["tt100"] = show()
    await tell(ann, "watched", [episode(1, 1, ago_h=3), episode(1, 2, ago_h=2)])
    told_show = await ann.show("tt100")
    assert told_show.next is not None
    assert (told_show.next.video_id, told_show.aired, told_show.completed) == ("tt100:1:3", 6, 2)
    assert await ann.ids("continue") == ["tt100:1:3"]


async def test_of_a_show_marked_at_once_the_last_episode_was_last(ann: Viewer) -> None:
    await tell(ann, "watched", [episode(1, 2), episode(2, 1), episode(1, 1)])
    assert await ann.ids("watched") == ["tt100:2:1"]


async def test_what_is_no_longer_told_is_no_longer_watched(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt1"), film("tt2"), episode(1, 1), episode(1, 2)])
    counts = await tell(ann, "watched", [film("tt2"), episode(1, 2)])
    assert counts == ToldCounts(seen=2, unchanged=2, removed=2)
    flags = await ann.flags("tt1", "tt2", "tt100")
    assert flags == {"tt2": TitleFlags(watched=True), "tt100": TitleFlags(completed=1)}
    assert await ann.sees("tt1") is None


async def test_what_was_watched_here_as_well_stays_watched(ann: Viewer) -> None:
    await ann.at("tt1", HOUR_S)
    counts = await tell(ann, "watched", [film("tt1", ago_h=0), film("tt2")])
    assert (counts.added, counts.kept) == (2, 1)
    assert (await tell(ann, "watched", [film("tt2")])).kept == 1
    assert await ann.flags("tt1") == {"tt1": TitleFlags(watched=True)}


async def test_what_was_watched_here_since_stays_watched(ann: Viewer, clock: ManualClock) -> None:
    await tell(ann, "watched", [film("tt1"), film("tt2"), film("tt3")])
    clock.advance(60)
    await ann.at("tt1", HOUR_S)
    await ann.at("tt2", 60)
    assert (await tell(ann, "watched", [film("tt3")])).removed == 2
    flags = await ann.flags("tt1", "tt2")
    assert flags == {"tt1": TitleFlags(watched=True), "tt2": TitleFlags(progress=0.0167)}
    seen = await ann.sees("tt1")
    assert seen is not None
    assert seen.plays == 1


async def test_what_another_source_says_too_stays_watched(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt1")])
    await tell(ann, "watched", [film("tt1", ago_h=5)], source="import:one")
    await take_back(ann)
    seen = await ann.sees("tt1")
    assert seen is not None
    assert (seen.watched, round(seen.updated_at.timestamp() * 1000)) == (True, ago(5))
    await take_back(ann, "import:one")
    assert await ann.sees("tt1") is None


async def test_what_somebody_said_here_later_holds(ann: Viewer, clock: ManualClock) -> None:
    await tell(ann, "watched", [film("tt1")])
    clock.advance(60)
    await ann.mark("tt1", watched=False)
    assert (await tell(ann, "watched", [film("tt1", plays=2)])).kept == 1
    assert await ann.flags("tt1") == {"tt1": TitleFlags()}
    clock.advance(3600)
    assert (await tell(ann, "watched", [film("tt1", plays=3, ago_h=-0.5)])).kept == 0
    assert await ann.flags("tt1") == {"tt1": TitleFlags(watched=True)}


async def test_a_place_further_on_here_holds_against_an_older_viewing(ann: Viewer) -> None:
    await ann.at("tt1", 600)
    await tell(ann, "watched", [film("tt1", ago_h=48)])
    seen = await ann.sees("tt1")
    assert seen is not None
    assert (seen.watched, seen.finished, seen.position_s) == (True, False, 600)
    assert await ann.ids("continue") == ["tt1"]


async def test_a_place_told_as_a_share_is_gone_on_from(ann: Viewer) -> None:
    await tell(ann, "playback", [stopped("tt1", 0.25), stopped("tt2", 0.5, duration_s=HOUR_S)])
    first, second = await ann.sees("tt1"), await ann.sees("tt2")
    assert first is not None
    assert second is not None
    assert (first.position_s, first.duration_s) == (1500, 6000)
    assert (second.position_s, second.duration_s) == (1800, HOUR_S)
    assert set(await ann.ids("continue")) == {"tt1", "tt2"}


async def test_a_place_told_as_a_share_counts_in_the_length_that_is_known(
    ann: Viewer, clock: ManualClock
) -> None:
    await ann.at("tt1", 60)
    clock.advance(3600)
    await tell(ann, "playback", [stopped("tt1", 0.5, ago_h=-0.5)])
    seen = await ann.sees("tt1")
    assert seen is not None
    assert (seen.position_s, seen.duration_s) == (HOUR_S / 2, HOUR_S)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.95, 1.0])
async def test_hardly_begun_or_nearly_done_is_no_place_to_go_on_from(ann: Viewer, share: float) -> None:
    assert (await tell(ann, "playback", [stopped("tt1", share)])).kept == 1
    assert await ann.sees("tt1") is None
    assert await ann.flags("tt1") == {}


async def test_an_older_place_moves_nothing(ann: Viewer) -> None:
    await ann.at("tt1", 600)
    assert (await tell(ann, "playback", [stopped("tt1", 0.9 - 0.1)])).kept == 1
    seen = await ann.sees("tt1")
    assert seen is not None
    assert seen.position_s == 600


async def test_no_place_told_any_more_is_no_place_any_more(ann: Viewer) -> None:
    await tell(ann, "playback", [stopped("tt1", 0.5)])
    assert await tell(ann, "playback", []) == ToldCounts(removed=1)
    assert await ann.ids("continue") == []


async def test_the_watchlist_of_elsewhere_stands_beside_that_of_here(ann: Viewer, clock: ManualClock) -> None:
    await ann.send("PUT", "/api/v1/viewing/watchlist/tt1", {})
    await tell(ann, "watchlist", [listed("tt1"), listed("tt2")])
    assert await ann.ids("watchlist") == [None, None]
    await tell(ann, "watchlist", [], sure=True)
    assert set(await ann.flags("tt1", "tt2")) == {"tt1"}


async def test_what_was_taken_off_the_watchlist_here_stays_off(ann: Viewer, clock: ManualClock) -> None:
    await tell(ann, "watchlist", [listed("tt1")])
    clock.advance(60)
    await ann.send("DELETE", "/api/v1/viewing/watchlist/tt1")
    again = msgspec.structs.replace(listed("tt1"), name="Another name")
    assert (await tell(ann, "watchlist", [again])).kept == 1
    assert await ann.listed("watchlist") == []
    clock.advance(3600)
    await tell(ann, "watchlist", [listed("tt1", ago_h=-0.5)])
    assert [item.title_id for item in await ann.listed("watchlist")] == ["tt1"]


async def test_an_empty_answer_is_not_believed(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt1")])
    counts = await tell(ann, "watched", [])
    assert (counts.guarded, counts.removed) == (True, 0)
    assert "nothing of the 1 films and episodes" in counts.problem
    assert await ann.flags("tt1") == {"tt1": TitleFlags(watched=True)}
    (part,) = await told(ann)
    assert (part.rows, part.counts) == (1, counts)
    assert (await tell(ann, "watched", [], sure=True)).removed == 1


async def test_a_much_shorter_answer_is_not_believed(ann: Viewer) -> None:
    await tell(ann, "watched", [film(f"tt{number}") for number in range(60)])
    counts = await tell(ann, "watched", [film(f"tt{number}") for number in range(29)] + [film("tt99")])
    assert counts.guarded
    assert "31 of the 60" in counts.problem
    assert set(await ann.flags("tt59", "tt99")) == {"tt59"}
    assert (await tell(ann, "watched", [film(f"tt{number}") for number in range(30)])).removed == 30


async def test_all_films_say_nothing_of_episodes(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt1"), film("tt2"), episode(1, 1), episode(1, 2)])
    films = await tell(ann, "watched", [film("tt1")], among="films")
    assert (films.removed, films.unchanged) == (1, 1)
    episodes = await tell(ann, "watched", [episode(1, 2)], among="episodes")
    assert (episodes.removed, episodes.unchanged) == (1, 1)
    assert set(await ann.flags("tt1", "tt2", "tt100")) == {"tt1", "tt100"}
    assert (await tell(ann, "watched", [], among="films")).guarded


async def test_some_rows_take_nothing_away(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt1")])
    assert await tell(ann, "watched", [film("tt2")], whole=False) == ToldCounts(seen=1, added=1)
    assert len(await ann.listed("watched")) == 2


async def test_all_that_an_import_brought_can_be_taken_back(ann: Viewer, clock: ManualClock) -> None:
    await ann.at("tt100:1:1", HOUR_S)
    before = [await ann.sees("tt100:1:1"), await ann.flags("tt100", "tt1", "tt2", "tt3")]
    rows = [episode(1, number, ago_h=20) for number in (1, 2, 3)]
    await tell(ann, "watched", [*rows, film("tt1")], source="import:f1")
    await tell(ann, "watchlist", [listed("tt2")], source="import:f1")
    await tell(ann, "playback", [stopped("tt3", 0.5)], source="import:f1")
    counts = await take_back(ann, "import:f1")
    assert (counts.removed, counts.kept) == (6, 1)
    assert await told(ann) == []
    assert [await ann.sees("tt100:1:1"), await ann.flags("tt100", "tt1", "tt2", "tt3")] == before
    assert [item.title_id for item in await ann.listed("watched")] == ["tt100"]


async def test_more_than_a_transaction_holds_is_applied_to_its_end(
    ann: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "BATCH", 4)
    rows = [episode(season, number, of=f"tt{show}", aired=9) for show in (1, 2, 3) for season in (1, 2, 3)
            for number in (1, 2, 3)]  # fmt: skip
    assert await tell(ann, "watched", rows) == ToldCounts(seen=27, added=27)
    flags = await ann.flags("tt1", "tt2", "tt3")
    assert [(one.watched, one.completed) for one in flags.values()] == [(True, 9)] * 3


async def test_a_stream_that_breaks_off_changes_nothing(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt1")])

    async def broken() -> AsyncIterator[Row]:
        for number in range(1000):
            yield film(f"tt{number + 10}")
        raise OSError

    with pytest.raises((OSError, HeadgateError)):
        await client(ann).tell(owner(ann), "trakt", "watched", broken(), deadline=within())
    assert await tell(ann, "watched", [film("tt1")]) == ToldCounts(seen=1, unchanged=1)
    assert await ann.flags("tt10", "tt900") == {}


async def test_a_line_that_can_not_be_read_refuses_all_of_it(ann: Viewer) -> None:
    path = "/internal/streaming/viewing/told/watched?account_id=a1&profile_id=p1&source=trakt"
    body = msgspec.json.encode([film("tt1")]) + b'\n[{"video_id": 5}]\n'
    answer = await ann.service.client.raw(
        "POST", path, identity=ann.identity.as_service(), deadline=within(), body=body
    )
    assert (answer.status, b"can't be read" in answer.body) == (422, True)
    assert await ann.flags("tt1") == {}


async def test_sources_and_parts_that_do_not_exist_are_refused(ann: Viewer) -> None:
    with pytest.raises(InvalidInput):
        await tell(ann, "watched", [film()], source="import:../x")
    with pytest.raises(HeadgateError) as refused:
        await tell(ann, "seen", [film()])  # type: ignore[arg-type]  # that is what is refused
    assert refused.value.status == 404


async def test_what_there_is_no_room_for_refuses_nothing_else(
    ann: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_TITLES", 2)
    counts = await tell(ann, "watched", [film("tt1"), film("tt2"), film("tt3")])
    assert (counts.added, counts.refused) == (2, 1)
    assert (await tell(ann, "watchlist", [listed("tt1"), listed("tt4")])).refused == 1
    assert set(await ann.flags("tt1", "tt2", "tt3", "tt4")) == {"tt1", "tt2"}


async def test_room_comes_back_with_what_is_taken_back(ann: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_TITLES", 2)
    monkeypatch.setattr(bounds, "MAX_VIDEOS", 2)
    for _ in range(3):
        assert (await tell(ann, "watched", [film("tt1"), film("tt2")])).refused == 0
        await take_back(ann)
    assert (await ann.at("tt3", 60)).position_s == 60


async def test_times_ahead_of_ours_count_as_now(ann: Viewer) -> None:
    await tell(ann, "watched", [film("tt1", ago_h=-100)])
    seen = await ann.sees("tt1")
    assert seen is not None
    assert round(seen.updated_at.timestamp() * 1000) == ago(0)


async def test_a_later_call_ends_one_that_is_still_read(ann: Viewer) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[Row]:
        for number in range(LINE_ROWS):
            yield film(f"tt{number}")
        arrived.set()
        await go_on.wait()
        yield film("tt9999")

    async def later() -> None:
        await arrived.wait()

        async def begun() -> bool:
            return bool(await told(ann))

        await until(begun)
        assert (await tell(ann, "watched", [film("tt5")])).added == 1
        go_on.set()

    with pytest.raises(Conflict):
        await asyncio.gather(
            client(ann).tell(owner(ann), "trakt", "watched", slow(), deadline=within()), later()
        )
    assert len(await ann.listed("watched")) == 1


async def test_a_mark_made_here_can_still_be_undone(ann: Viewer, clock: ManualClock) -> None:
    await tell(ann, "watched", [film("tt1")])
    clock.advance(60)
    mark = await ann.mark("tt1", watched=False)
    await ann.undo(mark)
    assert await ann.flags("tt1") == {"tt1": TitleFlags(watched=True)}
    await take_back(ann)
    assert await ann.sees("tt1") is None


async def test_imports_have_a_limit_of_their_own(ann: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MAX_IMPORTS", 2)
    await tell(ann, "watched", [film("tt1")], source="trakt")
    for source in ("import:a", "import:b"):
        await tell(ann, "watched", [film("tt2")], source=source)
    with pytest.raises(Conflict):
        await tell(ann, "watched", [film("tt3")], source="import:c")
    await tell(ann, "watched", [film("tt4")], source="stremio")
    await tell(ann, "watchlist", [listed("tt5")], source="import:b")
    await take_back(ann, source="import:a")
    await tell(ann, "watched", [film("tt3")], source="import:c")
