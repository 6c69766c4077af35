"""Ratings by title and by place in a series, any number of both in one statement."""

# ruff: noqa: S608  # only each engine's own words are put into the statement

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from libs.common.db import Database, Row


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating as stored. `place` is (series, season, episode), or nothing where it was asked for by id."""

    place: tuple[int, int, int] | None
    id: int
    tenths: int
    votes: int


class RatingStore:
    """Reads what imports keep of IMDb."""

    def __init__(self, database: Database) -> None:
        self._db = database
        each = _EACH[database.dialect]
        self._find = (
            "SELECT NULL AS series, NULL AS season, NULL AS episode, r.id, r.tenths, r.votes"
            f" FROM imdb_ratings r WHERE r.id IN (SELECT {each.number} FROM {each.table.format('titles')})"
            " UNION ALL SELECT e.series, e.season, e.episode, r.id, r.tenths, r.votes"
            f" FROM {each.table.format('places')} JOIN imdb_episodes e ON e.series = {each.member.format(0)}"
            f" AND e.season = {each.member.format(1)} AND e.episode = {each.member.format(2)}"
            " JOIN imdb_ratings r ON r.id = e.id"
        )

    async def any(self) -> bool:
        return await self._db.fetch_one("SELECT 1 AS one FROM imdb_ratings LIMIT 1") is not None

    async def version(self) -> int:
        """Another number after each import that ratings come from; 0 before the first."""
        row = await self._db.fetch_one(
            "SELECT MAX(imported_at) AS at FROM imdb_sets WHERE name IN ('ratings', 'episodes')"
        )
        return 0 if row is None or row["at"] is None else int(row["at"])

    async def find(self, titles: Sequence[int], places: Sequence[tuple[int, int, int]]) -> list[Rated]:
        """What is rated of `titles` and `places`; a place may hold several."""
        found = await self._db.fetch_all(
            self._find,
            titles=msgspec.json.encode(titles).decode(),
            places=msgspec.json.encode(places).decode(),
        )
        return [_rated(row) for row in found]


@dataclass(frozen=True, slots=True)
class _Each:
    """How a JSON text is read as rows: one statement serves every number of ids."""

    table: str
    number: str
    member: str


_EACH = {
    "sqlite": _Each("json_each(:{}) AS w", "w.value", "json_extract(w.value, '$[{}]')"),
    "postgresql": _Each(
        "json_array_elements(CAST(CAST(:{} AS TEXT) AS JSON)) AS w(value)",
        "CAST(CAST(w.value AS TEXT) AS INTEGER)",
        "CAST(w.value ->> {} AS INTEGER)",
    ),
}


def _rated(row: Row) -> Rated:
    place = None if row["series"] is None else (row["series"], row["season"], row["episode"])
    return Rated(place, row["id"], row["tenths"], row["votes"])
