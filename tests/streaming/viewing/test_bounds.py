"""What a profile may fill: what is new is refused beyond it in words, or takes the place of the oldest."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from libs.common.contracts.client import RawAnswer
from libs.common.contracts.viewing import ItemOutcome, ProgressOutcomes, SessionView
from services.streaming.store import viewing_change, viewing_sessions
from services.streaming.viewing import bounds
from tests.fakes.clock import ManualClock
from tests.streaming.viewing.conftest import HOUR_S, Viewer, show

AT = {"position_s": 60, "duration_s": HOUR_S}


async def told(viewer: Viewer, video_id: str) -> tuple[int, str]:
    return _read(await viewer.send("POST", f"/api/v1/progress/{video_id}", AT))


async def marked(viewer: Viewer, id_: str, **body: Any) -> tuple[int, str]:
    return _read(await viewer.send("PUT", f"/api/v1/viewing/watched/{id_}", body))


async def listed(viewer: Viewer, title_id: str) -> tuple[int, str]:
    return _read(await viewer.send("PUT", f"/api/v1/viewing/watchlist/{title_id}", {}))


def _read(answer: RawAnswer) -> tuple[int, str]:
    said: dict[str, Any] = msgspec.json.decode(answer.body) if answer.body else {}
    return answer.status, said.get("code", "")


FULL = (409, "viewing_full")


async def test_a_profile_with_as_many_titles_as_are_kept_goes_on_with_those(
    ann: Viewer, kid: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_TITLES", 2)
    assert [await told(ann, "tt1"), await listed(ann, "tt2")] == [(200, ""), (204, "")]
    assert [await told(ann, "tt3"), await marked(ann, "tt3"), await listed(ann, "tt3")] == [FULL] * 3
    assert [await told(ann, "tt1"), await marked(ann, "tt2")] == [(200, "")] * 2
    assert await told(kid, "tt3") == (200, "")
    assert await ann.sees("tt3") is None


async def test_one_report_too_many_refuses_no_other_that_waited(
    ann: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_TITLES", 2)
    items = [{"video_id": f"tt{number}", **AT} for number in (1, 2, 3, 1)]
    answer = await ann.send("POST", "/api/v1/progress", {"items": items})
    outcomes = msgspec.json.decode(answer.body, type=ProgressOutcomes).items
    assert outcomes[2] == ItemOutcome(
        outcome="refused",
        video_id="tt3",
        reason="A profile keeps 2 titles at most. What it has is as it was.",
    )
    assert [one.outcome for one in outcomes] == ["accepted", "accepted", "refused", "accepted"]


async def test_an_undone_mark_makes_room_for_other_videos(
    ann: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_VIDEOS", 1)
    mark = await ann.mark("tt1")
    assert [await told(ann, "tt2"), await marked(ann, "tt2")] == [FULL] * 2
    await ann.undo(mark)
    assert [await told(ann, "tt2"), await marked(ann, "tt1")] == [(200, ""), FULL]


async def test_a_title_has_no_more_videos_than_are_looked_through(
    ann: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_VIDEOS_OF_TITLE", 4)
    ann.service.catalog.titles["tt100"] = show(seasons=1, episodes=6)
    assert await marked(ann, "tt100", type="series") == FULL
    assert [await told(ann, f"tt9:1:{number}") for number in range(1, 6)] == [(200, "")] * 4 + [FULL]
    # A video that is said to be another title's is one more of that.
    own = {"title_id": "tt9", "season": 1, "episode": 5, **AT}
    assert (await ann.send("POST", "/api/v1/progress/own", {"title_id": "other", **AT})).status == 200
    assert _read(await ann.send("POST", "/api/v1/progress/own", own)) == FULL


async def test_a_show_of_5000_episodes_is_marked_and_the_mark_undone(ann: Viewer) -> None:
    ann.service.catalog.titles["tt100"] = show(seasons=49, episodes=100)
    mark = await ann.mark("tt100", type="series")
    assert mark.changed == 4900
    assert (await ann.flags("tt100"))["tt100"].watched
    await ann.undo(mark)
    assert (await ann.show("tt100")).completed == 0


async def test_the_newest_marks_of_a_profile_can_be_undone(
    ann: Viewer, kid: Viewer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing_change, "MAX_MARKS", 2)
    others = await kid.mark("tt1")
    marks = []
    for number in range(3):
        marks.append(await ann.mark(f"tt{number}"))
        clock.advance(1)
    undone = [(await ann.send("DELETE", f"/api/v1/viewing/marks/{mark.id}")).status for mark in marks]
    assert undone == [404, 204, 204]
    await kid.undo(others)


async def test_the_newest_events_of_a_profile_are_kept(
    ann: Viewer, kid: Viewer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing_change, "MAX_EVENTS", 3)
    monkeypatch.setattr(viewing_change, "EVENTS_BEYOND", 2)
    await kid.mark("tt1")
    for number in range(8):
        clock.advance(1)
        await ann.mark(f"tt{number}")
    assert [event.video_id for event in await ann.events()] == ["tt5", "tt6", "tt7"]
    assert [event.video_id for event in await kid.events()] == ["tt1"]


async def test_a_new_session_takes_the_place_of_the_oldest(
    ann: Viewer, kid: Viewer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing_sessions, "MAX_SESSIONS", 2)

    async def opened(viewer: Viewer) -> str:
        clock.advance(1)
        answer = await viewer.send("POST", "/api/v1/viewing/sessions", {"video_id": "tt1"})
        return msgspec.json.decode(answer.body, type=SessionView).id

    async def status(viewer: Viewer, id_: str) -> int:
        return (await viewer.send("GET", f"/api/v1/viewing/sessions/{id_}")).status

    others = await opened(kid)
    ids = [await opened(ann) for _ in range(3)]
    assert [await status(ann, id_) for id_ in ids] == [404, 200, 200]
    assert await status(kid, others) == 200


async def test_the_newest_lists_of_episodes_are_kept(
    ann: Viewer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing_change, "MAX_LISTS", 2)
    for number in range(3):
        clock.advance(1)
        ann.service.catalog.titles[f"tt{number}"] = show(f"tt{number}")
        await ann.show(f"tt{number}")
    ann.service.catalog.status = 503
    assert [len((await ann.show(f"tt{number}")).episodes) for number in range(3)] == [0, 9, 9]
