"""Addresses that users give for titles, as they see them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import quote

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity

PATH: Final = "/api/v1/links"
MAX_LINKS: Final = 500
"""Of one profile."""
LinkType: TypeAlias = Literal["movie", "series", "channel", "tv", "anime", "other"]
MAX_URL_CHARS: Final = 4000


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """`video_id` is what addons are asked for: a film's id, or a show's with season and episode behind it."""

    type: LinkType
    video_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200, examples=["tt0017136"])]
    url: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_URL_CHARS)]
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def __repr__(self) -> str:
        return f"NewLink(type={self.type!r}, video_id={self.video_id!r}, url hidden)"


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """`address` is only the server's: what stands behind it may be a password."""

    id: str
    type: str
    video_id: str
    name: str
    address: str
    added_at: datetime


class LinkList(msgspec.Struct, frozen=True):
    """All of a profile, the newest first."""

    items: tuple[LinkView, ...]
    next_cursor: str | None = None


class LinksClient:
    """Typed calls about a profile's links."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def all(self, identity: Identity, *, deadline: Deadline) -> LinkList:
        return await self._service.call("GET", PATH, identity=identity, deadline=deadline, into=LinkList)

    async def add(self, identity: Identity, link: NewLink, *, deadline: Deadline) -> LinkView:
        """Raises InvalidInput for an address that the hub would not ask, Conflict for one too many."""
        return await self._service.call(
            "POST", PATH, identity=identity, deadline=deadline, body=link, into=LinkView
        )

    async def remove(self, identity: Identity, link_id: str, *, deadline: Deadline) -> None:
        """Raises NotFound."""
        await self._service.call(
            "DELETE",
            f"{PATH}/{quote(link_id, safe='')}",
            identity=identity,
            deadline=deadline,
            into=type(None),
        )
