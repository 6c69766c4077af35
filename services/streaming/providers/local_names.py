"""Which film or episode a file is, told by its name and those of its folders. Pure.

Ids stand there as Jellyfin and Plex write them: `[imdbid-tt0063350]`, `{imdb-tt0063350}`, `{tmdb-10331}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from libs.titles.decoration import undecorated

MOST_EPISODES: Final = 30
"""In one file."""

_IMDB: Final = re.compile(r"[\[{(]\s*imdb(?:id)?[-=]\s*(tt\d{5,10})\s*[\]})]", re.IGNORECASE)
_TMDB: Final = re.compile(r"[\[{(]\s*tmdb(?:id)?[-=]\s*(\d{1,9})\s*[\]})]", re.IGNORECASE)
_SAID: Final = re.compile(r"\{[^{}]*\}|\[\s*(?:imdb|tmdb|tvdb)(?:id)?[-=][^\[\]]*\]", re.IGNORECASE)
"""What is told to a media server and is no part of a title."""
_EPISODE: Final = re.compile(
    r"(?<![a-z0-9])s(\d{1,4})[ ._-]{0,2}e(\d{1,4})"
    r"((?:[ ._]?-?[ ._]?e\d{1,4}|-\d{1,3}(?![\dpi]))*)(?![a-z0-9])",
    re.IGNORECASE,
)
_CROSSED: Final = re.compile(r"(?<![a-z0-9])(\d{1,2})x(\d{2,3})((?:-?x?\d{2,3})?)(?![a-z0-9])", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(?:episode|ep|e)?[ ._-]*(\d{1,3})(?![\dpi])", re.IGNORECASE)
_SEASON: Final = re.compile(r"(?:season|series|staffel|saison|temporada|s)[ ._-]*(\d{1,4})", re.IGNORECASE)
_SPECIALS: Final = "specials"
_MORE: Final = re.compile(r"\d+")
_YEAR_AT_END: Final = re.compile(r"(?:.*\S)[ (\[]((?:18[7-9]|19\d|20[0-3])\d)[)\]]?")


@dataclass(frozen=True, slots=True)
class Named:
    """`imdb` and `tmdb` are ids that stand in a name, "" where none does; `title` is what it is called."""

    type: Literal["movie", "series"]
    title: str
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    imdb: str = ""
    tmdb: str = ""


def named(parts: Sequence[str]) -> Named:
    """`parts` are the folders below the one of films, then the file's name without its ending."""
    *folders, stem = parts
    season = _season_of(folders)
    told = _episodes(stem, season)
    if told is None:
        return _film(folders, stem)
    head, number, episodes = told
    shows = folders[:-1] if season is not None else folders
    # An episode may have an id of its own behind its name: the show's stands with the show.
    imdb, tmdb = _ids((*reversed(folders), stem))
    title, year = _title(head)
    if shows and (season is not None or not title):
        title, year = _title(shows[-1])
    return Named("series", title, year, number, episodes, imdb, tmdb)


def _film(folders: Sequence[str], stem: str) -> Named:
    imdb, tmdb = _ids((stem, *reversed(folders)))
    title, year = _title(stem)
    if year is None and folders:
        above, dated = _title(folders[-1])
        if dated is not None and above:
            title, year = above, dated
    return Named("movie", title, year, imdb=imdb, tmdb=tmdb)


def _ids(texts: Iterable[str]) -> tuple[str, str]:
    imdb = tmdb = ""
    for text in texts:
        if not imdb and (found := _IMDB.search(text)):
            imdb = found[1].lower()
        if not tmdb and (found := _TMDB.search(text)):
            tmdb = found[1].lstrip("0")
    return imdb, tmdb


def _season_of(folders: Sequence[str]) -> int | None:
    """That the innermost folder says, as in "Season 02"."""
    if not folders:
        return None
    name = _SAID.sub(" ", folders[-1]).strip()
    if name.lower() == _SPECIALS:
        return 0
    found = _SEASON.fullmatch(name)
    return int(found[1]) if found else None


def _episodes(stem: str, season: int | None) -> tuple[str, int, tuple[int, ...]] | None:
    """What stands before, the season, and the episodes; None for a film."""
    found = _EPISODE.search(stem) or _CROSSED.search(stem)
    if found is not None:
        return stem[: found.start()], int(found[1]), _run(int(found[2]), found[3])
    if season is None:
        return None
    numbered = _NUMBERED.match(stem)
    return None if numbered is None else ("", season, (int(numbered[1]),))


def _run(first: int, more: str) -> tuple[int, ...]:
    """E01-E03 is three episodes, and so is E01E02E03."""
    last = max((int(number) for number in _MORE.findall(more)), default=first)
    return tuple(range(first, min(last, first + MOST_EPISODES - 1) + 1)) or (first,)


def _title(written: str) -> tuple[str, int | None]:
    text = _SAID.sub(" ", written).strip(" -_.")
    plain = undecorated(text)
    if plain.year is None and not plain.is_release and " " not in text:
        plain = undecorated(re.sub(r"[._]+", " ", text))
    title, year = plain.text.strip(), plain.year
    dated = _YEAR_AT_END.fullmatch(title) if year is None else None
    if dated is not None:
        title, year = title[: dated.start(1)].rstrip(" (["), int(dated[1])
    return title, year
