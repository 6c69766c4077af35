"""Rows that were found to be one title."""

# ruff: noqa: S608  # only a fixed condition is put into the statement

from __future__ import annotations

from libs.common.db import Database
from services.catalog.model import Owner
from services.catalog.store.library.scans import SHOWN
from services.catalog.store.rows import bound


class MatchedStore:
    """Reads by what rows were matched to, of their owner alone."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def of_title(self, owner: Owner, kind: int, imdb: int, *, most: int) -> list[int]:
        """The items of that title, without those that their owner hides."""
        rows = await self._db.fetch_all(
            "SELECT i.id FROM library_items i JOIN library_providers p ON p.number = i.provider"
            " WHERE i.match_imdb = :imdb AND i.kind = :kind"
            " AND p.account_id = :account_id AND p.profile_id = :profile_id"
            f" AND {SHOWN} ORDER BY i.provider, i.id LIMIT {int(most)}",
            imdb=imdb,
            kind=kind,
            **bound(owner),
        )
        return [row["id"] for row in rows]
