"""What a profile watches, as stored: videos, titles, events. Times are epoch milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias

import msgspec

from libs.common.contracts.viewing import EventKind, PlayerEvent

SERIES: Final = "series"
MOVIE: Final = "movie"
SPECIALS: Final = 0
"""The season that counts for nothing."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose viewing state: everything is scoped by account and profile."""

    account_id: str
    profile_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """How much is kept of a profile."""

    titles: int
    videos: int


VideoKey: TypeAlias = tuple[Owner, str]
TitleKey: TypeAlias = tuple[Owner, str]


class Place(msgspec.Struct, frozen=True):
    """What a video is. A film is its own title."""

    video_id: str
    title_id: str
    type: str
    season: int | None = None
    episode: int | None = None

    @property
    def counts(self) -> bool:
        """Whether it is one of the episodes by which a show is complete."""
        return self.episode is not None and self.season != SPECIALS


class Played(msgspec.Struct, frozen=True):
    """How far a video was played; nothing of it where nobody did."""

    position_ms: int = 0
    duration_ms: int = 0
    finished: bool = False
    watched: bool = False

    @property
    def is_begun(self) -> bool:
        """Whether there is something to go on with."""
        return self.position_ms > 0 and not self.finished

    @property
    def share(self) -> float:
        return min(1.0, self.position_ms / self.duration_ms) if self.duration_ms else 0.0


class Video(Played, frozen=True, kw_only=True):
    """A video as the profile left it. `at` is the time of the newest that is known, `marked_at` when somebody
    last said by hand whether it was watched (0: nobody did)."""

    place: Place
    watched_at: int | None = None
    marked_at: int = 0
    plays: int = 0
    at: int


class Next(msgspec.Struct, frozen=True):
    """The episode after the one that was finished."""

    video_id: str
    season: int | None
    episode: int | None
    name: str


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """A title as lists show it. `continues_at`: from when on it is in what to continue, None for not at all;
    a time without `next` is when a player that tells nothing seems to have begun its last video.
    `unlisted_at`: when somebody last took it off the watchlist, 0 for never.
    `aired` holds until `airs_at`. `videos`: how many of its videos are kept."""

    title_id: str
    type: str
    name: str = ""
    poster: str | None = None
    last_video_id: str | None = None
    last_at: int = 0
    dismissed_at: int = 0
    listed_at: int | None = None
    unlisted_at: int = 0
    watched_at: int | None = None
    completed: int = 0
    aired: int = 0
    airs_at: int | None = None
    next: Next | None = None
    continues_at: int | None = None
    videos: int = 0

    @property
    def only_seems_begun(self) -> bool:
        return bool(self.continues_at) and self.next is None


class Episode(msgspec.Struct, frozen=True, omit_defaults=True):
    """As its show's list tells it."""

    video_id: str
    season: int | None = None
    episode: int | None = None
    name: str = ""
    released_at: int | None = None

    def has_aired(self, now_ms: int) -> bool:
        """What says no date is there to be played."""
        return self.released_at is None or self.released_at <= now_ms


@dataclass(frozen=True, slots=True)
class Episodes:
    """A show's list in the order of watching, specials last, and when it was told."""

    items: tuple[Episode, ...]
    told_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A player's word that holds water. `at` is the player's time, bounded by ours."""

    owner: Owner
    place: Place
    position_ms: int
    duration_ms: int
    at: int
    event: PlayerEvent = "heartbeat"
    session_id: str = ""
    name: str = ""
    poster: str | None = None

    @property
    def key(self) -> VideoKey:
        return self.owner, self.place.video_id

    @property
    def title_key(self) -> TitleKey:
        return self.owner, self.place.title_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, for other services."""

    owner: Owner
    kind: EventKind
    place: Place
    position_ms: int
    duration_ms: int
    at: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """What holds after a report. `shows`: what lists and marks say of the title is other than before."""

    video: Video
    superseded: bool = False
    shows: bool = False


ENDS: Final[frozenset[PlayerEvent]] = frozenset({"stop", "complete"})
"""Events after which a session is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One player's time with a video."""

    id: str
    place: Place
    position_ms: int
    duration_ms: int | None
    counts: dict[PlayerEvent, int]
    started_at: int
    last_at: int
    ended_at: int | None = None

    def after(self, report: Report) -> Session:
        """It once the report has been counted."""
        return replace(
            self,
            position_ms=report.position_ms,
            duration_ms=report.duration_ms,
            counts=self.counts | {report.event: self.counts.get(report.event, 0) + 1},
            last_at=max(self.last_at, report.at),
            ended_at=report.at if report.event in ENDS else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCount:
    """What a batch of reports adds to a session."""

    owner: Owner
    id: str
    event: PlayerEvent
    position_ms: int
    duration_ms: int
    at: int


class Former(msgspec.Struct, frozen=True):
    """None for what was not there."""

    title: Title | None
    videos: tuple[tuple[str, Video | None], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody said by hand: a title and its videos as they were before, and as they were made."""

    id: str
    owner: Owner
    title_id: str
    at: int
    former: Former


@dataclass(frozen=True, slots=True)
class Entry:
    """A title in a list, with the video to go on with and where the list goes on after it."""

    title: Title
    video: Video | None
    sorted_by: int


class Counted(Protocol):
    """A title, as far as it says how much of it there is and was seen."""

    @property
    def type(self) -> str: ...
    @property
    def completed(self) -> int: ...
    @property
    def aired(self) -> int: ...
    @property
    def airs_at(self) -> int | None: ...


class Flagged(Played, frozen=True, kw_only=True, array_like=True):
    """A title with how far its last video was played, as much of them as rows mark. `episodes` only where
    `aired` no longer holds."""

    title_id: str
    type: str
    listed_at: int | None
    completed: int
    aired: int
    airs_at: int | None
    episodes: tuple[Episode, ...] | None
