"""How what a source knows of somebody's viewing gets from sync to streaming.

A source (a Trakt account, a Stremio account, a file that was imported) tells of one profile what was watched,
what is on its watchlist, and where something was stopped: each a part of its own, told in one call. Streaming
remembers what each source told apart from what the profile did here, so that what a source no longer says, or
all that it ever said, can be taken back. What the profile did here later than a source says holds.

Nothing that is told here is sent to other services as an event. Times are epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from typing import Annotated, Final, Literal, TypeAlias, TypeVar
from urllib.parse import urlencode

import msgspec

from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.contracts.viewing import INTERNAL, MAX_DURATION_S, Id, Number, Text, TypeName
from libs.common.deadline import Deadline

TOLD: Final = f"{INTERNAL}/told"
LINE_BYTES: Final = 2 * 1024 * 1024
"""Longest line taken."""
LINE_ROWS: Final = 200
"""Rows in a line at most."""
MAX_ROWS: Final = 200_000
"""Rows in one call at most: twice what is kept of a profile."""

T = TypeVar("T")
Part: TypeAlias = Literal["watched", "watchlist", "playback"]
Among: TypeAlias = Literal["films", "episodes"]
Source: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^(trakt|stremio|import:[A-Za-z0-9_-]{1,64})$")]
Moment: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class WatchedRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A film or an episode that was seen. A film is its own title. `at`: the last time, 0 where the source
    does not say. `aired`: how many episodes the show has so far without specials, 0 where it does not say;
    what a list of episodes says counts for more, and one row of a show is enough to say it. `name` and
    `poster` are the title's; `alias` is its id in another system, by which it may have been played."""

    video_id: Id
    title_id: Id
    type: TypeName
    season: Number | None = None
    episode: Number | None = None
    name: Text = ""
    poster: Text = ""
    alias: Text = ""
    plays: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    at: Moment = 0
    aired: Number = 0


class ListedRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A title that is to be seen. `at`: since when, 0 where the source does not say."""

    title_id: Id
    type: TypeName
    name: Text = ""
    poster: Text = ""
    at: Moment = 0


class PlaybackRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A video that was stopped on the way. `share`: how much of it was seen. `duration_s`: 0 where the source
    does not say. `alias` as of what was watched."""

    video_id: Id
    title_id: Id
    type: TypeName
    season: Number | None = None
    episode: Number | None = None
    name: Text = ""
    poster: Text = ""
    alias: Text = ""
    share: Annotated[float, msgspec.Meta(ge=0, le=1)]
    duration_s: Annotated[float, msgspec.Meta(ge=0, le=MAX_DURATION_S)] = 0
    at: Moment = 0


Row: TypeAlias = WatchedRow | ListedRow | PlaybackRow


class ToldCounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the rows. `removed`: told before, and no longer. `kept`: of those added, changed or
    removed, how many changed nothing of the profile, since what it did here is later or reason enough.
    `refused`: no room is left for them. `guarded`: a whole answer that lacks too much of the one before was
    not believed; all is as it was, and `problem` says so in words."""

    seen: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    kept: int = 0
    refused: int = 0
    guarded: bool = False
    problem: str = ""


class ToldPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a source has told. `told_at`: when it last did; `counts`: what became of that."""

    source: str
    part: Part
    rows: int
    told_at: int
    counts: ToldCounts


class ToldParts(msgspec.Struct, frozen=True):
    items: tuple[ToldPart, ...]


class TellQuery(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    profile_id: str
    source: Source
    whole: bool = True
    sure: bool = False
    among: Among | None = None


class ToldQuery(msgspec.Struct, frozen=True, kw_only=True):
    account_id: str
    profile_id: str
    source: Source | None = None


class ViewingHandoverClient:
    """Typed calls to the taking side. Only services may hand over."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def tell(
        self,
        owner: tuple[str, str],
        source: str,
        part: Part,
        rows: AsyncIterable[Row],
        *,
        deadline: Deadline,
        whole: bool = True,
        sure: bool = False,
        among: Among | None = None,
    ) -> ToldCounts:
        """`owner`: account and profile. `whole`: what the source told of the part before and does not tell
        now is no longer so, or only what it told of films or episodes where it tells of those alone
        (`among`); else the rows are added to what it told. `sure`: the guard is passed, for what a
        user confirmed or a source was asked twice about.

        A stream that breaks off changes nothing; one that was taken to its end is applied to its end,
        whatever becomes of the caller. Raises Conflict where another call tells the same part by now.
        """
        query = _query(owner, source) | {"whole": _bool(whole), "sure": _bool(sure)}
        if among is not None:
            query["among"] = among
        return await self._service.hand_over(
            f"{TOLD}/{part}?{urlencode(query)}",
            _lines(rows),
            "application/x-ndjson",
            identity=SERVICE,
            deadline=deadline,
            into=ToldCounts,
        )

    async def take_back(self, owner: tuple[str, str], source: str, *, deadline: Deadline) -> ToldCounts:
        """Undoes all that the source brought, in all parts; what others say or the profile did here stays."""
        return await self._service.call(
            "DELETE",
            f"{TOLD}?{urlencode(_query(owner, source))}",
            identity=SERVICE,
            deadline=deadline,
            into=ToldCounts,
        )

    async def told(
        self, owner: tuple[str, str], *, deadline: Deadline, source: str | None = None
    ) -> tuple[ToldPart, ...]:
        """What the profile's sources have told, by source and part."""
        found = await self._service.call(
            "GET",
            f"{TOLD}?{urlencode(_query(owner, source))}",
            identity=SERVICE,
            deadline=deadline,
            into=ToldParts,
        )
        return found.items


async def _lines(rows: AsyncIterable[Row]) -> AsyncIterator[bytes]:
    held: list[Row] = []
    async for row in rows:
        held.append(row)
        if len(held) == LINE_ROWS:
            yield _line(held)
            held.clear()
    if held:
        yield _line(held)


def _line(rows: Sequence[Row]) -> bytes:
    return msgspec.json.encode(rows) + b"\n"


def _query(owner: tuple[str, str], source: str | None) -> dict[str, str]:
    query = {"account_id": owner[0], "profile_id": owner[1]}
    return query if source is None else query | {"source": source}


def _bool(value: bool) -> str:
    return "true" if value else "false"
