"""What streaming keeps of what a profile watches: where it stopped, what it has seen, what it means to see.

Everything is of the account and the profile that ask. Ids are those of Stremio: a video is a film or an
episode, a title a film or a show. Positions and durations are in seconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

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
MAX_TITLES: Final = 20_000
"""Kept of a profile."""

MAX_DURATION_S: Final = 48 * 3600
MAX_NUMBER: Final = 100_000
"""Of seasons and episodes; daily shows number by dates."""
LIVE: Final = frozenset({"tv", "channel", "events"})
"""Types of which there is nothing to go on with."""
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


class BegunVideo(msgspec.Struct, frozen=True, kw_only=True):
    """A player that tells nothing seems to have begun it."""

    video_id: Id
    type: TypeName


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
    is "next", the episode after the one that was finished; where it is "begun", a player seems to have begun
    it, and nobody said how far it is. Of the watchlist and of what is watched, it is the film or the last
    episode seen, None for a show never begun. `share` is how much of it has been seen."""

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
    reason: Literal["resume", "next", "begun"] | None
    at: datetime

    @property
    def is_told(self) -> bool:
        """False for what only seems begun and has no name: its id would tell nobody what it is."""
        return bool(self.name) or self.reason != "begun"


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
