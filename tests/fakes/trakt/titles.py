"""What Trakt knows of: films, and shows with their episodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Movie:
    trakt: int
    title: str
    year: int | None
    imdb: str | None = None
    tmdb: int | None = None

    def ids(self) -> Json:
        slug = _slug(self.title, self.year)
        return {"trakt": self.trakt, "slug": slug, "imdb": self.imdb, "tmdb": self.tmdb}

    def shown(self, extended: frozenset[str]) -> Json:
        told = {"title": self.title, "year": self.year, "ids": self.ids()}
        return told | _full(self.title) if "full" in extended else told


@dataclass(frozen=True)
class Episode:
    trakt: int
    show: Show = field(repr=False)
    season: int
    number: int

    def ids(self) -> Json:
        return {"trakt": self.trakt, "tvdb": None, "imdb": None, "tmdb": None}

    def shown(self) -> Json:
        return {
            "season": self.season,
            "number": self.number,
            "title": f"Episode {self.number}",
            "ids": self.ids(),
        }


@dataclass(frozen=True, eq=False)
class Show:
    trakt: int
    title: str
    year: int | None
    imdb: str | None = None
    tvdb: int | None = None
    tmdb: int | None = None
    episodes: dict[tuple[int, int], Episode] = field(default_factory=dict, repr=False)

    def __getitem__(self, place: tuple[int, int]) -> Episode:
        return self.episodes[place]

    def ids(self) -> Json:
        slug = _slug(self.title, self.year)
        return {
            "trakt": self.trakt,
            "slug": slug,
            "tvdb": self.tvdb,
            "imdb": self.imdb,
            "tmdb": self.tmdb,
        }

    def shown(self, extended: frozenset[str]) -> Json:
        aired = sum(season > 0 for season, _ in self.episodes)
        told = {"title": self.title, "year": self.year, "aired_episodes": aired, "ids": self.ids()}
        return told | _full(self.title) if "full" in extended else told

    def season(self, number: int) -> Iterator[Episode]:
        return (one for (season, _), one in self.episodes.items() if season == number)


class Titles:
    """Found by any of their ids, as everywhere at Trakt."""

    def __init__(self) -> None:
        self._next = 1000
        self._movies: dict[tuple[str, Any], Movie] = {}
        self._shows: dict[tuple[str, Any], Show] = {}
        self._episodes: dict[int, Episode] = {}
        self.movies: list[Movie] = []
        self.shows: list[Show] = []

    def movie(
        self, title: str, year: int | None = None, *, imdb: str | None = None, tmdb: int | None = None
    ) -> Movie:
        movie = Movie(self._number(), title, year, imdb, tmdb)
        self.movies.append(movie)
        self._movies |= {key: movie for key in _keys(movie.ids())}
        return movie

    def show(
        self,
        title: str,
        year: int | None = None,
        *,
        imdb: str | None = None,
        tvdb: int | None = None,
        seasons: Mapping[int, int] | None = None,
    ) -> Show:
        """`seasons` says how many episodes each has; 0 are the specials."""
        show = Show(self._number(), title, year, imdb, tvdb)
        for season, count in (seasons or {1: 10}).items():
            for number in range(1, count + 1):
                episode = Episode(self._number(), show, season, number)
                show.episodes[season, number] = episode
                self._episodes[episode.trakt] = episode
        self.shows.append(show)
        self._shows |= {key: show for key in _keys(show.ids())}
        return show

    def find_movie(self, ids: Json) -> Movie | None:
        return next((self._movies[key] for key in _keys(ids) if key in self._movies), None)

    def find_show(self, ids: Json) -> Show | None:
        return next((self._shows[key] for key in _keys(ids) if key in self._shows), None)

    def find_episode(self, ids: Json) -> Episode | None:
        return self._episodes.get(ids.get("trakt") or 0)

    def _number(self) -> int:
        self._next += 1
        return self._next


def _keys(ids: Json) -> list[tuple[str, Any]]:
    return [(name, ids[name]) for name in ("trakt", "slug", "imdb", "tmdb", "tvdb") if ids.get(name)]


def _slug(title: str, year: int | None) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", f"{title.lower()} {year or ''}"))


def _full(title: str) -> Json:
    return {
        "overview": f"About {title}.",
        "runtime": 90,
        "votes": 3,
        "images": {"poster": []},
        "homepage": None,
    }
