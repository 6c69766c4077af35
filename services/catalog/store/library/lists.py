"""Items of the library by id, and what belongs to the same title."""

# ruff: noqa: S608  # only fixed column names, bound names and whole numbers are put into statements

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.db import Database, Row, Value
from services.catalog.library_model import Item
from services.catalog.model import Owner
from services.catalog.store.library import many
from services.catalog.store.rows import bound

_COLUMNS: Final = (
    # As Item has them.
    "i.id, i.provider, i.kind, i.panel_id, i.name, i.title, i.sort, i.year, i.rating, i.added, i.category,"
    " i.language, i.genres, i.tmdb, i.guide_id, i.icon, i.extension, i.match_imdb, i.more"
)


class ListStore:
    """Reads items whole."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def items(self, owner: Owner, ids: Sequence[int]) -> dict[int, Item]:
        """Those of `ids` that the owner's own accounts have."""
        if not ids:
            return {}
        dialect = self._db.dialect
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS}, f.item IS NOT NULL AS is_favourite FROM library_items i"
            " JOIN library_providers p ON p.number = i.provider"
            " LEFT JOIN library_favourites f ON f.item = i.id"
            " AND f.account_id = :account_id AND f.profile_id = :profile_id"
            " WHERE p.account_id = :account_id AND p.profile_id = :profile_id"
            f" AND {many.among(dialect, 'i.id', 'ids')}",
            **bound(owner),
            ids=many.encoded(ids),
        )
        return {row["id"]: _item(row) for row in rows}

    async def versions(self, item: Item, providers: Sequence[int], *, most: int) -> list[int]:
        """Other rows of the same title: as it was matched, or of one name and year where it was not."""
        values: dict[str, Value] = {"kind": item.kind, "id": item.id}
        if item.match_imdb is not None:
            same = "match_imdb = :imdb"
            values["imdb"] = item.match_imdb
        else:
            same = "sort = :sort AND COALESCE(year, 0) = :year AND match_imdb IS NULL"
            values |= {"sort": item.sort, "year": item.year or 0}
        dialect = self._db.dialect
        rows = await self._db.fetch_all(
            f"SELECT id FROM library_items WHERE {many.among(dialect, 'provider', 'providers')}"
            f" AND kind = :kind AND {same} AND id <> :id ORDER BY id LIMIT {most}",
            **values,
            providers=many.encoded(providers),
        )
        return [row["id"] for row in rows]

    async def episode_counts(self, series: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Seasons and episodes of those whose details are held; an episode's streams count once."""
        if not series:
            return {}
        dialect = self._db.dialect
        rows = await self._db.fetch_all(
            "SELECT series, COUNT(DISTINCT season) AS seasons, COUNT(*) AS episodes FROM (SELECT DISTINCT"
            f" series, season, number FROM library_episodes"
            f" WHERE {many.among(dialect, 'series', 'series')}) told GROUP BY series",
            series=many.encoded(series),
        )
        return {row["series"]: (row["seasons"], row["episodes"]) for row in rows}


def _item(row: Row) -> Item:
    *values, is_favourite = row
    return Item(*[*values, bool(is_favourite)])
