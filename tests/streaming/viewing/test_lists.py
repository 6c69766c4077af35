"""What to continue, what was watched, what is meant to be seen, and the marks of many titles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from libs.common.contracts.viewing import MAX_FLAGS, NewMark, TitleFlags
from tests.fakes.clock import ManualClock
from tests.streaming.viewing.conftest import HOUR_S, Viewer, show, within
from tests.waiting import until


async def listed(viewer: Viewer, title_id: str) -> None:
    """The episodes are asked for behind the player's back."""

    async def is_known() -> bool:
        return (await viewer.flags(title_id))[title_id].aired > 0

    await until(is_known)


async def test_a_finished_episode_gives_the_next_one(ann: Viewer, clock: ManualClock) -> None:
    ann.service.catalog.titles["tt100"] = show()
    await ann.at("tt100:1:3", 60)
    (item,) = await ann.listed("continue")
    assert (item.reason, item.video_id, item.position_s, item.share) == ("resume", "tt100:1:3", 60, 0.0167)
    await listed(ann, "tt100")
    clock.advance(10)
    await ann.at("tt100:1:3", HOUR_S)
    (item,) = await ann.listed("continue")
    assert (item.reason, item.video_id, item.position_s) == ("next", "tt100:2:1", 0)
    assert (item.name, item.poster, item.episode_name) == ("The Show", "https://x/p.jpg", "Part 2.1")
    clock.advance(10)
    await ann.at("tt100:2:3", HOUR_S)
    assert await ann.listed("continue") == []
    assert [one.title_id for one in await ann.listed("watched")] == ["tt100"]


async def test_the_list_is_kept_for_when_nobody_answers(ann: Viewer, clock: ManualClock) -> None:
    ann.service.catalog.titles["tt100"] = show()
    await ann.at("tt100:1:1", 60)
    await listed(ann, "tt100")
    ann.service.catalog.status = 503
    clock.advance(24 * 3600)
    await ann.at("tt100:1:1", HOUR_S)
    assert await ann.ids("continue") == ["tt100:1:2"]
    assert (await ann.show("tt100")).aired == 6


async def test_an_episode_that_is_still_to_come_is_listed_when_it_airs(
    ann: Viewer, clock: ManualClock
) -> None:
    coming = clock.now() + timedelta(hours=2)
    ann.service.catalog.titles["tt100"] = show(
        seasons=1, episodes=2, changes={"tt100:1:2": {"released": coming.isoformat()}}
    )
    await ann.at("tt100:1:1", 60)
    await listed(ann, "tt100")
    clock.advance(10)
    await ann.at("tt100:1:1", HOUR_S)
    assert await ann.listed("continue") == []
    assert (await ann.flags("tt100"))["tt100"] == TitleFlags(watched=True, aired=1, completed=1)
    clock.advance(2 * 3600)
    assert await ann.ids("continue") == ["tt100:1:2"]
    assert (await ann.flags("tt100"))["tt100"] == TitleFlags(
        watched=False, progress=0.5, aired=2, completed=1
    )
    told = await ann.show("tt100")
    assert (told.aired, told.completed, told.next and told.next.video_id) == (2, 1, "tt100:1:2")


async def test_a_show_that_goes_on_is_found_out_when_somebody_looks(ann: Viewer, clock: ManualClock) -> None:
    ann.service.catalog.titles["tt100"] = show(seasons=1)
    await ann.at("tt100:1:3", 60)
    await listed(ann, "tt100")
    clock.advance(10)
    await ann.at("tt100:1:3", HOUR_S)
    ann.service.catalog.titles["tt100"] = show(seasons=2)
    clock.advance(24 * 3600)

    async def goes_on() -> bool:
        return await ann.ids("continue") == ["tt100:2:1"]

    await until(goes_on)


async def test_what_was_taken_out_comes_back_when_it_is_played(ann: Viewer, clock: ManualClock) -> None:
    await ann.at("tt1", 60)
    clock.advance(1)
    await ann.at("tt2", 60)
    assert await ann.ids("continue") == ["tt2", "tt1"]
    await ann.client.dismiss(ann.identity, "tt2", deadline=within())
    assert await ann.ids("continue") == ["tt1"]
    assert (await ann.send("PUT", "/api/v1/viewing/continue/tt2")).status == 204
    assert await ann.ids("continue") == ["tt2", "tt1"]
    await ann.client.dismiss(ann.identity, "tt2", deadline=within())
    clock.advance(10)
    await ann.at("tt2", 70)
    assert await ann.ids("continue") == ["tt2", "tt1"]
    assert (await ann.send("DELETE", "/api/v1/viewing/continue/tt404")).status == 404


async def test_lists_are_read_in_pages(ann: Viewer, clock: ManualClock) -> None:
    for number in range(5):
        clock.advance(1)
        await ann.at(f"tt{number}", 60)
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = await ann.page("continue", limit=2, cursor=cursor)
        seen += [item.title_id for item in page.items]
        cursor = page.next_cursor
    assert (seen, cursor) == (["tt4", "tt3", "tt2", "tt1", "tt0"], None)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "cursor=x", "cursor=%FF", "cursor=WyJjb250aW51ZSI"]
)
async def test_pages_that_cannot_be_are_refused(ann: Viewer, query: str) -> None:
    assert (await ann.send("GET", f"/api/v1/viewing/watched?{query}")).status == 422


async def test_a_cursor_of_another_list_is_refused(ann: Viewer) -> None:
    for number in range(2):
        await ann.at(f"tt{number}", 60)
    cursor = (await ann.page("continue", limit=1)).next_cursor
    assert (await ann.send("GET", f"/api/v1/viewing/watched?cursor={cursor}")).status == 422


async def test_the_watchlist_is_of_a_profile(ann: Viewer, kid: Viewer, clock: ManualClock) -> None:
    new = NewMark(type="movie", name="A Film", poster="https://x/p.jpg")
    for _ in range(2):
        await ann.client.put_on_watchlist(ann.identity, "tt1", new, deadline=within())
        clock.advance(1)
    await ann.client.put_on_watchlist(ann.identity, "tt2", NewMark(), deadline=within())
    items = await ann.listed("watchlist")
    assert [(item.title_id, item.name, item.in_watchlist) for item in items] == [
        ("tt2", "", True),
        ("tt1", "A Film", True),
    ]
    assert (await ann.flags("tt1"))["tt1"].in_watchlist
    await kid.client.take_off_watchlist(kid.identity, "tt1", deadline=within())
    assert await kid.listed("watchlist") == []
    assert len(await ann.listed("watchlist")) == 2
    for _ in range(2):
        await ann.client.take_off_watchlist(ann.identity, "tt1", deadline=within())
    assert [item.title_id for item in await ann.listed("watchlist")] == ["tt2"]
    kinds = [event.kind for event in await ann.events()]
    assert kinds == ["watchlist_added", "watchlist_added", "watchlist_removed"]


async def test_many_titles_are_marked_by_one_call(ann: Viewer, kid: Viewer, clock: ManualClock) -> None:
    ann.service.catalog.titles["tt100"] = show(seasons=1, episodes=4)
    await ann.at("tt1", HOUR_S / 4)
    await ann.at("tt2", HOUR_S)
    await ann.at("tt100:1:1", HOUR_S)
    await listed(ann, "tt100")
    ids = ["tt1", "tt2", "tt100", *(f"tt9{number}" for number in range(MAX_FLAGS - 3))]
    assert await ann.flags(*ids) == {
        "tt1": TitleFlags(progress=0.25),
        "tt2": TitleFlags(watched=True),
        "tt100": TitleFlags(progress=0.25, aired=4, completed=1),
    }
    assert await kid.flags(*ids) == {}
    refused: dict[str, Any] = {"ids": [*ids, "tt3"]}
    assert (await ann.send("POST", "/internal/streaming/viewing/flags", refused)).status == 403


async def test_dates_and_numbers_that_cannot_be_are_left_out_of_a_show(ann: Viewer) -> None:
    changes: dict[str, dict[str, Any]] = {
        "tt100:1:1": {"released": "9999-12-31T23:59:59-23:59"},
        "tt100:1:2": {"released": "0001-01-01T00:00:00+23:59"},
        "tt100:1:3": {"episode": 10**12},
    }
    ann.service.catalog.titles["tt100"] = show(seasons=1, changes=changes)
    episodes = {one.video_id: one.released for one in (await ann.show("tt100")).episodes}
    assert (episodes["tt100:1:1"], episodes["tt100:1:2"]) == (None, None)
    assert "tt100:1:3" not in episodes
    assert len(episodes) == 5
