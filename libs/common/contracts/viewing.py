"""What streaming keeps of what a profile watches: where it stopped, what it has seen, what it means to see.

Everything is of the account and the profile that ask. Ids are those of Stremio: a video is a film or an
episode, a title a film or a show. Positions and durations are in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import quote, urlencode

import msgspec

from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.contracts.removals import Removal
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.identity import Identity

PROGRESS = "/api/v1/progress"
VIEWING = "/api/v1/viewing"
INTERNAL = "/internal/streaming/viewing"
CHANGED_HEADER = "X-Headgate-Changed"
"""On the answer to a change after which rows and lists of the account look other than before: a player that
reports every ten seconds changes none of them."""
MAX_BATCH = 300
"""Reports in one call."""
MAX_FLAGS = 500
"""Titles in one call."""

MAX_DURATION_S: Final = 48 * 3600
MAX_NUMBER: Final = 100_000
"""Of seasons and episodes; daily shows number by dates."""
_SEEN: Final = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
"""Any text may be an addon's id, but none that nobody can read."""

Id: TypeAlias = Annotated[str, msgspec.Meta(max_length=500, pattern=_SEEN)]
TypeName: TypeAlias = Annotated[str, msgspec.Meta(max_length=40, pattern=_SEEN)]
Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBER)]
Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=2000)]
Position: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=MAX_DURATION_S)]
Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
Duration: TypeAlias = Annotated[float, msgspec.Meta(gt=0, le=MAX_DURATION_S)]

PlayerEvent: TypeAlias = Literal["start", "heartbeat", "pause", "buffer", "stop", "complete"]
ViewingList: TypeAlias = Literal["continue", "watched", "watchlist"]
EventKind: TypeAlias = Literal[
    "started", "paused", "stopped", "watched", "unwatched", "watchlist_added", "watchlist_removed"
]


class ProgressReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a player is. `at` is when it was there by its own clock; absent, it is there now.

    The newest `at` wins, whatever arrives last. `title_id`, `season` and `episode` say what an id of an
    addon's own does not; of ids that say it themselves they are left aside. `name` and `poster` are the
    title's, for lists.
    """

    position_s: Position
    duration_s: Duration
    type: TypeName | None = None
    event: PlayerEvent = "heartbeat"
    session_id: Id | None = None
    at: Moment | None = None
    title_id: Id | None = None
    season: Number | None = None
    episode: Number | None = None
    name: Text | None = None
    poster: Text | None = None


class ProgressItem(ProgressReport, frozen=True, kw_only=True, omit_defaults=True):
    """A report that waited for a line, with the video it is of."""

    video_id: Id


class ProgressView(msgspec.Struct, frozen=True, kw_only=True):
    """A video as the profile left it. `finished`: the last viewing reached the end; `watched`: any did, or
    somebody said so. `plays` counts the ends reached. `updated_at` is the time that newer reports are held
    against."""

    video_id: str
    title_id: str
    type: str
    season: int | None
    episode: int | None
    position_s: float
    duration_s: float
    finished: bool
    watched: bool
    watched_at: datetime | None
    plays: int
    updated_at: datetime


class ProgressBatch(msgspec.Struct, frozen=True):
    """Up to MAX_BATCH items. Raw, so that one that can't be read refuses no other."""

    items: tuple[msgspec.Raw, ...]


class ItemOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`superseded`: something newer is known. `reason` says why an item was refused: sending it again won't
    help."""

    outcome: Literal["accepted", "superseded", "refused"]
    video_id: str | None = None
    reason: str | None = None


class ProgressOutcomes(msgspec.Struct, frozen=True):
    """In the order of the items."""

    items: tuple[ItemOutcome, ...]


class NewSession(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A player opens a video. Where it does not know how long it is, its first event says it."""

    video_id: Id
    type: TypeName | None = None
    position_s: Position = 0
    duration_s: Duration | None = None
    title_id: Id | None = None
    season: Number | None = None
    episode: Number | None = None
    name: Text | None = None
    poster: Text | None = None


class SessionEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    event: PlayerEvent
    position_s: Position
    duration_s: Duration | None = None
    at: Moment | None = None


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """`counts`: how often each event was reported."""

    id: str
    video_id: str
    title_id: str
    type: str
    position_s: float
    duration_s: float | None
    counts: dict[PlayerEvent, int]
    started_at: datetime
    last_at: datetime
    ended_at: datetime | None


class ViewingItem(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a list. `video_id` is what to play: where `reason` is "resume", from `position_s`; where it
    is "next", the episode after the one that was finished. Of the watchlist and of what is watched, it is the
    film or the last episode seen, None for a show never begun. `share` is how much of it has been seen."""

    title_id: str
    type: str
    name: str
    poster: str | None
    video_id: str | None
    season: int | None
    episode: int | None
    episode_name: str | None
    position_s: float
    duration_s: float
    share: float
    watched: bool
    in_watchlist: bool
    reason: Literal["resume", "next"] | None
    at: datetime


class ViewingPage(msgspec.Struct, frozen=True):
    """Newest first."""

    items: tuple[ViewingItem, ...]
    next_cursor: str | None = None


class NewMark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is marked: the video or title of the address, or with `season` that season of the show.

    `type` is needed for a title that the profile never began, and `title_id`, the show, for an episode whose
    id is an addon's own. Only what has aired is marked.
    """

    type: TypeName | None = None
    title_id: Id | None = None
    season: Number | None = None
    name: Text | None = None
    poster: Text | None = None


class MarkView(msgspec.Struct, frozen=True, kw_only=True):
    """What a mark changed. `DELETE …/viewing/marks/{id}` undoes it for a day: everything is as it was."""

    id: str
    title_id: str
    watched: bool
    changed: int


class EpisodeState(msgspec.Struct, frozen=True, kw_only=True):
    video_id: str
    season: int | None
    episode: int | None
    name: str
    released: datetime | None
    watched: bool
    finished: bool
    position_s: float
    share: float


class ShowProgress(msgspec.Struct, frozen=True, kw_only=True):
    """`aired` and `completed` count episodes without specials. `next` is the one to play, None when there is
    none yet. `known_at`: when the list of episodes was told; None when nobody could tell it so far."""

    title_id: str
    name: str
    poster: str | None
    aired: int
    completed: int
    watched: bool
    in_watchlist: bool
    next: EpisodeState | None
    episodes: tuple[EpisodeState, ...]
    known_at: datetime | None


class FlagsQuery(msgspec.Struct, frozen=True):
    """Up to MAX_FLAGS title ids."""

    ids: tuple[str, ...]


class TitleFlags(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`watched`: the film, or every episode that has aired. `progress`: of what was begun and not finished,
    0 to 1. `aired` is 0 where the episodes are not known."""

    watched: bool = False
    progress: float | None = None
    in_watchlist: bool = False
    aired: int = 0
    completed: int = 0


class Flags(msgspec.Struct, frozen=True):
    """Only the titles that anything is known of."""

    flags: dict[str, TitleFlags]


class ViewingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, for other services. `seq` grows; `at` is the player's time."""

    seq: int
    account_id: str
    profile_id: str
    kind: EventKind
    video_id: str
    title_id: str
    type: str
    season: int | None
    episode: int | None
    position_s: float
    duration_s: float
    at: datetime


class ViewingEvents(msgspec.Struct, frozen=True):
    """Oldest first."""

    items: tuple[ViewingEvent, ...]


class ViewingEventsDone(msgspec.Struct, frozen=True):
    """The events that were made use of. They are gone afterwards."""

    seqs: tuple[int, ...]


def _part(text: str) -> str:
    return quote(text, safe="")


class ViewingClient:
    """Typed calls for viewing state. Account calls carry the account's own identity."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def report(
        self, identity: Identity, video_id: str, report: ProgressReport, *, deadline: Deadline
    ) -> ProgressView:
        """Durable once it is answered. The answer is what holds now, which may be newer than the report."""
        return await self._service.call(
            "POST",
            f"{PROGRESS}/{_part(video_id)}",
            identity=identity,
            deadline=deadline,
            body=report,
            into=ProgressView,
        )

    async def progress(self, identity: Identity, video_id: str, *, deadline: Deadline) -> ProgressView | None:
        try:
            return await self._service.call(
                "GET",
                f"{PROGRESS}/{_part(video_id)}",
                identity=identity,
                deadline=deadline,
                into=ProgressView,
            )
        except NotFound:
            return None

    async def open_session(self, identity: Identity, new: NewSession, *, deadline: Deadline) -> SessionView:
        return await self._service.call(
            "POST",
            f"{VIEWING}/sessions",
            identity=identity,
            deadline=deadline,
            body=new,
            into=SessionView,
        )

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
        return await self._service.call(
            "GET",
            f"{VIEWING}/{which}?{urlencode(query)}",
            identity=identity,
            deadline=deadline,
            into=ViewingPage,
        )

    async def mark(
        self, identity: Identity, id_: str, mark: NewMark, *, watched: bool, deadline: Deadline
    ) -> MarkView:
        """Marks a film, an episode, a season or a show as watched, or as not watched."""
        query = {
            name: value
            for name, value in msgspec.to_builtins(mark).items()
            if not watched and value is not None
        }
        return await self._service.call(
            "PUT" if watched else "DELETE",
            f"{VIEWING}/watched/{_part(id_)}" + (f"?{urlencode(query)}" if query else ""),
            identity=identity,
            deadline=deadline,
            body=mark if watched else None,
            into=MarkView,
        )

    async def undo_mark(self, identity: Identity, mark_id: str, *, deadline: Deadline) -> None:
        await self._service.call(
            "DELETE",
            f"{VIEWING}/marks/{_part(mark_id)}",
            identity=identity,
            deadline=deadline,
            into=type(None),
        )

    async def put_on_watchlist(
        self, identity: Identity, title_id: str, mark: NewMark, *, deadline: Deadline
    ) -> None:
        await self._service.call(
            "PUT",
            f"{VIEWING}/watchlist/{_part(title_id)}",
            identity=identity,
            deadline=deadline,
            body=mark,
            into=type(None),
        )

    async def take_off_watchlist(self, identity: Identity, title_id: str, *, deadline: Deadline) -> None:
        await self._service.call(
            "DELETE",
            f"{VIEWING}/watchlist/{_part(title_id)}",
            identity=identity,
            deadline=deadline,
            into=type(None),
        )

    async def dismiss(self, identity: Identity, title_id: str, *, deadline: Deadline) -> None:
        """Takes a title out of what to continue until it is played again."""
        await self._service.call(
            "DELETE",
            f"{VIEWING}/continue/{_part(title_id)}",
            identity=identity,
            deadline=deadline,
            into=type(None),
        )

    async def bring_back(self, identity: Identity, title_id: str, *, deadline: Deadline) -> None:
        """Puts what was dismissed back into what to continue."""
        await self._service.call(
            "PUT",
            f"{VIEWING}/continue/{_part(title_id)}",
            identity=identity,
            deadline=deadline,
            into=type(None),
        )

    async def show(self, identity: Identity, title_id: str, *, deadline: Deadline) -> ShowProgress:
        return await self._service.call(
            "GET",
            f"{VIEWING}/shows/{_part(title_id)}",
            identity=identity,
            deadline=deadline,
            into=ShowProgress,
        )

    async def flags(
        self, identity: Identity, ids: Sequence[str], *, deadline: Deadline
    ) -> dict[str, TitleFlags]:
        """Of up to MAX_FLAGS titles; those that nothing is known of are not in it."""
        found = await self._service.call(
            "POST",
            f"{INTERNAL}/flags",
            identity=identity.as_service(),
            deadline=deadline,
            body=FlagsQuery(tuple(ids)),
            into=Flags,
        )
        return found.flags

    async def events(self, *, deadline: Deadline, after: int = 0, limit: int = 500) -> ViewingEvents:
        """What happened and was not made use of yet, of every profile. May tell an event twice."""
        return await self._service.call(
            "GET",
            f"{INTERNAL}/events?{urlencode({'after': after, 'limit': limit})}",
            identity=SERVICE,
            deadline=deadline,
            into=ViewingEvents,
        )

    async def events_done(self, seqs: Sequence[int], *, deadline: Deadline) -> None:
        await self._service.call(
            "POST",
            f"{INTERNAL}/events/done",
            identity=SERVICE,
            deadline=deadline,
            body=ViewingEventsDone(tuple(seqs)),
            into=type(None),
        )

    async def forget_owner(self, removal: Removal, deadline: Deadline) -> None:
        """Removes what is held of an account, or of one profile. Nothing there is no error."""
        await self._service.call(
            "POST",
            "/internal/streaming/forget",
            identity=SERVICE,
            deadline=deadline,
            body=removal,
            into=type(None),
        )
