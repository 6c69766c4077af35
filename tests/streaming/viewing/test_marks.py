"""What people say by hand, and that it can be undone."""

from __future__ import annotations

import pytest

from libs.common.contracts.viewing import TitleFlags
from libs.common.errors import NotFound
from tests.fakes.clock import ManualClock
from tests.streaming.viewing.conftest import HOUR_S, Viewer, show


async def test_a_film_is_marked_and_the_mark_undone(ann: Viewer, clock: ManualClock) -> None:
    before = await ann.at("tt1", 600)
    clock.advance(10)
    mark = await ann.mark("tt1")
    assert (mark.changed, await ann.ids("continue")) == (1, [])
    assert (await ann.flags("tt1"))["tt1"] == TitleFlags(watched=True)
    clock.advance(10)
    await ann.undo(mark)
    assert await ann.sees("tt1") == before
    assert await ann.ids("continue") == ["tt1"]
    assert [event.kind for event in await ann.events()] == ["watched", "unwatched"]
    with pytest.raises(NotFound):
        await ann.undo(mark)


async def test_a_film_that_was_never_begun_is_as_it_was_after_an_undo(ann: Viewer) -> None:
    mark = await ann.mark("tt1", type="movie", name="A Film")
    assert [item.name for item in await ann.listed("watched")] == ["A Film"]
    await ann.undo(mark)
    assert (await ann.sees("tt1"), await ann.listed("watched")) == (None, [])
    assert (await ann.flags("tt1")).get("tt1", TitleFlags()) == TitleFlags()


async def test_a_mark_taken_away_forgets_the_place(ann: Viewer, clock: ManualClock) -> None:
    await ann.at("tt1", HOUR_S)
    clock.advance(10)
    assert (await ann.mark("tt1", watched=False)).changed == 1
    left = await ann.sees("tt1")
    assert left is not None
    assert (left.watched, left.position_s, left.plays) == (False, 0, 1)
    assert (await ann.listed("watched"), await ann.listed("continue")) == ([], [])


async def test_an_episode_a_season_and_a_show_are_marked(ann: Viewer, clock: ManualClock) -> None:
    later = clock.now().replace(year=clock.now().year + 1).isoformat()
    ann.service.catalog.titles["tt100"] = show(changes={"tt100:2:3": {"released": later}})
    assert (await ann.mark("tt100:1:1")).changed == 1
    shown = await ann.show("tt100")
    assert (shown.aired, shown.completed, shown.next and shown.next.video_id) == (5, 1, "tt100:1:2")
    clock.advance(1)
    assert await ann.ids("continue") == ["tt100:1:2"]
    season = await ann.mark("tt100", season=1)
    assert (season.changed, await ann.ids("continue")) == (2, ["tt100:2:1"])
    clock.advance(1)
    everything = await ann.mark("tt100", type="series")
    assert (everything.changed, await ann.ids("continue")) == (2, [])
    assert (await ann.flags("tt100"))["tt100"] == TitleFlags(watched=True, aired=5, completed=5)
    await ann.undo(everything)
    assert await ann.ids("continue") == ["tt100:2:1"]
    await ann.undo(season)
    assert await ann.ids("continue") == ["tt100:1:2"]
    states = {one.video_id: one.watched for one in (await ann.show("tt100")).episodes}
    assert [id_ for id_, watched in states.items() if watched] == ["tt100:1:1"]
    assert len(states) == 9


async def test_a_mark_elsewhere_leaves_what_is_under_way(ann: Viewer, clock: ManualClock) -> None:
    ann.service.catalog.titles["tt100"] = show()
    await ann.at("tt100:2:1", 300)
    clock.advance(10)
    await ann.mark("tt100", season=1)
    assert await ann.ids("continue") == ["tt100:2:1"]
    clock.advance(10)
    await ann.mark("tt100", watched=False, type="series")
    assert await ann.ids("continue") == []


async def test_what_was_played_since_a_mark_stays(ann: Viewer, clock: ManualClock) -> None:
    mark = await ann.mark("tt1")
    clock.advance(10)
    await ann.at("tt1", 60)
    await ann.undo(mark)
    left = await ann.sees("tt1")
    assert left is not None
    assert (left.position_s, left.watched) == (60, True)


async def test_nobody_undoes_anothers_mark(ann: Viewer, kid: Viewer) -> None:
    mark = await ann.mark("tt1")
    with pytest.raises(NotFound):
        await kid.undo(mark)
    assert (await kid.flags("tt1"), (await ann.flags("tt1"))["tt1"].watched) == ({}, True)


async def test_an_addons_own_episode_is_marked_by_its_show(ann: Viewer) -> None:
    ann.service.catalog.titles["own:show"] = {
        "name": "Own",
        "videos": [{"id": f"own:{number}", "season": 1, "number": number} for number in (1, 2)],
    }
    assert (await ann.mark("own:1", title_id="own:show")).changed == 1
    shown = await ann.show("own:show")
    assert (shown.aired, shown.completed, shown.next and shown.next.video_id) == (2, 1, "own:2")


async def test_a_show_that_nobody_knows_cannot_be_marked(ann: Viewer) -> None:
    answer = await ann.send("PUT", "/api/v1/viewing/watched/tt404", {"type": "series"})
    assert answer.status == 404
    assert b"episodes_unknown" in answer.body
