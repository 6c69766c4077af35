"""A streaming service on both engines whose time moves only when told, and two profiles that watch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import RawAnswer
from libs.common.contracts.viewing import (
    MarkView,
    NewMark,
    ProgressReport,
    ProgressView,
    ShowProgress,
    TitleFlags,
    ViewingEvent,
    ViewingItem,
    ViewingList,
    ViewingPage,
)
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from tests.fakes.clock import ManualClock
from tests.streaming.hub import Streaming, streaming

HOUR_S = 3600.0


@dataclass
class Viewer:
    """A profile and what it may ask."""

    service: Streaming
    identity: Identity

    @property
    def client(self) -> ViewingClient:
        return ViewingClient(self.service.client)

    async def at(
        self, video_id: str, position_s: float, duration_s: float = HOUR_S, **more: Any
    ) -> ProgressView:
        report = ProgressReport(position_s=position_s, duration_s=duration_s, **more)
        return await self.client.report(self.identity, video_id, report, deadline=within())

    async def sees(self, video_id: str) -> ProgressView | None:
        return await self.client.progress(self.identity, video_id, deadline=within())

    async def page(self, which: ViewingList, **more: Any) -> ViewingPage:
        return await self.client.page(self.identity, which, deadline=within(), **more)

    async def listed(self, which: ViewingList) -> list[ViewingItem]:
        return list((await self.page(which)).items)

    async def ids(self, which: ViewingList) -> list[str | None]:
        return [item.video_id for item in await self.listed(which)]

    async def mark(self, id_: str, *, watched: bool = True, **more: Any) -> MarkView:
        new = NewMark(**more)
        return await self.client.mark(self.identity, id_, new, watched=watched, deadline=within())

    async def undo(self, mark: MarkView) -> None:
        await self.client.undo_mark(self.identity, mark.id, deadline=within())

    async def show(self, title_id: str) -> ShowProgress:
        return await self.client.show(self.identity, title_id, deadline=within())

    async def flags(self, *ids: str) -> dict[str, TitleFlags]:
        return await self.client.flags(self.identity, ids, deadline=within())

    async def events(self) -> list[ViewingEvent]:
        told = await self.client.events(deadline=within())
        return [event for event in told.items if event.profile_id == self.identity.profile_id]

    async def send(self, method: str, path: str, body: object = None) -> RawAnswer:
        """`body` may be bytes that are no JSON at all."""
        sent = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        return await self.service.client.raw(
            method,
            path,
            identity=self.identity,
            deadline=within(),
            headers={"Content-Type": "application/json"},
            body=sent,
        )


def within() -> Deadline:
    return Deadline.after(SystemClock(), 30)


def show(
    id_: str = "tt100",
    *,
    seasons: int = 2,
    episodes: int = 3,
    changes: Mapping[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """A show's metadata; all of it has aired long ago. `changes` are of single videos by id."""
    made = [
        {
            "id": f"{id_}:{season}:{episode}",
            "season": season,
            "episode": episode,
            "name": f"Part {season}.{episode}",
            "released": "2020-01-01T00:00:00.000Z",
        }
        for season in range(seasons + 1)
        for episode in range(1, episodes + 1)
    ]
    for video in made:
        video.update((changes or {}).get(str(video["id"]), {}))
    return {"id": id_, "type": "series", "name": "The Show", "poster": "https://x/p.jpg", "videos": made}


@pytest.fixture
def tables_of() -> str:
    return "streaming"


@pytest.fixture
async def running(tmp_path: Path, database_url: str, clock: ManualClock) -> AsyncIterator[Streaming]:
    variables = {"HEADGATE_DATABASE_URL": database_url} if database_url.startswith("postgresql") else {}
    async with streaming(tmp_path, clock=clock, **variables) as service:
        yield service


@pytest.fixture
def ann(running: Streaming) -> Viewer:
    return Viewer(running, Identity(account_id="a1", profile_id="p1", tier="free", roles=("owner",)))


@pytest.fixture
def kid(running: Streaming) -> Viewer:
    """Another profile of the same account."""
    return Viewer(running, Identity(account_id="a1", profile_id="p2", tier="free", roles=("owner",)))
