"""The ids of public systems that stand in a meta.

A number says nothing without its system. TMDB and TVDB number films and series apart, which is why only
entries of one kind are ever compared. Addons write "no id" as null, an empty text, 0 or "0".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, get_args

from libs.protocols.stremio.ids import split_video_id
from libs.protocols.stremio.reading import text

System = Literal["imdb", "tmdb", "tvdb", "kitsu", "mal", "anilist", "anidb"]
PublicId = tuple[System, str]

SYSTEMS: Final[tuple[System, ...]] = get_args(System)
"""The most trusted first."""

_BY_NAME: Final[dict[str, System]] = {
    **{system: system for system in SYSTEMS},
    "moviedb": "tmdb",
    "themoviedb": "tmdb",
    "thetvdb": "tvdb",
    "myanimelist": "mal",
}
_FIELD: Final = re.compile(r"(imdb|tmdb|moviedb|tvdb|kitsu|mal|anilist|anidb)_?id", re.IGNORECASE)
_IMDB: Final = re.compile(r"(?:tt)?0*([1-9]\d{0,9})")
_NUMBER: Final = re.compile(r"0*([1-9]\d{0,11})")

_ADDRESSES: Final[tuple[tuple[System, re.Pattern[str]], ...]] = (
    ("imdb", re.compile(r"imdb\.com/(?:[a-z]{2}/)?title/(tt\d+)")),
    ("tmdb", re.compile(r"themoviedb\.org/(movie|tv)/(\d+)")),
    ("tvdb", re.compile(r"thetvdb\.com/(?:dereferrer/|\?tab=)(movie|series)(?:/|&id=)(\d+)")),
    ("kitsu", re.compile(r"kitsu\.(?:io|app)/anime/(\d+)")),
    ("mal", re.compile(r"myanimelist\.net/anime/(\d+)")),
    ("anilist", re.compile(r"anilist\.co/anime/(\d+)")),
    ("anidb", re.compile(r"anidb\.net/anime/(\d+)")),
)
_KIND_IN_ADDRESS: Final = {"movie": "movie", "tv": "series", "series": "series"}


def public_ids(
    own: str, kind: str, *, fields: Iterable[tuple[str, object]], hints: object, links: object
) -> dict[System, str]:
    """At most one id of each system: an entry's own before those in fields, hints and links."""
    found: dict[System, str] = {}
    own_id = id_of(own)
    if own_id is not None:
        found[own_id[0]] = own_id[1]
    for name, value in fields:
        if value is not None and (written := _written(name, value)):
            found.setdefault(*written)
    if isinstance(hints, dict) and isinstance(video := hints.get("defaultVideoId"), str):
        video_id = id_of(video)
        if video_id is not None:
            found.setdefault(*video_id)
    if isinstance(links, list):
        for system, value in _linked(links, kind):
            found.setdefault(system, value)
    return found


def id_of(video_id: str) -> PublicId | None:
    """The public id that a title's or a video's id is, or begins with."""
    parts = split_video_id(video_id)
    if parts.scheme not in _BY_NAME:
        return None
    system = _BY_NAME[parts.scheme]
    number = parts.title if system == "imdb" else parts.title.partition(":")[2]
    return _clean(system, number)


def _written(name: str, value: object) -> PublicId | None:
    """The id in a member such as `imdb_id` or `tmdbId`."""
    member = _FIELD.fullmatch(name)
    number = text(value)
    if member is None or number is None:
        return None
    return _clean(_BY_NAME[member[1].lower()], number.strip())


def _linked(links: Iterable[object], kind: str) -> Iterator[PublicId]:
    """Ids in links that are about the entry itself, which their category says: others lead to like titles."""
    for link in links:
        if not isinstance(link, dict):
            continue
        category, url = link.get("category"), link.get("url")
        if not isinstance(category, str) or not isinstance(url, str):
            continue
        about = _BY_NAME.get(category.strip().lower())
        for system, pattern in _ADDRESSES:
            match = pattern.search(url) if system == about else None
            if match is None:
                continue
            of_kind = match[1] if len(match.groups()) > 1 else ""
            if _KIND_IN_ADDRESS.get(of_kind, kind) == kind and (
                cleaned := _clean(system, match[match.lastindex or 1])
            ):
                yield cleaned


def _clean(system: System, number: str) -> PublicId | None:
    """One spelling for every id; None for what is none."""
    if system == "imdb":
        found = _IMDB.fullmatch(number)
        return None if found is None else (system, f"tt{found[1]:0>7}")
    found = _NUMBER.fullmatch(number)
    return None if found is None else (system, found[1])
