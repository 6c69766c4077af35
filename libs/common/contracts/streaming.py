"""What streaming says: the sources of a video, in the order to try them."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity

PLAYING = "/internal/streaming/playing"


class StreamView(msgspec.Struct, frozen=True, kw_only=True):
    """One source, `raw` as the addon sent it.

    `kind` is url, youtube, torrent, usenet, archive or external.
    """

    addon_id: str
    addon_name: str
    name: str
    description: str
    kind: str
    url: str | None
    why: tuple[str, ...]
    raw: msgspec.Raw


class StreamsPage(msgspec.Struct, frozen=True, kw_only=True):
    """`problems` names the addons that did not answer in time or failed; empty means the list is whole."""

    items: tuple[StreamView, ...]
    problems: tuple[SourceProblem, ...] = ()


class Playing(msgspec.Struct, frozen=True):
    """How many connections a profile holds at its providers, over all replicas."""

    connections: int


class StreamingClient:
    """Typed calls to the streaming service."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def streams(
        self, identity: Identity, type_: str, video_id: str, *, deadline: Deadline
    ) -> StreamsPage:
        return await self.service.call(
            "GET",
            f"/api/v1/streams/{quote(type_, safe='')}/{quote(video_id, safe='')}",
            identity=identity,
            deadline=deadline,
            into=StreamsPage,
        )

    async def playing(self, identity: Identity, *, deadline: Deadline) -> int:
        """How many connections the profile holds."""
        found = await self.service.call(
            "GET", PLAYING, identity=identity.as_service(), deadline=deadline, into=Playing
        )
        return found.connections
