"""The categories of providers, and which items are in more than one."""

# ruff: noqa: S608  # only each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from libs.common.db import Database, Queries
from services.catalog.store.library import many
from services.catalog.store.library.numbers import take_numbers


class Category(NamedTuple):
    id: int
    panel_id: str
    name: str
    position: int
    items: int


class CategoryStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(self, number: int, kind: int, queries: Queries | None = None) -> dict[str, Category]:
        """By the panel's id."""
        rows = await (queries or self._db).fetch_all(
            f"SELECT {', '.join(Category._fields)} FROM library_categories"
            " WHERE provider = :number AND kind = :kind ORDER BY position, id",
            number=number,
            kind=kind,
        )
        return {row["panel_id"]: Category(*row) for row in rows}

    async def add(self, tx: Queries, number: int, kind: int, named: Sequence[tuple[str, str, int]]) -> None:
        """Panel's id, name and position of those that aren't held yet."""
        numbers = await take_numbers(tx, "category", len(named))
        await tx.insert_rows(
            "library_categories",
            ("id", "provider", "kind", "panel_id", "name", "position", "items"),
            [(id_, number, kind, *one, 0) for id_, one in zip(numbers, named, strict=True)],
        )

    async def rename(self, tx: Queries, changed: Sequence[tuple[int, str, int]]) -> None:
        """Id, name and position."""
        await tx.execute_many(
            "UPDATE library_categories SET name = :name, position = :position WHERE id = :id",
            [{"id": id_, "name": name, "position": position} for id_, name, position in changed],
        )

    async def remove_empty(self, tx: Queries, ids: Sequence[int]) -> int:
        given = many.numbers(self._db.dialect, "ids")
        removed = await tx.execute(
            f"DELETE FROM library_categories WHERE id IN {given} AND items <= 0 AND others <= 0",
            ids=many.encoded(ids),
        )
        await tx.execute(
            f"DELETE FROM library_hidden_categories WHERE category IN {given}"
            " AND NOT EXISTS (SELECT 1 FROM library_categories c WHERE c.id = category)",
            ids=many.encoded(ids),
        )
        return removed

    async def put_others(self, tx: Queries, pairs: Sequence[tuple[int, int]]) -> None:
        """Category and item, of every category but an item's first."""
        await tx.insert_rows("library_item_categories", ("category", "item"), pairs)

    async def drop_others(self, tx: Queries, items: Sequence[int]) -> list[tuple[int, int]]:
        """Category and item of those that there were."""
        rows = await tx.fetch_all(
            "DELETE FROM library_item_categories WHERE item IN"
            f" {many.numbers(self._db.dialect, 'items')} RETURNING category, item",
            items=many.encoded(items),
        )
        return [(row["category"], row["item"]) for row in rows]

    async def others(self, tx: Queries, items: Sequence[int]) -> list[tuple[int, int]]:
        rows = await tx.fetch_all(
            "SELECT category, item FROM library_item_categories WHERE item IN"
            f" {many.numbers(self._db.dialect, 'items')}",
            items=many.encoded(items),
        )
        return [(row["category"], row["item"]) for row in rows]
