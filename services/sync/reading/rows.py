"""What entries of a panel become: rows as catalog takes them, in the order of ItemRow's members."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from libs.protocols.xtream.rows import Channel, Movie, Series
from libs.providers.pictures import picture_of
from libs.titles.decoration import Plain, undecorated
from libs.titles.folding import fold
from services.sync.reading.out import Row

LONGEST_NAME: Final = 500
LONGEST_TEXT: Final = 4000
LONGEST_CAST: Final = 1000
LONGEST_ADDRESS: Final = 2000
LONGEST_WORDS: Final = 2000
MOST_CATEGORIES: Final = 50
MOST_GENRES: Final = 8
LONGEST_GENRE: Final = 40
LARGEST: Final = 2**31 - 1
"""What a column of whole numbers takes on every engine."""
_MS_SINCE: Final = 100_000_000_000
"""Seconds will be that many in the year 5138: what is more counts thousandths."""

_GENRES: Final = re.compile(r"\s*[,/|;]\s*")

_encode = msgspec.json.Encoder().encode


def plain(name: str) -> Plain:
    return undecorated(name)


def words_of(sort: str, *others: str) -> str:
    """With one space between them and none around: an empty word can't be looked up."""
    said = [fold(other) for other in others if other]
    return " ".join(filter(None, (sort, *said)))[:LONGEST_WORDS].rstrip() if said else sort


def channel_row(channel: Channel, found: int) -> Row:
    name = channel.name[:LONGEST_NAME]
    told = plain(name)
    sort = fold(told.text)
    more: dict[str, object] = {}
    if channel.number is not None:
        more["number"] = channel.number
    if channel.has_archive and channel.archive_days:
        more["archive_days"] = min(channel.archive_days, 365)
    if channel.is_radio:
        more["is_radio"] = True
    if channel.is_adult:
        more["is_adult"] = True
    return (
        channel.id,
        found,
        name,
        told.text,
        sort,
        None,
        None,
        _since(channel.added),
        channel.category_ids[:MOST_CATEGORIES],
        told.language,
        (),
        None,
        None,
        channel.guide_id[:LONGEST_NAME],
        picture(channel.icon),
        "",
        words_of(sort),
        _encode(more).decode() if more else "{}",
        "",
    )


def movie_row(movie: Movie, found: int) -> Row:
    return _title_row(movie, found, (movie.icon, movie.added, movie.extension[:16]), {})


def series_row(series: Series, found: int) -> Row:
    more: dict[str, object] = {}
    if series.backdrops:
        more["backdrop"] = picture(series.backdrops[0])
    return _title_row(series, found, (series.cover, series.modified, ""), more)


def _title_row(
    title: Movie | Series, found: int, differing: tuple[str, int | None, str], more: dict[str, object]
) -> Row:
    """`differing` is what films and series call otherwise: the picture, since when, the extension."""
    icon, since, extension = differing
    name = (title.name or title.title)[:LONGEST_NAME]
    told = plain(name)
    sort = fold(told.text)
    words = words_of(sort, title.cast, title.director)
    if title.plot or title.cast or title.director or title.trailer or title.duration_s or title.is_adult:
        _tell(title, more)
    genre = title.genre
    return (
        title.id,
        found,
        name,
        told.text,
        sort,
        title.year or told.year,
        round(title.rating * 10) if title.rating else None,
        _since(since),
        title.category_ids[:MOST_CATEGORIES],
        told.language,
        genres_of(genre[:LONGEST_CAST]) if genre else (),
        title.tmdb_id if title.tmdb_id is not None and title.tmdb_id <= LARGEST else None,
        _imdb(title.imdb_id),
        "",
        picture(icon),
        extension,
        words,
        _encode(more).decode() if more else "{}",
        "",
    )


def _tell(title: Movie | Series, more: dict[str, object]) -> None:
    for member, text, longest in (
        ("plot", title.plot, LONGEST_TEXT),
        ("cast", title.cast, LONGEST_CAST),
        ("director", title.director, LONGEST_CAST),
        ("trailer", title.trailer, LONGEST_NAME),
    ):
        if text:
            more[member] = text[:longest]
    if title.duration_s:
        more["duration_s"] = min(title.duration_s, LARGEST)
    if title.is_adult:
        more["is_adult"] = True


@lru_cache(maxsize=1024)
def genres_of(text: str) -> tuple[str, ...]:
    found = _GENRES.split(text.strip())
    return tuple(dict.fromkeys(one[:LONGEST_GENRE] for one in found if one))[:MOST_GENRES]


def _since(moment: int | None) -> int:
    if moment is None:
        return 0
    return moment if moment < _MS_SINCE else min(moment // 1000, _MS_SINCE)


def _imdb(text: str | None) -> int | None:
    number = int(text[2:]) if text else 0
    return number if 0 < number <= LARGEST else None


def picture(text: str) -> str:
    """The address as it is kept, "" for one that nobody is to be given."""
    return picture_of(text) if len(text) <= LONGEST_ADDRESS else ""
