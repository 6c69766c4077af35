"""What was watched here and is on its way to an account elsewhere, as its owner sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity

OUTGOING = "/api/v1/connections/trakt/outgoing"


class Undelivered(msgspec.Struct, frozen=True, kw_only=True):
    """What Trakt would not take. `reason` says why, in words; `at` is when it happened here."""

    id: int
    kind: Literal["play", "mark", "unmark", "list", "unlist"]
    type: Literal["movie", "show", "episode"]
    title_id: str
    season: int | None = None
    episode: int | None = None
    at: datetime
    reason: str


class OutgoingView(msgspec.Struct, frozen=True, kw_only=True):
    """`waiting` are sent by themselves, the oldest first; where `resumes_at` is to come, `reason` says why
    they rest until then. `items` are the newest of the `undelivered`. `dropped` were more than are kept."""

    waiting: int = 0
    oldest_at: datetime | None = None
    resumes_at: datetime | None = None
    reason: str = ""
    undelivered: int = 0
    dropped: int = 0
    items: tuple[Undelivered, ...] = ()


class OutgoingClient:
    """Typed calls, with the account's own identity."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def view(self, identity: Identity, *, deadline: Deadline) -> OutgoingView:
        return await self._service.call(
            "GET", OUTGOING, identity=identity, deadline=deadline, into=OutgoingView
        )

    async def resend(self, identity: Identity, id_: int, *, deadline: Deadline) -> None:
        await self._service.call(
            "POST", f"{OUTGOING}/{id_}/resend", identity=identity, deadline=deadline, into=type(None)
        )

    async def drop(self, identity: Identity, id_: int, *, deadline: Deadline) -> None:
        await self._service.call(
            "DELETE", f"{OUTGOING}/{id_}", identity=identity, deadline=deadline, into=type(None)
        )
