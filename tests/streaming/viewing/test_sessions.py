"""Players' sessions: their events are counted and are progress."""

from __future__ import annotations

from typing import Any

import msgspec

from libs.common.contracts.viewing import SessionView
from tests.fakes.clock import ManualClock
from tests.streaming.viewing.conftest import HOUR_S, Viewer

SESSIONS = "/api/v1/viewing/sessions"


async def opened(viewer: Viewer, **new: Any) -> SessionView:
    answer = await viewer.send("POST", SESSIONS, {"video_id": "tt1", **new})
    assert answer.status == 201
    return msgspec.json.decode(answer.body, type=SessionView)


async def told(viewer: Viewer, session: SessionView, event: str, position_s: float, **more: Any) -> int:
    sent = {"event": event, "position_s": position_s, **more}
    return (await viewer.send("POST", f"{SESSIONS}/{session.id}/events", sent)).status


async def shown(viewer: Viewer, session: SessionView) -> SessionView:
    answer = await viewer.send("GET", f"{SESSIONS}/{session.id}")
    return msgspec.json.decode(answer.body, type=SessionView)


async def test_events_are_counted_and_move_the_place(ann: Viewer, clock: ManualClock) -> None:
    session = await opened(ann, duration_s=HOUR_S)
    for event in ("start", "heartbeat", "heartbeat", "buffer", "pause"):
        clock.advance(10)
        assert await told(ann, session, event, 100) == 200
    now = await shown(ann, session)
    counted = {event: count for event, count in now.counts.items() if count}
    assert counted == {"start": 1, "heartbeat": 2, "buffer": 1, "pause": 1}
    assert (now.position_s, now.last_at, now.ended_at) == (100, clock.now(), None)
    place = await ann.sees("tt1")
    assert place is not None
    assert place.position_s == 100
    assert (await ann.send("DELETE", f"{SESSIONS}/{session.id}")).status == 204
    assert (await shown(ann, session)).ended_at == clock.now()


async def test_a_report_of_a_session_is_counted_with_it(ann: Viewer, clock: ManualClock) -> None:
    session = await opened(ann)
    await ann.at("tt1", 60, session_id=session.id, event="start")
    await ann.at("tt1", HOUR_S, session_id=session.id, event="complete")
    await ann.at("tt1", 60, session_id="gone")
    now = await shown(ann, session)
    assert (now.counts["start"], now.counts["complete"], now.ended_at) == (1, 1, clock.now())


async def test_how_long_it_is_may_be_told_later(ann: Viewer) -> None:
    session = await opened(ann)
    assert await told(ann, session, "start", 0) == 409
    assert await told(ann, session, "start", 5, duration_s=10) == 200
    assert await told(ann, session, "heartbeat", 6) == 200
    assert await told(ann, session, "heartbeat", 600) == 422


async def test_anothers_session_is_nobodys(ann: Viewer, kid: Viewer) -> None:
    session = await opened(ann, duration_s=HOUR_S)
    assert await told(kid, session, "start", 5) == 404
    assert (await kid.send("GET", f"{SESSIONS}/{session.id}")).status == 404
    assert (await kid.send("DELETE", f"{SESSIONS}/{session.id}")).status == 404
    await kid.at("tt1", 60, session_id=session.id, event="stop")
    now = await shown(ann, session)
    assert (sum(now.counts.values()), now.ended_at) == (0, None)
