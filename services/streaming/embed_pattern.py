"""Addresses of pages at sites that play by TMDB's ids. Pure.

Sites of the kind differ only in what stands between the id and its slashes: that is the operator's to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

_PLACE: Final = re.compile(r"\{([^{}]*)\}")
OF_FILM: Final = frozenset({"tmdb"})
OF_EPISODE: Final = frozenset({"tmdb", "season", "episode"})
OF_QUERY: Final = frozenset({"start_s"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A film, or an episode, by TMDB's number."""

    tmdb: int
    season: int | None = None
    episode: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """`film` and `episode` are paths with `{tmdb}`, `{season}`, `{episode}` in them, `query` parameters, of
    which one with `{start_s}` in it is left out where nothing is to be begun anywhere."""

    film: str
    episode: str
    query: str = ""

    def address(self, base: str, wanted: Wanted, start_s: int | None = None) -> str:
        values: dict[str, object] = {"tmdb": wanted.tmdb}
        if wanted.season is not None and wanted.episode is not None:
            values |= {"season": wanted.season, "episode": wanted.episode}
        path = _filled(self.episode if "season" in values else self.film, values)
        pairs = [
            (name, _filled(value, {"start_s": start_s}))
            for name, value in parse_qsl(self.query, keep_blank_values=True)
            if start_s is not None or not _PLACE.search(value)
        ]
        return base.rstrip("/") + path + (f"?{urlencode(pairs)}" if pairs else "")


def path_pattern(text: str, places: frozenset[str]) -> str:
    """Raises ValueError for what is no path with all of those places in it, and no others."""
    if not text.startswith("/") or set(_PLACE.findall(text)) != places or any(c in text for c in " ?#"):
        raise ValueError(text)
    return text


def query_pattern(text: str) -> str:
    """Raises ValueError for places in it that nothing is put into."""
    if not set(_PLACE.findall(text)) <= OF_QUERY or text.startswith("?"):
        raise ValueError(text)
    return text


def base_address(text: str) -> str:
    """Raises ValueError for what is no address of a site."""
    split = urlsplit(text)
    plain = split.scheme in ("http", "https") and not (split.query or split.fragment or split.username)
    if not (plain and split.hostname and (split.port is None or split.port > 0)):
        raise ValueError(text)
    return text.rstrip("/")


def origin_of(base: str) -> str:
    split = urlsplit(base)
    return f"{split.scheme}://{split.netloc.lower()}"


def _filled(text: str, values: dict[str, object]) -> str:
    return _PLACE.sub(lambda found: str(values.get(found[1], found[0])), text)
