"""What a line of each data set means.

IMDb writes TSV without quoting, `\\N` for nothing. A line that can't be meant raises Unusable with a short
stable reason; ValueError says the same of a number that is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from libs.protocols.imdb.ids import MOST

SetName: TypeAlias = Literal["ratings", "episodes", "titles", "akas"]

Value: TypeAlias = int | str | bool | None
Row: TypeAlias = tuple[Value, ...]

NOTHING = "\\N"
MALFORMED = "malformed"
MAX_NUMBER = 2**31 - 1
EPISODE_TYPE = "tvEpisode"
KNOWN_TYPES = frozenset(
    {
        "movie",
        "short",
        "tvSeries",
        "tvMiniSeries",
        "tvMovie",
        "tvSpecial",
        "tvShort",
        "tvPilot",
        "video",
        "videoGame",
        EPISODE_TYPE,
    }
)
LEFT_OUT = frozenset({"unplaced", "episode_title"})
"""Reasons that say nothing against the file: it holds rows that nobody can ask for."""


class Unusable(Exception):
    """This row can't be used; the text is a short stable reason."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """One file. `key` is how many values in front make a row unique; `read` makes a row of a line's fields.

    `note` is a remark about a row that is kept, or nothing.
    """

    name: SetName
    file: str
    header: tuple[str, ...]
    key: int
    read: Callable[[Sequence[str]], Row]
    note: Callable[[Row], str] = lambda _row: ""


def _rating(fields: Sequence[str]) -> Row:
    """Title number, rating in tenths, votes."""
    title, rating, votes = fields
    value = float(rating)
    if not 1 <= value <= 10:  # NaN is neither
        raise Unusable("rating_out_of_range")
    return _number(title), round(value * 10), _count(votes)


def _episode(fields: Sequence[str]) -> Row:
    """Series, season, episode, and the episode's own title number."""
    title, series, season, episode = fields
    if NOTHING in (season, episode):
        raise Unusable("unplaced")
    return _number(series), _count(season), _count(episode), _number(title)


def _title(fields: Sequence[str]) -> Row:
    """Number, type, name, original name ("" where the same), year, last year, minutes, genres, adult."""
    title, type_, name, original, adult, year, end_year, runtime, genres = fields
    if type_ == EPISODE_TYPE:
        raise Unusable("episode_title")
    if name == NOTHING or not name or "\0" in name or "\0" in original:
        raise Unusable("unnamed")
    if adult not in {"0", "1"} or not type_.isalnum():
        raise Unusable(MALFORMED)
    return (
        _number(title),
        type_,
        name,
        "" if original in {name, NOTHING} else original,
        _optional(year),
        _optional(end_year),
        _optional(runtime),
        "" if genres == NOTHING else genres,
        adult == "1",
    )


def _aka(fields: Sequence[str]) -> Row:
    """Number, its place in the list, name, region and language ("" where none is named)."""
    title, place, name, region, language, _types, _attributes, _is_original = fields
    if name == NOTHING or not name or "\0" in name:
        raise Unusable("unnamed")
    return (
        _number(title),
        _count(place),
        name,
        "" if region == NOTHING else region,
        "" if language == NOTHING else language,
    )


def _unknown_type(row: Row) -> str:
    return "" if row[1] in KNOWN_TYPES else "unknown_type"


def _number(title: str) -> int:
    digits = title[2:]
    if title[:2] != "tt" or not digits.isdecimal():
        raise Unusable(MALFORMED)
    number = int(digits)
    if number >= MOST:
        raise Unusable("id_out_of_range")
    return number


def _count(text: str) -> int:
    if not text.isdecimal():
        raise Unusable(MALFORMED)
    number = int(text)
    if number > MAX_NUMBER:
        raise Unusable("number_out_of_range")
    return number


def _optional(text: str) -> int | None:
    return None if text == NOTHING else _count(text)


_ALL = (
    DataSet("ratings", "title.ratings.tsv.gz", ("tconst", "averageRating", "numVotes"), 1, _rating),
    DataSet(
        "episodes",
        "title.episode.tsv.gz",
        ("tconst", "parentTconst", "seasonNumber", "episodeNumber"),
        4,
        _episode,
    ),
    DataSet(
        "titles",
        "title.basics.tsv.gz",
        (
            "tconst",
            "titleType",
            "primaryTitle",
            "originalTitle",
            "isAdult",
            "startYear",
            "endYear",
            "runtimeMinutes",
            "genres",
        ),
        1,
        _title,
        _unknown_type,
    ),
    DataSet(
        "akas",
        "title.akas.tsv.gz",
        (
            "titleId",
            "ordering",
            "title",
            "region",
            "language",
            "types",
            "attributes",
            "isOriginalTitle",
        ),
        2,
        _aka,
    ),
)
DATA_SETS: Mapping[SetName, DataSet] = MappingProxyType({one.name: one for one in _ALL})
