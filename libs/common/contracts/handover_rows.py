"""What is handed over, as lines of JSON and as bytes: for who reads and writes it, not for who sends it."""

from __future__ import annotations

import array
import sys
from collections.abc import Collection
from typing import Literal, TypeAlias

import msgspec

RowKind: TypeAlias = Literal["channels", "movies", "series", "episodes", "programmes"]
"""`episodes` come in this way from M3U lists alone; a panel tells them series by series."""
CategoryKind: TypeAlias = Literal["channels", "movies", "series"]


class ItemRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A channel, a film or a series. `hash` is of everything the provider says about it.

    `sort` is the folded title, `words` what it is searched by. `rating` is in tenths of 0 to 10, `added` in
    epoch seconds, 0 where unknown. `more` is a JSON object of what only details pages and players want:
    number, archive_days, is_radio, is_adult, plot, cast, director, trailer, duration_s, backdrop, original.
    `url` is only an M3U's: an address and, in a second line if there is one, a JSON object of how it is asked
    (`headers`, `catchup`). It is kept sealed.
    """

    panel_id: int
    hash: int
    name: str
    title: str
    sort: str
    year: int | None
    rating: int | None
    added: int
    categories: tuple[str, ...]
    language: str
    genres: tuple[str, ...]
    tmdb: int | None
    imdb: int | None
    guide_id: str
    icon: str
    extension: str
    words: str
    more: str
    url: str = ""


class EpisodeRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`series` is the panel_id of its series, which has to come first."""

    panel_id: int
    hash: int
    series: int
    season: int
    number: int | None
    title: str
    added: int
    extension: str
    picture: str
    url: str


class ProgrammeRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Times are epoch seconds. `categories` are parted by lines."""

    guide_id: str
    start: int
    stop: int
    hash: int
    title: str
    sort: str
    subtitle: str
    plot: str
    categories: str
    icon: str
    season: int | None
    episode: int | None


CATEGORY_CHARS = 200
"""Of a category's id and of its name: they are cut there."""


class CategoryRow(msgspec.Struct, frozen=True, array_like=True):
    panel_id: str
    name: str


def packed(hashes: Collection[int]) -> bytes:
    """Little-endian, 8 bytes each."""
    numbers = array.array("q", hashes)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpacked(body: bytes) -> array.array[int]:
    """Raises ValueError for a length that none has."""
    numbers = array.array("q")
    numbers.frombytes(body)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
