"""What may be chosen about TMDB, and what is found there, for whoever has a key of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity

TmdbState = Literal["off", "works", "refused", "locked", "rate_held", "away"]
PosterSize = Literal["w185", "w342", "w500", "w780", "original"]
BackgroundSize = Literal["w300", "w780", "w1280", "original"]

POSTER_SIZES: tuple[PosterSize, ...] = get_args(PosterSize)
BACKGROUND_SIZES: tuple[BackgroundSize, ...] = get_args(BackgroundSize)
MAX_KEY_CHARS = 2000

ATTRIBUTION = "This product uses the TMDB API but is not endorsed or certified by TMDB."
"""TMDB's own words, which have to stand wherever its data is shown."""

TmdbLanguage: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^([a-z]{2}(-[A-Z]{2})?)?$", examples=["de-DE"])
]


class TmdbChoice(msgspec.Struct, frozen=True, kw_only=True):
    """How a profile is shown what TMDB knows.

    `language` is that of names and descriptions; empty, they stay as addons have them.
    """

    language: TmdbLanguage = ""
    poster_size: PosterSize = "w500"
    background_size: BackgroundSize = "w1280"


class TmdbKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """An account's key by its last four characters. `checked_at` is when TMDB last took it.

    `kind` is null for a key that can't be opened.
    """

    kind: Literal["api_key", "read_token"] | None
    ending: str
    saved_at: datetime
    checked_at: datetime | None = None
    refused_at: datetime | None = None


class TmdbSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`state` says whether titles are completed now, `detail` why not.

    The key is the account's, the choice this profile's.
    """

    state: TmdbState
    detail: str
    key: TmdbKeyView | None
    choice: TmdbChoice
    attribution: str = ATTRIBUTION


class NewTmdbKey(msgspec.Struct, frozen=True):
    """An API key (v3) or a read access token (v4), as TMDB shows it to its owner. Never printed."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_KEY_CHARS)]

    def __repr__(self) -> str:
        return "NewTmdbKey(hidden)"


class TmdbFound(msgspec.Struct, frozen=True, kw_only=True):
    """A title by the id that asks for it here. `poster` is an address."""

    id: str
    type: Literal["movie", "series"]
    name: str
    original_name: str
    year: int | None = None
    description: str = ""
    poster: str | None = None


class TmdbFoundPage(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[TmdbFound, ...]
    next_cursor: str | None = None
    attribution: str = ATTRIBUTION


class TmdbIds(msgspec.Struct, frozen=True, kw_only=True):
    """What other systems call a title; null where TMDB doesn't know."""

    tmdb: str
    imdb: str | None = None
    tvdb: str | None = None
    wikidata: str | None = None


class TmdbTitle(msgspec.Struct, frozen=True, kw_only=True):
    """A title as TMDB alone has it: its meta as players read it, its ids, its pictures in every size."""

    meta: msgspec.Raw
    ids: TmdbIds
    posters: dict[PosterSize, str]
    backgrounds: dict[BackgroundSize, str]
    attribution: str = ATTRIBUTION


SETTINGS_PATH = "/api/v1/settings/tmdb"
KEY_PATH = f"{SETTINGS_PATH}/key"
CHECK_PATH = f"{SETTINGS_PATH}/check"


class TmdbSettingsClient:
    """Typed calls about an account's key and a profile's choice."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def get(self, identity: Identity, *, deadline: Deadline) -> TmdbSettings:
        return await self._service.call(
            "GET", SETTINGS_PATH, identity=identity, deadline=deadline, into=TmdbSettings
        )

    async def choose(self, identity: Identity, choice: TmdbChoice, *, deadline: Deadline) -> TmdbSettings:
        return await self._service.call(
            "PUT", SETTINGS_PATH, identity=identity, deadline=deadline, body=choice, into=TmdbSettings
        )

    async def save_key(self, identity: Identity, key: NewTmdbKey, *, deadline: Deadline) -> TmdbSettings:
        """Raises InvalidInput for a key that TMDB refuses, an upstream's error where it can't be asked."""
        return await self._service.call(
            "PUT", KEY_PATH, identity=identity, deadline=deadline, body=key, into=TmdbSettings
        )

    async def check(self, identity: Identity, *, deadline: Deadline) -> TmdbSettings:
        return await self._service.call(
            "POST", CHECK_PATH, identity=identity, deadline=deadline, into=TmdbSettings
        )

    async def remove_key(self, identity: Identity, *, deadline: Deadline) -> None:
        await self._service.call("DELETE", KEY_PATH, identity=identity, deadline=deadline, into=type(None))
