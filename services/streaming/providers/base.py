"""What a provider of sources is, and what it says it can do. docs/providers.md shows how one is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.protocols.stremio.ids import VideoId, split_video_id

StreamObject: TypeAlias = Mapping[str, object]
"""A source as addons write one (https://github.com/Stremio/stremio-addon-sdk, "Stream object")."""

ANY_ID: Final[tuple[str, ...]] = ()
FRESH_S: Final = 300
"""How long what a provider found may be kept, unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`ids` are what the ids begin with that it knows; ANY_ID for all."""

    types: tuple[str, ...]
    ids: tuple[str, ...] = ANY_ID


@dataclass(frozen=True, slots=True)
class Video:
    """What is to be played, as addons are asked for it: `tt0017136`, `tt0106179:1:2`, `tmdb:603`."""

    type: str
    id: str

    @property
    def parts(self) -> VideoId:
        return split_video_id(self.id)


@dataclass(frozen=True, slots=True)
class Found:
    """Sources, the one to try first before all others. What can't be read as a source is left out."""

    streams: Sequence[StreamObject] = ()
    fresh_s: int = FRESH_S


NOTHING: Final = Found()


class Provider(Protocol):
    """One of the hub's own. Its calls are retried, broken off and rested from outside: it need only ask.

    `id` and `name` are the hub's for it; the one is stable, the other for people.
    """

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def streams(self, identity: Identity, video: Video, *, deadline: Deadline) -> Found:
        """What it has for that profile. Raises HeadgateError or FetchError for what it can't know now."""
        ...
