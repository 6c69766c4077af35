"""Ratings by title, by place in a series and by ids of anime, any number of all in one statement."""

# ruff: noqa: S608  # only each engine's own words are put into the statement

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import msgspec

from libs.common.db import Database, Row

Place: TypeAlias = tuple[int, int, int]
"""Series, season, episode."""


class Anime(NamedTuple):
    """By its number in a system. Episode 0 is the anime itself."""

    number: int
    system: str
    episode: int


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating as stored: what it was asked for by, and the title that it is of."""

    asked: int | Place | Anime
    id: int
    tenths: int
    votes: int


class RatingStore:
    """Reads what imports keep of IMDb."""

    def __init__(self, database: Database) -> None:
        self._db = database
        each = _EACH[database.dialect]
        self._find = (
            "SELECT NULL AS system, NULL AS number, NULL AS season, NULL AS episode, r.id, r.tenths, r.votes"
            f" FROM imdb_ratings r WHERE r.id IN (SELECT {each.number} FROM {each.table.format('titles')})"
            " UNION ALL SELECT NULL, e.series, e.season, e.episode, r.id, r.tenths, r.votes"
            f" FROM {each.table.format('places')} JOIN imdb_episodes e ON e.series = {each.member.format(0)}"
            f" AND e.season = {each.member.format(1)} AND e.episode = {each.member.format(2)}"
            " JOIN imdb_ratings r ON r.id = e.id"
            f" UNION ALL SELECT a.system, a.id, NULL, {each.member.format(2)}, r.id, r.tenths, r.votes"
            f" FROM {each.table.format('anime')} JOIN anime_ids a ON a.id = {each.member.format(0)}"
            f" AND a.system = {each.text.format(1)}"
            f" LEFT JOIN imdb_episodes e ON {each.member.format(2)} > 0 AND e.series = a.imdb"
            f" AND e.season = a.season AND e.episode = {each.member.format(2)} + a.episodes_before"
            f" JOIN imdb_ratings r ON r.id = CASE WHEN {each.member.format(2)} = 0 THEN a.imdb ELSE e.id END"
        )

    async def any(self) -> bool:
        return await self._db.fetch_one("SELECT 1 AS one FROM imdb_ratings LIMIT 1") is not None

    async def version(self) -> int:
        """Another number after each import that ratings come from; 0 before the first."""
        row = await self._db.fetch_one(
            "SELECT MAX(imported_at) AS at FROM imdb_sets WHERE name IN ('ratings', 'episodes', 'anime_ids')"
        )
        return 0 if row is None or row["at"] is None else int(row["at"])

    async def find(
        self, titles: Sequence[int], places: Sequence[Place], anime: Sequence[Anime] = ()
    ) -> list[Rated]:
        """What is rated of them; a place may hold several."""
        found = await self._db.fetch_all(
            self._find,
            titles=msgspec.json.encode(titles).decode(),
            places=msgspec.json.encode(places).decode(),
            anime=msgspec.json.encode(anime).decode(),
        )
        return [_rated(row) for row in found]


@dataclass(frozen=True, slots=True)
class _Each:
    """How a JSON text is read as rows: one statement serves every number of ids."""

    table: str
    number: str
    member: str
    text: str


_EACH = {
    "sqlite": _Each(
        "json_each(:{}) AS w", "w.value", "json_extract(w.value, '$[{}]')", "json_extract(w.value, '$[{}]')"
    ),
    "postgresql": _Each(
        "json_array_elements(CAST(CAST(:{} AS TEXT) AS JSON)) AS w(value)",
        "CAST(CAST(w.value AS TEXT) AS INTEGER)",
        "CAST(w.value ->> {} AS INTEGER)",
        "(w.value ->> {})",
    ),
}


def _rated(row: Row) -> Rated:
    asked: int | Place | Anime = row["id"]
    if row["system"] is not None:
        asked = Anime(row["number"], row["system"], row["episode"])
    elif row["number"] is not None:
        asked = row["number"], row["season"], row["episode"]
    return Rated(asked, row["id"], row["tenths"], row["votes"])
