"""What is to reach Trakt, and the rules of its life. Times are epoch milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from services.sync.model import Owner

Live = Literal["start", "pause", "stop"]
Kind: TypeAlias = Literal["start", "pause", "stop", "play", "mark", "unmark", "list", "unlist"]
State = Literal["waiting", "sending", "dead", "done"]

LIVE: Final[tuple[Live, ...]] = ("start", "pause", "stop")
"""Where a player is now: there is no telling it later, since it carries no time."""
ADDS: Final[tuple[Kind, ...]] = ("play", "mark")
"""What adds a play to the history."""

FRESH_MS: Final = 15 * 60 * 1000
AT_ITS_TIME_MS: Final = 60 * 1000
"""A play that waited for longer is told with its own time, which a scrobble has not."""
MAX_WAITING: Final = 10_000
MAX_DEAD: Final = 500
KEPT_MS: Final = 7 * 24 * 3600 * 1000
"""For so long a row that is done is kept, lest an event that is told once more be sent once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A film, a show, or an episode of one, by an id that Trakt knows."""

    type: Literal["movie", "show", "episode"]
    scheme: Literal["imdb", "tmdb", "tvdb"]
    id: str
    season: int = 0
    number: int = 0

    @property
    def key(self) -> str:
        place = f"/{self.season}/{self.number}" if self.type == "episode" else ""
        return f"{self.type}/{self.scheme}/{self.id}{place}"

    @classmethod
    def of_key(cls, key: str) -> Thing:
        type_, scheme, id_, *place = key.split("/")
        season, number = map(int, place) if place else (0, 0)
        return cls(type=type_, scheme=scheme, id=id_, season=season, number=number)  # type: ignore[arg-type]  # only keys of ours are stored


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutgoing:
    """`share` is how much of it was seen, 0 to 1."""

    owner: Owner
    seq: int
    at: int
    kind: Kind
    thing: Thing
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing(NewOutgoing):
    """`sent_at` is when it was last begun to be sent. `landed_at`: the time of the play at Trakt."""

    id: int
    state: State
    sent_at: int = 0
    landed_at: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How far an owner's sending is. `reason` says in words why it waits until `not_before`. `dropped` counts
    what was too much to be kept."""

    waiting: int = 0
    dead: int = 0
    oldest_at: int | None = None
    not_before: int = 0
    failures: int = 0
    reason: str = ""
    dropped: int = 0
