"""Trakt's answers as they are sent. Members that aren't used are skipped; nearly all others may be null.

Times stay the text they came as: Trakt has some that are none, and one of them must not cost a whole page.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

ItemType = Literal["movie", "show", "season", "episode"]


class Ids(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Numbers may have 64 bits."""

    trakt: int | None = None
    slug: str | None = None
    imdb: str | None = None
    tmdb: int | None = None
    tvdb: int | None = None


class Movie(Struct, frozen=True, kw_only=True):
    """`runtime`, of films as of shows and episodes, is in minutes, and stands there only with
    `extended=full`."""

    title: str | None = None
    year: int | None = None
    runtime: int | None = None
    ids: Ids | None = None


class Show(Struct, frozen=True, kw_only=True):
    title: str | None = None
    year: int | None = None
    aired_episodes: int | None = None
    runtime: int | None = None
    ids: Ids | None = None


class Season(Struct, frozen=True, kw_only=True):
    number: int | None = None
    ids: Ids | None = None


class Episode(Struct, frozen=True, kw_only=True):
    season: int | None = None
    number: int | None = None
    runtime: int | None = None
    title: str | None = None
    ids: Ids | None = None


class WatchedMovie(Struct, frozen=True, kw_only=True):
    movie: Movie
    plays: int | None = None
    last_watched_at: str | None = None
    last_updated_at: str | None = None


class WatchedEpisode(Struct, frozen=True, kw_only=True):
    number: int
    plays: int | None = None
    last_watched_at: str | None = None


class WatchedSeason(Struct, frozen=True, kw_only=True):
    """`number` 0 are the specials."""

    number: int
    episodes: tuple[WatchedEpisode, ...] | None = None


class WatchedShow(Struct, frozen=True, kw_only=True):
    """`seasons` stand there only with `extended=progress`, and may be null even so."""

    show: Show
    plays: int | None = None
    last_watched_at: str | None = None
    last_updated_at: str | None = None
    reset_at: str | None = None
    seasons: tuple[WatchedSeason, ...] | None = None


class WatchlistItem(Struct, frozen=True, kw_only=True):
    type: str
    id: int | None = None
    rank: int | None = None
    listed_at: str | None = None
    movie: Movie | None = None
    show: Show | None = None
    season: Season | None = None
    episode: Episode | None = None


class PlaybackItem(Struct, frozen=True, kw_only=True):
    """`progress` is in hundredths of the whole."""

    type: str
    id: int
    progress: float | None = None
    paused_at: str | None = None
    movie: Movie | None = None
    show: Show | None = None
    episode: Episode | None = None


class HistoryItem(Struct, frozen=True, kw_only=True):
    """One play."""

    id: int
    type: str
    action: str = ""
    watched_at: str | None = None
    movie: Movie | None = None
    show: Show | None = None
    episode: Episode | None = None


class Found(Struct, frozen=True, kw_only=True):
    """What an id of another system stands for."""

    type: str
    movie: Movie | None = None


class ShowProgress(Struct, frozen=True, kw_only=True):
    """Of a show: how many episodes have aired, and how many of them were watched since it was begun anew."""

    aired: int | None = None
    completed: int | None = None


class MovieTimes(Struct, frozen=True, kw_only=True):
    watched_at: str | None = None
    watchlisted_at: str | None = None
    paused_at: str | None = None
    hidden_at: str | None = None


class EpisodeTimes(Struct, frozen=True, kw_only=True):
    watched_at: str | None = None
    watchlisted_at: str | None = None
    paused_at: str | None = None


class ShowTimes(Struct, frozen=True, kw_only=True):
    watchlisted_at: str | None = None
    hidden_at: str | None = None
    dropped_at: str | None = None


class SeasonTimes(Struct, frozen=True, kw_only=True):
    watchlisted_at: str | None = None
    hidden_at: str | None = None


class ListTimes(Struct, frozen=True, kw_only=True):
    updated_at: str | None = None


class AccountTimes(Struct, frozen=True, kw_only=True):
    settings_at: str | None = None


class Activities(Struct, frozen=True, kw_only=True):
    """When what last changed, by group. There is no time of watched shows: their episodes have it."""

    all: str | None = None
    movies: MovieTimes = MovieTimes()
    episodes: EpisodeTimes = EpisodeTimes()
    shows: ShowTimes = ShowTimes()
    seasons: SeasonTimes = SeasonTimes()
    watchlist: ListTimes = ListTimes()
    account: AccountTimes = AccountTimes()


class ItemLimit(Struct, frozen=True, kw_only=True):
    count: int | None = None
    item_count: int | None = None


class Limits(Struct, frozen=True, kw_only=True):
    list: ItemLimit | None = None
    watchlist: ItemLimit | None = None


class User(Struct, frozen=True, kw_only=True):
    username: str | None = None
    name: str | None = None
    vip: bool | None = None
    ids: Ids | None = None


class Settings(Struct, frozen=True, kw_only=True):
    """Of the account at Trakt."""

    user: User = User()
    limits: Limits | None = None


class DeviceCode(Struct, frozen=True, kw_only=True):
    """Of a sign-in by code. `device_code` is a secret, `user_code` what the user types at the address."""

    device_code: str
    user_code: str
    verification_url: str
    expires_in: int
    interval: int

    def __repr__(self) -> str:
        return "DeviceCode(hidden)"


class Tokens(Struct, frozen=True, kw_only=True):
    """A pair that ends `expires_in` seconds after `created_at`. The refresh token works once."""

    access_token: str
    refresh_token: str
    expires_in: int
    created_at: int

    def __repr__(self) -> str:
        return "Tokens(hidden)"
