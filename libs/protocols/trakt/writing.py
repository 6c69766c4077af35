"""What is sent to change something, and what comes back. Absent members are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct, field

from libs.protocols.trakt.wire import Ids

ScrobbleAction = Literal["start", "pause", "stop"]


class EpisodeOf(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An episode of a season that is named around it."""

    number: int
    watched_at: str | None = None


class SeasonOf(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A season of a show that is named around it; without `episodes` the whole of it."""

    number: int
    watched_at: str | None = None
    episodes: Sequence[EpisodeOf] = ()


class Item(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A film, a show or an episode. `watched_at` is a time, "released" or "unknown"."""

    ids: Ids
    title: str | None = None
    year: int | None = None
    watched_at: str | None = None
    seasons: Sequence[SeasonOf] = ()


class Items(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be changed at once. `ids` are those of plays, and only for taking plays away."""

    movies: Sequence[Item] = ()
    shows: Sequence[Item] = ()
    seasons: Sequence[Item] = ()
    episodes: Sequence[Item] = ()
    ids: Sequence[int] = ()


class EpisodeAt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    season: int
    number: int


class Scrobble(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A film, or an episode by its own ids, or a show with the place of an episode in it."""

    movie: Item | None = None
    show: Item | None = None
    episode: Item | EpisodeAt | None = None


class ScrobbleBody(Scrobble, frozen=True, kw_only=True, omit_defaults=True):
    progress: float


class Scrobbled(Struct, frozen=True, kw_only=True):
    """`id` is that of the play, 0 until there is one. `action` may be "scrobble", too."""

    id: int = 0
    action: str = ""
    progress: float | None = None


class Tally(Struct, frozen=True, kw_only=True):
    movies: int = 0
    shows: int = 0
    seasons: int = 0
    episodes: int = 0

    @property
    def all(self) -> int:
        return self.movies + self.shows + self.seasons + self.episodes


class Missed(Struct, frozen=True, kw_only=True):
    """An item as it was sent, which Trakt does not know."""

    ids: Ids | None = None


class NotFound(Struct, frozen=True, kw_only=True):
    movies: tuple[Missed, ...] = ()
    shows: tuple[Missed, ...] = ()
    seasons: tuple[Missed, ...] = ()
    episodes: tuple[Missed, ...] = ()
    ids: tuple[int, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.movies or self.shows or self.seasons or self.episodes or self.ids)


class ListState(Struct, frozen=True, kw_only=True):
    updated_at: str | None = None
    item_count: int | None = None


class Changed(Struct, frozen=True, kw_only=True):
    """What came of a change; which members stand there depends on which it was."""

    added: Tally = Tally()
    existing: Tally = Tally()
    updated: Tally = Tally()
    deleted: Tally = Tally()
    not_found: NotFound = NotFound()
    list_: ListState | None = field(default=None, name="list")
