"""What is kept of what a profile watches, and how it is looked after."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.viewing import VIEWING
from libs.common.deadline import Deadline
from libs.common.identity import Identity

CLEAR_WORD: Final = "clear"


class SourceTold(msgspec.Struct, frozen=True, kw_only=True):
    """What a source has told: `trakt`, `stremio`, or a file that was imported. `told_at`: when it last did;
    `problem`: why what it told then was not believed."""

    source: str
    watched: int = 0
    watchlist: int = 0
    playback: int = 0
    told_at: datetime | None = None
    problem: str = ""


class ViewingInformation(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of a profile. `begun`: videos to go on with. `lists`: shows whose episodes are kept. `events`:
    what other services were not told yet. `size_bytes`: about what all of it takes."""

    titles: int
    watched_films: int
    watched_episodes: int
    begun: int
    watchlist: int
    lists: int
    events: int
    size_bytes: int
    sources: tuple[SourceTold, ...]


class ClearViewing(msgspec.Struct, frozen=True):
    """`confirm` is the word "clear": what was watched here is gone for good."""

    confirm: Annotated[str, msgspec.Meta(pattern="^clear$", examples=["clear"])]


class ViewingCleared(msgspec.Struct, frozen=True, kw_only=True):
    titles: int
    videos: int


class RebuildStarted(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` that sources told before are applied anew, and `jobs` read the accounts that are connected from
    their beginnings."""

    rows: int
    jobs: tuple[str, ...] = ()


class ViewingUpkeepClient:
    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def information(self, identity: Identity, *, deadline: Deadline) -> ViewingInformation:
        return await self._service.call(
            "GET", f"{VIEWING}/information", identity=identity, deadline=deadline, into=ViewingInformation
        )

    async def clear(self, identity: Identity, word: str, *, deadline: Deadline) -> ViewingCleared:
        """Raises InvalidInput for another word."""
        return await self._service.call(
            "POST",
            f"{VIEWING}/clear",
            identity=identity,
            deadline=deadline,
            body=ClearViewing(word),
            into=ViewingCleared,
        )

    async def rebuild(self, identity: Identity, *, deadline: Deadline) -> RebuildStarted:
        """Raises Conflict, RateLimited."""
        return await self._service.call(
            "POST", f"{VIEWING}/rebuild", identity=identity, deadline=deadline, into=RebuildStarted
        )

    async def optimise(self, identity: Identity, *, deadline: Deadline) -> None:
        """Raises Forbidden for who doesn't run the hub."""
        await self._service.call(
            "POST", f"{VIEWING}/optimise", identity=identity, deadline=deadline, into=type(None)
        )
