"""Typed calls for viewing state. Account calls carry the account's own identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.contracts.removals import Removal
from libs.common.contracts.viewing import (
    INTERNAL,
    PROGRESS,
    VIEWING,
    BegunVideo,
    Flags,
    FlagsQuery,
    MarkView,
    NewMark,
    NewSession,
    ProgressReport,
    ProgressView,
    SessionView,
    ShowProgress,
    TitleFlags,
    ViewingEvents,
    ViewingEventsDone,
    ViewingList,
    ViewingPage,
)
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.identity import Identity

METHOD: TypeAlias = Literal["GET", "POST", "PUT", "DELETE"]

T = TypeVar("T")


class ViewingClient:
    """Calls to streaming. Raises HeadgateError."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def report(
        self, identity: Identity, video_id: str, report: ProgressReport, *, deadline: Deadline
    ) -> ProgressView:
        """Durable once it is answered. The answer is what holds now, which may be newer than the report."""
        path = _path(PROGRESS, video_id)
        return await self._ask("POST", path, ProgressView, identity, deadline, body=report)

    async def progress(self, identity: Identity, video_id: str, *, deadline: Deadline) -> ProgressView | None:
        try:
            return await self._ask("GET", _path(PROGRESS, video_id), ProgressView, identity, deadline)
        except NotFound:
            return None

    async def begun(self, identity: Identity, video: BegunVideo, *, deadline: Deadline) -> None:
        """It is in what to continue until something better is known of its title."""
        service = identity.as_service()
        await self._ask("POST", f"{INTERNAL}/begun", type(None), service, deadline, body=video)

    async def open_session(self, identity: Identity, new: NewSession, *, deadline: Deadline) -> SessionView:
        path = f"{VIEWING}/sessions"
        return await self._ask("POST", path, SessionView, identity, deadline, body=new)

    async def page(
        self,
        identity: Identity,
        which: ViewingList,
        *,
        deadline: Deadline,
        limit: int = 20,
        cursor: str | None = None,
    ) -> ViewingPage:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        path = f"{VIEWING}/{which}?{urlencode(query)}"
        return await self._ask("GET", path, ViewingPage, identity, deadline)

    async def mark(
        self, identity: Identity, id_: str, mark: NewMark, *, watched: bool, deadline: Deadline
    ) -> MarkView:
        """Marks a film, an episode, a season or a show as watched, or as not watched."""
        path = _path(f"{VIEWING}/watched", id_)
        if watched:
            return await self._ask("PUT", path, MarkView, identity, deadline, body=mark)
        told = {name: value for name, value in msgspec.to_builtins(mark).items() if value is not None}
        path += f"?{urlencode(told)}" if told else ""
        return await self._ask("DELETE", path, MarkView, identity, deadline)

    async def undo_mark(self, identity: Identity, mark_id: str, *, deadline: Deadline) -> None:
        await self._ask("DELETE", _path(f"{VIEWING}/marks", mark_id), type(None), identity, deadline)

    async def put_on_watchlist(
        self, identity: Identity, title_id: str, mark: NewMark, *, deadline: Deadline
    ) -> None:
        path = _path(f"{VIEWING}/watchlist", title_id)
        await self._ask("PUT", path, type(None), identity, deadline, body=mark)

    async def take_off_watchlist(self, identity: Identity, title_id: str, *, deadline: Deadline) -> None:
        await self._ask("DELETE", _path(f"{VIEWING}/watchlist", title_id), type(None), identity, deadline)

    async def dismiss(self, identity: Identity, title_id: str, *, deadline: Deadline) -> None:
        """Takes a title out of what to continue until it is played again."""
        await self._ask("DELETE", _path(f"{VIEWING}/continue", title_id), type(None), identity, deadline)

    async def bring_back(self, identity: Identity, title_id: str, *, deadline: Deadline) -> None:
        """Puts what was dismissed back into what to continue."""
        await self._ask("PUT", _path(f"{VIEWING}/continue", title_id), type(None), identity, deadline)

    async def show(self, identity: Identity, title_id: str, *, deadline: Deadline) -> ShowProgress:
        return await self._ask("GET", _path(f"{VIEWING}/shows", title_id), ShowProgress, identity, deadline)

    async def flags(
        self, identity: Identity, ids: Sequence[str], *, deadline: Deadline
    ) -> dict[str, TitleFlags]:
        """Of up to MAX_FLAGS titles; those that nothing is known of are not in it."""
        query, service = FlagsQuery(tuple(ids)), identity.as_service()
        found = await self._ask("POST", f"{INTERNAL}/flags", Flags, service, deadline, body=query)
        return found.flags

    async def events(self, *, deadline: Deadline, after: int = 0, limit: int = 500) -> ViewingEvents:
        """What happened and was not made use of yet, of every profile. May tell an event twice."""
        path = f"{INTERNAL}/events?{urlencode({'after': after, 'limit': limit})}"
        return await self._ask("GET", path, ViewingEvents, SERVICE, deadline)

    async def events_done(self, seqs: Sequence[int], *, deadline: Deadline) -> None:
        done = ViewingEventsDone(tuple(seqs))
        await self._ask("POST", f"{INTERNAL}/events/done", type(None), SERVICE, deadline, body=done)

    async def forget_owner(self, removal: Removal, deadline: Deadline) -> None:
        """Removes what is held of an account, or of one profile. Nothing there is no error."""
        path = "/internal/streaming/forget"
        await self._ask("POST", path, type(None), SERVICE, deadline, body=removal)

    async def _ask(
        self,
        method: METHOD,
        path: str,
        into: type[T],
        identity: Identity,
        deadline: Deadline,
        *,
        body: msgspec.Struct | None = None,
    ) -> T:
        return await self._service.call(
            method, path, identity=identity, deadline=deadline, body=body, into=into
        )


def _path(prefix: str, id_: str) -> str:
    return f"{prefix}/{quote(id_, safe='')}"
