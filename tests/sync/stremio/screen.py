"""Streaming's viewing state and catalog's titles over real HTTP, as far as a Stremio library needs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from libs.common.contracts.viewing import EpisodeState, ShowProgress, ViewingItem, ViewingPage
from libs.common.contracts.viewing_handover import TOLD, ToldCounts
from libs.common.web import json_response


@dataclass
class Told:
    """One call: `rows` as they came."""

    part: str
    whole: bool
    sure: bool
    rows: list[dict[str, Any]]
    owner: tuple[str, str]


@dataclass
class FakeScreen:
    """`shows` are lists of episodes by title; `away` answers 503 to hand-overs, `guarded` believes no whole
    that isn't sure. `lists` is what the profile's lists hold, newest first."""

    told: list[Told] = field(default_factory=list)
    shows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    away: bool = False
    no_titles: bool = False
    guarded: bool = False
    lists: dict[str, list[ViewingItem]] = field(default_factory=dict)
    episodes: dict[str, tuple[EpisodeState, ...]] = field(default_factory=dict)

    def add_to(self, app: web.Application) -> None:
        app.router.add_post(TOLD + "/{part}", self._tell)
        app.router.add_get("/api/v1/titles/series/{id}", self._title)
        app.router.add_get("/api/v1/viewing/shows/{id}", self._show)
        app.router.add_get("/api/v1/viewing/{list}", self._page)

    def of(self, part: str) -> dict[str, dict[str, Any]]:
        """What has been told of a part by now, by video."""
        rows: dict[str, dict[str, Any]] = {}
        for told in self.told:
            if told.part == part:
                rows = ({} if told.whole else rows) | {row["video_id"]: row for row in told.rows}
        return rows

    async def _tell(self, request: web.Request) -> web.Response:
        rows = [row async for line in request.content for row in msgspec.json.decode(line)]
        if self.away:
            return json_response({"code": "unavailable", "detail": "Not now."}, status=503)
        query = request.query
        whole, sure = query["whole"] == "true", query["sure"] == "true"
        if self.guarded and whole and not sure:
            return json_response(ToldCounts(seen=len(rows), guarded=True))
        owner = (query["account_id"], query["profile_id"])
        self.told.append(Told(request.match_info["part"], whole, sure, rows, owner))
        return json_response(ToldCounts(seen=len(rows), added=len(rows)))

    async def _title(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        self.asked.append(id_)
        if self.no_titles:
            return json_response({"code": "unavailable", "detail": "Not now."}, status=503)
        if id_ not in self.shows:
            return json_response({"code": "title_not_found", "detail": "Nobody knows it."}, status=404)
        meta = {"id": id_, "type": "series", "videos": self.shows[id_]}
        return json_response({"meta": meta, "addon_id": "", "addon_name": ""})

    async def _page(self, request: web.Request) -> web.Response:
        items = self.lists.get(request.match_info["list"], [])
        start, limit = int(request.query.get("cursor", "0")), int(request.query["limit"])
        following = str(start + limit) if start + limit < len(items) else None
        return json_response(ViewingPage(tuple(items[start : start + limit]), following))

    async def _show(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        return json_response(
            ShowProgress(
                title_id=id_,
                name="",
                poster=None,
                aired=0,
                completed=0,
                watched=False,
                in_watchlist=False,
                next=None,
                episodes=self.episodes.get(id_, ()),
                known_at=None,
            )
        )


def videos(title_id: str, **seasons: int) -> list[dict[str, Any]]:
    """Episodes as addons list them, newest season first: `s1=3, s2=2`."""
    return [
        {"id": f"{title_id}:{name[1:]}:{number}", "season": int(name[1:]), "episode": number}
        for name, count in reversed(seasons.items())
        for number in range(1, count + 1)
    ]
