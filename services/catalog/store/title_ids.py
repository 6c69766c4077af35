"""Which titles of IMDb other systems' numbers stand for, any number of them in one statement."""

# ruff: noqa: S608  # only each engine's own words are put into the statement

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from libs.common.db import Database

_EACH: Final = {
    "sqlite": (
        "(SELECT json_extract(value, '$[0]') AS system, json_extract(value, '$[1]') AS number"
        " FROM json_each(:asked)) AS w"
    ),
    "postgresql": (
        "(SELECT value ->> 0 AS system, CAST(value ->> 1 AS BIGINT) AS number"
        " FROM json_array_elements(CAST(CAST(:asked AS TEXT) AS JSON)) AS e(value)) AS w"
    ),
}


class Numbered(NamedTuple):
    """A title by its number in a system."""

    system: str
    number: int


class TitleIdStore:
    def __init__(self, database: Database) -> None:
        self._db = database
        each = _EACH[database.dialect]
        self._find = (
            f"SELECT w.system, w.number, t.imdb FROM {each} JOIN tmdb_ids t ON t.number = w.number"
            " WHERE w.system = 'tmdb'"
            f" UNION ALL SELECT w.system, w.number, a.imdb FROM {each} JOIN anime_ids a"
            " ON a.id = w.number AND a.system = w.system"
        )

    async def put(self, kind: str, number: int, imdb: int) -> None:
        """What TMDB said last holds."""
        await self._db.execute(
            "INSERT INTO tmdb_ids (number, kind, imdb) VALUES (:number, :kind, :imdb)"
            " ON CONFLICT (number, kind) DO UPDATE SET imdb = excluded.imdb",
            number=number,
            kind=kind,
            imdb=imdb,
        )

    async def known(self, asked: Sequence[Numbered]) -> list[tuple[Numbered, int]]:
        """With their numbers at IMDb; one number may stand for a film and for a series."""
        rows = await self._db.fetch_all(self._find, asked=msgspec.json.encode(asked).decode())
        return [(Numbered(row["system"], row["number"]), row["imdb"]) for row in rows]
