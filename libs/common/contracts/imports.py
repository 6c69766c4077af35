"""Files of what somebody watched elsewhere, as their owner sees and applies them."""

from __future__ import annotations

from collections.abc import AsyncIterable
from datetime import datetime
from typing import Final, Literal, TypeAlias
from urllib.parse import quote

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.viewing_handover import Part
from libs.common.deadline import Deadline
from libs.common.identity import Identity

IMPORTS: Final = "/api/v1/imports"
MAX_FILE_BYTES: Final = 64 * 1024 * 1024
SEND_WITHIN_S: Final = 240.0
"""For the whole call: a slow line sends for long, and then the file is read."""
BODY_WITHIN_S: Final = 120.0

Format: TypeAlias = Literal["trakt", "stremio", "imdb", "letterboxd", "csv"]
ImportState: TypeAlias = Literal["preview", "applying", "applied", "undoing", "undone", "interrupted"]


class ImportCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says. `shows`: series whose episodes are looked up when it is applied: the file says which
    were seen by their places in a list."""

    films: int = 0
    episodes: int = 0
    watchlist: int = 0
    playback: int = 0
    shows: int = 0


class ImportItem(msgspec.Struct, frozen=True, kw_only=True):
    """One of the first things in a file. `at`: when that was, if the file says it. `known`: something is
    known of the title here already."""

    part: Part
    title_id: str
    type: str
    name: str = ""
    season: int | None = None
    episode: int | None = None
    at: datetime | None = None
    known: bool = False


class Unread(msgspec.Struct, frozen=True):
    """What was not understood, and where it stands: a line, or an entry of a file."""

    where: str
    reason: str


class ImportResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `kept`: what was done here is later or reason enough, so nothing changed of it.
    `refused`: no room was left. `unknown_shows`: series of which only the episode last seen is known, since
    nobody could say which they have."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    refused: int = 0
    unknown_shows: int = 0


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """`known_titles`: of the file's titles those of which something is known here already, counted when it
    was read. `unread`: what was not understood, by reason; `unread_first` the first of it. `ignored`: entries
    that say nothing of viewing, such as ratings. `without_room`: about so many of its titles are more than a
    profile keeps, as far as that was known when it was read."""

    id: str
    format: Format
    state: ImportState
    counts: ImportCounts
    titles: int
    known_titles: int | None
    items: tuple[ImportItem, ...]
    unread: dict[str, int]
    unread_first: tuple[Unread, ...]
    ignored: int
    result: ImportResult | None
    problem: str
    created_at: datetime
    changed_at: datetime
    without_room: int = 0


class ImportList(msgspec.Struct, frozen=True):
    items: tuple[ImportView, ...]


class ImportsClient:
    """Calls to sync as whoever asks. Raises HeadgateError."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def send(
        self, identity: Identity, pieces: AsyncIterable[bytes], *, deadline: Deadline
    ) -> ImportView:
        return await self._service.hand_over(
            IMPORTS, pieces, "application/octet-stream", identity=identity, deadline=deadline, into=ImportView
        )

    async def all(self, identity: Identity, *, deadline: Deadline) -> ImportList:
        return await self._service.call("GET", IMPORTS, identity=identity, deadline=deadline, into=ImportList)

    async def get(self, identity: Identity, id_: str, *, deadline: Deadline) -> ImportView:
        return await self._service.call(
            "GET", _path(id_), identity=identity, deadline=deadline, into=ImportView
        )

    async def apply(self, identity: Identity, id_: str, *, deadline: Deadline) -> ImportView:
        return await self._service.call(
            "POST", f"{_path(id_)}/apply", identity=identity, deadline=deadline, into=ImportView
        )

    async def undo(self, identity: Identity, id_: str, *, deadline: Deadline) -> ImportView:
        return await self._service.call(
            "POST", f"{_path(id_)}/undo", identity=identity, deadline=deadline, into=ImportView
        )

    async def drop(self, identity: Identity, id_: str, *, deadline: Deadline) -> None:
        await self._service.call("DELETE", _path(id_), identity=identity, deadline=deadline, into=type(None))


def _path(id_: str) -> str:
    return f"{IMPORTS}/{quote(id_, safe='')}"
