"""The library as people see it: accounts at IPTV providers, and what those have.

Ids are text: an account's is a token, an item's, an episode's and a category's `hg:` and a number that stays.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

import msgspec

ProviderKind: TypeAlias = Literal["xtream", "m3u"]
ItemKind: TypeAlias = Literal["channels", "movies", "series"]
ProviderStatus: TypeAlias = Literal[
    "unchecked", "active", "expired", "banned", "disabled", "refused", "unreachable", "unreadable"
]
PlayMode: TypeAlias = Literal["proxy", "redirect"]
"""`redirect` shows the provider's own address, and with it the account there, to whoever plays."""
Sort: TypeAlias = Literal["title", "-title", "added", "-added", "rating", "-rating", "year", "-year"]
"""A minus turns the order round: `-added` begins with the newest, `-rating` with the best."""
MatchState: TypeAlias = Literal["matched", "doubtful", "unmatched", "chosen"]

_NAME = msgspec.Meta(max_length=100)
_URL = msgspec.Meta(max_length=2000)
_CREDENTIAL = msgspec.Meta(min_length=1, max_length=200)
Moment: TypeAlias = Annotated[
    datetime,
    msgspec.Meta(
        extra_json_schema={
            "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:00Z$"
        },
        examples=["2026-01-31T20:15:00Z"],
    ),
]
"""Any moment as RFC 3339 writes it. In a query an empty text would be a schema's date and time, too."""


class ItemTotals(msgspec.Struct, frozen=True, kw_only=True):
    channels: int = 0
    movies: int = 0
    series: int = 0
    episodes: int = 0
    categories: int = 0
    programmes: int = 0


class ProviderView(msgspec.Struct, frozen=True, kw_only=True):
    """An account at a provider; never its user name, password or whole address.

    `problem` is one sentence that says what happened and what to do, "" while all is well. `is_outdated`:
    the provider didn't answer the last time, so what is shown is what it had before.
    """

    id: str
    kind: ProviderKind
    name: str
    host: str
    status: ProviderStatus
    problem: str
    is_outdated: bool
    checked_at: datetime | None
    expires_at: datetime | None
    max_connections: int | None
    play: PlayMode
    created_at: datetime
    synced_at: datetime | None
    guide_synced_at: datetime | None
    totals: ItemTotals


class ProviderList(msgspec.Struct, frozen=True):
    items: tuple[ProviderView, ...]


class _Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing of it prints."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"


class NewXtreamAccount(_Credentials, frozen=True, kw_only=True):
    """`url` may be any address of the panel, also one with the credentials in it, which then may be empty.

    `sync` false leaves the first sync to whoever asks for it.
    """

    url: Annotated[str, _URL]
    name: Annotated[str, _NAME] = ""
    username: Annotated[str, msgspec.Meta(max_length=200)] = ""
    password: Annotated[str, msgspec.Meta(max_length=200)] = ""
    sync: bool = True


class NewM3uAccount(_Credentials, frozen=True, kw_only=True):
    """`guide_url` is an XMLTV file; without it those that the list itself names are read."""

    url: Annotated[str, _URL]
    name: Annotated[str, _NAME] = ""
    guide_url: Annotated[str, _URL] = ""
    user_agent: Annotated[str, msgspec.Meta(max_length=200)] = ""
    sync: bool = True


class XtreamAccountPatch(_Credentials, frozen=True, kw_only=True):
    """Only what is named changes. A new address or password is checked first; refused, it changes nothing."""

    name: Annotated[str, _NAME] | msgspec.UnsetType = msgspec.UNSET
    url: Annotated[str, _URL] | msgspec.UnsetType = msgspec.UNSET
    username: Annotated[str, _CREDENTIAL] | msgspec.UnsetType = msgspec.UNSET
    password: Annotated[str, _CREDENTIAL] | msgspec.UnsetType = msgspec.UNSET
    play: PlayMode | msgspec.UnsetType = msgspec.UNSET


class M3uAccountPatch(_Credentials, frozen=True, kw_only=True):
    """Only what is named changes. A new address is checked first; refused, it changes nothing."""

    name: Annotated[str, _NAME] | msgspec.UnsetType = msgspec.UNSET
    url: Annotated[str, _URL] | msgspec.UnsetType = msgspec.UNSET
    guide_url: Annotated[str, _URL] | msgspec.UnsetType = msgspec.UNSET
    user_agent: Annotated[str, msgspec.Meta(max_length=200)] | msgspec.UnsetType = msgspec.UNSET
    play: PlayMode | msgspec.UnsetType = msgspec.UNSET


class Confirmation(msgspec.Struct, frozen=True):
    """What can't be taken back wants the account's name written out."""

    confirm: Annotated[str, _NAME]


class CategoryView(msgspec.Struct, frozen=True, kw_only=True):
    """`items` counts what is in it. A hidden one, and what is in it alone, is shown to no player."""

    id: str
    account_id: str
    kind: ItemKind
    name: str
    items: int
    is_hidden: bool


class CategoryList(msgspec.Struct, frozen=True):
    items: tuple[CategoryView, ...]


class NowNext(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    start: datetime
    stop: datetime


class ItemView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A channel, a film or a series of one account. `title` is `listed_as` without what panels add to it.

    `imdb_id` is the title it was found to be. Of channels `number`, `guide_id`, `archive_days` and what is on
    are told; `seasons` and `episodes` once a series' details are here.
    """

    id: str
    kind: ItemKind
    account_id: str
    title: str
    listed_as: str
    added_at: datetime | None = None
    category_id: str | None = None
    category: str = ""
    picture: str = ""
    year: int | None = None
    rating: float | None = None
    language: str = ""
    genres: tuple[str, ...] = ()
    imdb_id: str | None = None
    tmdb_id: int | None = None
    is_favourite: bool = False
    number: int | None = None
    guide_id: str = ""
    archive_days: int = 0
    is_radio: bool = False
    now: NowNext | None = None
    next: NowNext | None = None
    seasons: int | None = None
    episodes: int | None = None


class ItemPage(msgspec.Struct, frozen=True, kw_only=True):
    """`total` is told where it is known without counting."""

    items: tuple[ItemView, ...]
    next_cursor: str | None = None
    total: int | None = None


class ItemQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters are all met at once. `genre` and `language` as the lists name them; times as RFC 3339."""

    account: str = ""
    category: str = ""
    genre: str = ""
    language: str = ""
    year: Annotated[int, msgspec.Meta(ge=1800, le=2200)] | None = None
    year_from: Annotated[int, msgspec.Meta(ge=1800, le=2200)] | None = None
    year_to: Annotated[int, msgspec.Meta(ge=1800, le=2200)] | None = None
    rating_from: Annotated[float, msgspec.Meta(ge=0, le=10)] | None = None
    added_since: Moment | None = None
    favourites: bool = False
    sort: Sort = "title"
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    cursor: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class CategoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    kind: ItemKind | None = None
    account: str = ""


class FacetView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    items: int


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """What lists can be filtered by, most frequent first."""

    genres: tuple[FacetView, ...] = ()
    languages: tuple[FacetView, ...] = ()


class EpisodeView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    season: int
    number: int | None
    title: str = ""
    plot: str = ""
    air_date: str = ""
    picture: str = ""
    duration_s: int | None = None
    added_at: datetime | None = None


class SeasonView(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    name: str
    episodes: tuple[EpisodeView, ...]


class TitleDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    plot: str = ""
    cast: str = ""
    director: str = ""
    backdrop: str = ""
    trailer: str = ""
    duration_s: int | None = None


class MovieView(msgspec.Struct, frozen=True, kw_only=True):
    """`versions` are the account's other rows of the same title: languages and qualities."""

    item: ItemView
    details: TitleDetails
    versions: tuple[ItemView, ...] = ()


class SeriesView(msgspec.Struct, frozen=True, kw_only=True):
    """`problem` says why seasons are missing or old, where the provider couldn't be asked."""

    item: ItemView
    details: TitleDetails
    seasons: tuple[SeasonView, ...]
    versions: tuple[ItemView, ...] = ()
    problem: str = ""


class ProgrammeView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    start: datetime
    stop: datetime
    title: str
    subtitle: str = ""
    plot: str = ""
    categories: tuple[str, ...] = ()
    season: int | None = None
    episode: int | None = None


class ChannelView(msgspec.Struct, frozen=True, kw_only=True):
    item: ItemView
    programmes: tuple[ProgrammeView, ...] = ()


class GuideQuery(msgspec.Struct, frozen=True, kw_only=True):
    """From two hours ago until a day from now, unless it says otherwise; a week, and 100 channels at most."""

    channels: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9:]{1,20}$", examples=["hg:1"])], ...],
        msgspec.Meta(min_length=1, max_length=100),
    ]
    start: Moment | None = msgspec.field(name="from", default=None)
    stop: Moment | None = msgspec.field(name="to", default=None)


class Guide(msgspec.Struct, frozen=True):
    """Channels in the order in which they were asked for, without those that are not there."""

    items: tuple[ChannelView, ...]


class FoundProgramme(msgspec.Struct, frozen=True, kw_only=True):
    channel: ItemView
    programme: ProgrammeView


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Best first. `programmes` are on now or later."""

    items: tuple[ItemView, ...]
    programmes: tuple[FoundProgramme, ...] = ()


class FindQuery(msgspec.Struct, frozen=True, kw_only=True):
    q: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    kinds: Annotated[
        str, msgspec.Meta(pattern="^(channels|movies|series)(,(channels|movies|series)){0,2}$")
    ] = "channels,movies,series"
    account: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is None for what is gone."""

    kind: ItemKind
    what: Literal["added", "changed", "removed"]
    name: str
    id: str | None


class ChangeList(msgspec.Struct, frozen=True, kw_only=True):
    """Of the last run, the first 200 of each kind and sort of change."""

    items: tuple[ChangeView, ...]
    run_number: int = 0


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """`score` runs 0 to 100; `why` is short words for people."""

    imdb_id: str
    name: str
    year: int | None
    score: int
    why: str = ""


class MatchView(msgspec.Struct, frozen=True, kw_only=True):
    item: ItemView
    state: MatchState
    score: int | None
    why: str
    candidates: tuple[Candidate, ...] = ()


class MatchPage(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[MatchView, ...]
    next_cursor: str | None = None


class MatchQuery(msgspec.Struct, frozen=True, kw_only=True):
    state: MatchState = "doubtful"
    kind: Literal["movies", "series"] = "movies"
    account: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 25
    cursor: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class MatchChoice(msgspec.Struct, frozen=True, kw_only=True):
    """`imdb_id` None says that it is none of the known titles. `only_this` false decides for every row of the
    profile's accounts that is named so, also for those to come."""

    imdb_id: Annotated[str, msgspec.Meta(pattern="^tt0{0,6}[1-9][0-9]{0,8}$", examples=["tt0017136"])] | None
    only_this: bool = False


class LibraryStats(msgspec.Struct, frozen=True, kw_only=True):
    """`size_bytes` is that of the whole database, told to administrators alone."""

    totals: ItemTotals
    matched: int = 0
    doubtful: int = 0
    unmatched: int = 0
    size_bytes: int | None = None
    upkept_at: datetime | None = None
