"""What is asked of TMDB, by whom, and what is kept of its answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from libs.common.contracts.tmdb import TmdbChoice
from libs.protocols.tmdb.key import TmdbKey
from libs.protocols.tmdb.wire import Kind
from services.catalog.identity.ids import id_of

System = Literal["imdb", "tmdb", "tvdb", "name"]

KINDS: dict[str, Kind] = {"movie": "movie", "series": "tv"}
"""By the type of a Stremio title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """An account's key; None for one that can't be opened with the hub's secret key. Times in epoch ms.

    One that TMDB has refused is not used again until it takes it, or another is saved.
    """

    account_id: str
    key: TmdbKey | None = field(repr=False)
    saved_at: int
    checked_at: int | None
    refused_at: int | None

    @property
    def usable(self) -> bool:
        return self.key is not None and self.refused_at is None


@dataclass(frozen=True, slots=True)
class Tmdb:
    """How a profile uses TMDB: not at all without a key."""

    choice: TmdbChoice = field(default_factory=TmdbChoice)
    held: HeldKey | None = None

    @property
    def asks(self) -> bool:
        return self.held is not None and self.held.usable


@dataclass(frozen=True, slots=True)
class Question:
    """A title by one of its ids. TMDB numbers films and series apart, so its own ids need the kind.

    By name it is only asked for with a year: `id` is both, "1927 metropolis".
    """

    kind: Kind | None
    system: System
    id: str
    language: str
    episodes: bool = False
    """Whether those are wanted, too: they are a question or several more."""

    @property
    def name(self) -> str:
        """What its answer is kept under."""
        wanted = ":episodes" if self.episodes else ""
        return f"{self.kind or 'any'}:{self.system}:{self.id}:{self.language}{wanted}"


class EpisodeFacts(msgspec.Struct, frozen=True, array_like=True):
    """`still` is a path, as other pictures are."""

    season: int
    number: int
    name: str
    description: str
    released: str
    still: str


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A title as TMDB knows it. Pictures are paths, since their size is chosen by whoever looks.

    `name` and `description` are the best there is; the `local` ones are in the language asked for, or empty.
    """

    kind: Kind
    tmdb_id: int
    imdb_id: str = ""
    tvdb_id: int = 0
    wikidata_id: str = ""
    name: str = ""
    local_name: str = ""
    description: str = ""
    local_description: str = ""
    poster: str = ""
    background: str = ""
    logo: str = ""
    genres: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    runtime_min: int = 0
    released: str = ""
    years: str = ""
    episodes: tuple[EpisodeFacts, ...] = ()


def question_of(type_: str, title_id: str, language: str) -> Question | None:
    """The question that a title's id makes; None for an id that TMDB can't be asked by."""
    found = id_of(title_id)
    return None if found is None else asked_by(type_, found[0], found[1], language)


def asked_by(type_: str, system: str, id_: str, language: str) -> Question | None:
    kind = KINDS.get(type_)
    if system == "imdb":
        return Question(kind, "imdb", id_, language)
    if system == "tmdb" and kind is not None:
        return Question(kind, "tmdb", id_, language)
    if system == "tvdb" and kind == "tv":
        return Question(kind, "tvdb", id_, language)
    if system == "name" and kind is not None and id_:
        return Question(kind, "name", id_, language)
    return None
