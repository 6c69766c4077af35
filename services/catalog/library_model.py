"""The values of the library, and the rules that need nothing but them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

import msgspec

from libs.common.contracts.handover import RowKind
from libs.common.contracts.library import ItemKind, MatchState, PlayMode, ProviderKind, ProviderStatus
from services.catalog.model import Owner

KINDS: Mapping[ItemKind, int] = MappingProxyType({"channels": 1, "movies": 2, "series": 3})
"""How kinds are stored."""
KIND_NAMES: Mapping[int, ItemKind] = MappingProxyType({number: name for name, number in KINDS.items()})
NAMELESS = "Without a name"
"""What players are told of a row without one: they would show an id, or nothing."""
ROW_KINDS: tuple[RowKind, ...] = ("channels", "movies", "series", "episodes", "programmes")

MatchRule: TypeAlias = Literal[
    "",
    "later",
    "chosen",
    "imdb_id",
    "tmdb_id",
    "name",
    "near_name",
    "name_only",
    "best_known",
    "doubtful",
    "several",
    "little_known",
    "ids_disagree",
    "none",
]
"""Why an item is taken for a title of IMDb, or for none. "" is still to be looked for; "later" too, once the
provider's other rows have told which title its id of TMDB is."""
OPEN_RULES: tuple[MatchRule, ...] = ("", "later")
RULES_OF: Mapping[MatchState, tuple[MatchRule, ...]] = MappingProxyType(
    {
        "matched": ("imdb_id", "tmdb_id", "name", "near_name", "name_only", "best_known"),
        "doubtful": ("doubtful", "several", "little_known", "ids_disagree"),
        "unmatched": ("none", *OPEN_RULES),
        "chosen": ("chosen",),
    }
)
NO_TITLE: tuple[MatchRule, ...] = (*RULES_OF["doubtful"], "none")
"""Of what was looked for and not found."""

PREFIX = "hg:"
LARGEST_ID = 2**31 - 1
"""Players read the numbers that the hub gives out as 32 bits with a sign."""


def public_id(number: int) -> str:
    return f"{PREFIX}{number}"


def number_of(public: str) -> int | None:
    """The number in `hg:123`, None for what no id of ours is."""
    text = public.removeprefix(PREFIX)
    if text == public or not text.isascii() or not text.isdecimal() or len(text) > 10:
        return None
    number = int(text)
    return number if 0 < number <= LARGEST_ID else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An account at a provider as stored. Times are epoch milliseconds, `expires_at` epoch seconds.

    `number` stands for it in its rows. `run` is the run that may write now, "" for none.
    """

    number: int
    id: str
    owner: Owner
    kind: ProviderKind
    name: str
    host: str
    sealed: bytes = field(repr=False)
    play: PlayMode
    first_sync: bool
    created_at: int
    status: ProviderStatus
    problem: str
    checked_at: int | None
    expires_at: int | None
    max_connections: int | None
    formats: tuple[str, ...]
    zone: str
    run: str
    run_number: int
    synced_at: int | None
    guide_synced_at: int | None
    revision: int
    """Rises with everything that is written of it: what was made of its rows holds while it is the same."""
    rests_until: int = 0
    """Until then the provider wants no questions about single titles."""


class More(msgspec.Struct, frozen=True, gc=False):
    """What only details pages and players want of an item, as `ItemRow.more` has it."""

    number: int | None = None
    archive_days: int = 0
    is_radio: bool = False
    is_adult: bool = False
    plot: str = ""
    cast: str = ""
    director: str = ""
    trailer: str = ""
    duration_s: int | None = None
    backdrop: str = ""
    original: str = ""


_MORE = msgspec.json.Decoder(More)


class Item(msgspec.Struct, frozen=True, gc=False):
    """A channel, a film or a series as stored. `kind` and `provider` are numbers, `rating` is in tenths,
    `added` in epoch seconds with 0 for unknown, `genres` bits and `language` a number of `library_terms`.

    `category` is the first of its categories, 0 for none.
    """

    id: int
    provider: int
    kind: int
    panel_id: int
    name: str
    title: str
    sort: str
    year: int | None
    rating: int | None
    added: int
    category: int
    language: int
    genres: int
    tmdb: int | None
    guide_id: str
    icon: str
    extension: str
    match_imdb: int | None
    more: str
    is_favourite: bool

    def told(self) -> More:
        return _MORE.decode(self.more) if self.more else More()


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a provider tells of a film or a series beyond its list. `bitrate` is in kbit/s."""

    original_name: str = ""
    plot: str = ""
    cast: str = ""
    director: str = ""
    genre: str = ""
    country: str = ""
    age: str = ""
    picture: str = ""
    backdrops: tuple[str, ...] = ()
    trailer: str = ""
    release_date: str = ""
    duration_s: int | None = None
    bitrate: int | None = None
    video_codec: str = ""
    width: int | None = None
    height: int | None = None
    audio_codec: str = ""
    audio_channels: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Season 0 is what stands beside the others."""

    number: int
    name: str = ""
    plot: str = ""
    air_date: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A stream of an episode; several may share season and number. `rating` is in tenths, `added` in seconds.

    `more` is a JSON object like an item's.
    """

    id: int
    provider: int
    series: int
    season: int
    number: int | None
    panel_id: int
    title: str = ""
    plot: str = ""
    air_date: str = ""
    picture: str = ""
    added: int = 0
    extension: str = ""
    duration_s: int | None = None
    rating: int | None = None
    sealed_url: bytes | None = field(default=None, repr=False)
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detailed:
    """What is held of a film or a series in full. `problem` says why it is missing or old.

    `fetched_at` is in epoch milliseconds, None where nothing was ever told. Films have no seasons.
    """

    told: Told = field(default_factory=Told)
    seasons: tuple[Season, ...] = ()
    episodes: tuple[Episode, ...] = ()
    fetched_at: int | None = None
    problem: str = ""
