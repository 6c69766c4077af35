"""Streaming's answers about viewing state, as the pages ask for it, from what a test put there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from libs.common.contracts.viewing import (
    INTERNAL,
    VIEWING,
    EpisodeState,
    Flags,
    FlagsQuery,
    MarkView,
    NewMark,
    ProgressView,
    ShowProgress,
    TitleFlags,
    ViewingItem,
    ViewingPage,
)
from libs.common.contracts.viewing_upkeep import RebuildStarted, ViewingCleared, ViewingInformation
from libs.common.errors import Unavailable

AT = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)


def item(title_id: str, name: str = "", **changes: object) -> ViewingItem:
    base = ViewingItem(
        title_id=title_id,
        type="movie",
        name=name,
        poster=None,
        video_id=title_id,
        season=None,
        episode=None,
        episode_name=None,
        position_s=0,
        duration_s=0,
        share=0,
        watched=False,
        in_watchlist=False,
        reason=None,
        at=AT,
    )
    return msgspec.structs.replace(base, **changes)


def begun(title_id: str, name: str, position_s: float, duration_s: float, **changes: object) -> ViewingItem:
    return item(
        title_id,
        name,
        position_s=position_s,
        duration_s=duration_s,
        share=position_s / duration_s,
        reason="resume",
        **changes,
    )


def progress(video_id: str, position_s: float, duration_s: float = 7200, **changes: object) -> ProgressView:
    base = ProgressView(
        video_id=video_id,
        title_id=video_id,
        type="movie",
        season=None,
        episode=None,
        position_s=position_s,
        duration_s=duration_s,
        finished=False,
        watched=False,
        watched_at=None,
        plays=0,
        updated_at=AT,
    )
    return msgspec.structs.replace(base, **changes)


def episode(video_id: str, season: int, number: int, **changes: object) -> EpisodeState:
    base = EpisodeState(
        video_id=video_id,
        season=season,
        episode=number,
        name="",
        released=None,
        watched=False,
        finished=False,
        position_s=0,
        share=0,
    )
    return msgspec.structs.replace(base, **changes)


NOTHING_KEPT = ViewingInformation(
    titles=0,
    watched_films=0,
    watched_episodes=0,
    begun=0,
    watchlist=0,
    lists=0,
    events=0,
    size_bytes=0,
    sources=(),
)


@dataclass
class ViewingBook:
    """`sent` has every change in the order it came: what was called, and what came with it."""

    lists: dict[str, list[ViewingItem]] = field(default_factory=dict)
    flags: dict[str, TitleFlags] = field(default_factory=dict)
    shows: dict[str, ShowProgress] = field(default_factory=dict)
    sent: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    is_away: bool = False
    kept: ViewingInformation = NOTHING_KEPT


class ViewingService:
    def __init__(self, book: ViewingBook) -> None:
        self._book = book

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{INTERNAL}/flags", self._flags),
            web.get(f"{VIEWING}/shows/{{id}}", self._show),
            web.get(f"{VIEWING}/information", self._information),
            web.post(f"{VIEWING}/{{change}}", self._keep),
            web.get(f"{VIEWING}/{{list}}", self._list),
            web.put(f"{VIEWING}/watched/{{id}}", self._mark),
            web.delete(f"{VIEWING}/watched/{{id}}", self._mark),
            web.put(f"{VIEWING}/{{list}}/{{id}}", self._change),
            web.delete(f"{VIEWING}/{{list}}/{{id}}", self._change),
        ]

    def _send(self, found: object) -> web.Response:
        if self._book.is_away:
            raise Unavailable("The streaming service can't be reached.")
        return web.Response(body=msgspec.json.encode(found), content_type="application/json")

    async def _flags(self, request: web.Request) -> web.Response:
        ids = msgspec.json.decode(await request.read(), type=FlagsQuery).ids
        self._book.asked.append(ids)
        return self._send(Flags({id_: self._book.flags[id_] for id_ in ids if id_ in self._book.flags}))

    async def _show(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        nothing = ShowProgress(
            title_id=id_,
            name="",
            poster=None,
            aired=0,
            completed=0,
            watched=False,
            in_watchlist=False,
            next=None,
            episodes=(),
            known_at=None,
        )
        return self._send(self._book.shows.get(id_, nothing))

    async def _information(self, _request: web.Request) -> web.Response:
        return self._send(self._book.kept)

    async def _keep(self, request: web.Request) -> web.Response:
        body = await request.read()
        change = request.match_info["change"]
        self._book.sent.append((change, "", msgspec.json.decode(body) if body else {}))
        if change == "rebuild":
            return self._send(RebuildStarted(rows=0))
        return self._send(ViewingCleared(titles=0, videos=0) if change == "clear" else None)

    async def _list(self, request: web.Request) -> web.Response:
        items = self._book.lists.get(request.match_info["list"], [])
        start, limit = int(request.query.get("cursor", "0")), int(request.query["limit"])
        after = start + limit
        return self._send(ViewingPage(tuple(items[start:after]), str(after) if after < len(items) else None))

    async def _mark(self, request: web.Request) -> web.Response:
        id_, watched = request.match_info["id"], request.method == "PUT"
        body = await request.read()
        told = (
            msgspec.json.decode(body, type=NewMark)
            if body
            else msgspec.convert(dict(request.query), NewMark, strict=False)
        )
        self._book.sent.append((f"{request.method} watched", id_, msgspec.to_builtins(told)))
        return self._send(MarkView(id="m1", title_id=id_, watched=watched, changed=1))

    async def _change(self, request: web.Request) -> web.Response:
        body = await request.read()
        told = msgspec.json.decode(body) if body else {}
        name = f"{request.method} {request.match_info['list']}"
        self._book.sent.append((name, request.match_info["id"], told))
        return self._send(None)
