"""What the pages show, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.gateway.pages.draw import Art, Shape

RowStatus = Literal["ready", "empty", "late", "failed"]


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of a title the profile has watched, from 0 to 1, and whether that is all of it."""

    share: float
    watched: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One title in a row or grid."""

    href: str
    name: str
    facts: str
    poster: str | None
    shape: Shape
    art: Art
    description: str = ""
    background: str | None = None
    also: str = ""
    """The other addons that have it, where a search found it more than once."""
    title_id: str = ""
    """By which viewing state knows it; empty for what has none."""
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A title as one line."""

    type: str
    id: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of posters. `late` is filled in by the page itself, from `fragment`."""

    key: str
    name: str
    addon_name: str
    href: str
    fragment: str
    status: RowStatus
    shape: Shape = "poster"
    cards: tuple[Card, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    id: str
    season: int
    number: int
    name: str
    released: datetime | None
    overview: str
    rating: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A title as its page tells it."""

    id: str
    type: str
    name: str
    poster: str | None = None
    background: str | None = None
    art: Art
    description: str = ""
    year: str = ""
    runtime: str = ""
    rating: str = ""
    genres: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    episodes: tuple[Episode, ...] = ()
    default_video: str = ""

    @property
    def seasons(self) -> tuple[int, ...]:
        """In watching order; specials, season 0, come last."""
        return tuple(sorted({episode.season for episode in self.episodes}, key=lambda n: (n == 0, n)))

    def episode(self, video_id: str) -> Episode | None:
        return next((episode for episode in self.episodes if episode.id == video_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One way to watch. `link` opens it; `copy` is what goes into a player; `watch` plays it here.

    `badges` is what is known of it; `also` says who has the same file.
    """

    name: str
    description: str
    addon_name: str
    kind: str
    link: str | None
    copy: str | None
    why: tuple[str, ...]
    badges: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    watch: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A source that the list leaves out, and why."""

    name: str
    addon_name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What is known about a video's sources so far; `waiting` while some addon may still answer. All but the
    first `shown` are folded away."""

    status: Literal["ready", "empty", "late", "failed"]
    items: tuple[Source, ...] = ()
    problems: tuple[str, ...] = ()
    problem: str = ""
    waiting: bool = False
    dropped: tuple[LeftOut, ...] = ()
    shown: int = 12
