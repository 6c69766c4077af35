"""What a profile likes and what it hides."""

# ruff: noqa: S608  # only fixed table and column names are put into statements

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from libs.common.db import Database
from services.catalog.model import Owner
from services.catalog.store.rows import OWNED, bound

Choice: TypeAlias = Literal["favourite", "hidden"]

_TABLES: Final = {
    "favourite": ("library_favourites", "item", "library_items"),
    "hidden": ("library_hidden_categories", "category", "library_categories"),
}


class ChoiceStore:
    """One row for each thing chosen."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def put(self, owner: Owner, choice: Choice, number: int, *, at: int) -> bool:
        """False where the owner's accounts have no such thing. Chosen again, it stays as it was."""
        table, column, of = _TABLES[choice]
        row = await self._db.fetch_one(
            f"INSERT INTO {table} (account_id, profile_id, {column}, at)"
            f" SELECT p.account_id, p.profile_id, t.id, CAST(:at AS BIGINT) FROM {of} t"
            " JOIN library_providers p ON p.number = t.provider"
            " WHERE t.id = :number AND p.account_id = :account_id AND p.profile_id = :profile_id"
            f" ON CONFLICT (account_id, profile_id, {column}) DO UPDATE SET at = {table}.at RETURNING at",
            **bound(owner),
            number=number,
            at=at,
        )
        return row is not None

    async def take_back(self, owner: Owner, choice: Choice, number: int) -> None:
        table, column, _ = _TABLES[choice]
        await self._db.execute(
            f"DELETE FROM {table} WHERE {OWNED} AND {column} = :number", **bound(owner), number=number
        )

    async def hidden(self, owner: Owner) -> frozenset[int]:
        """The categories."""
        rows = await self._db.fetch_all(
            f"SELECT category FROM library_hidden_categories WHERE {OWNED}", **bound(owner)
        )
        return frozenset(row["category"] for row in rows)
