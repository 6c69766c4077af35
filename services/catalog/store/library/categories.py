"""The categories of providers, and which items are in more than one."""

# ruff: noqa: S608  # only each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from libs.common.db import Database, Queries
from services.catalog.store.library import many
from services.catalog.store.library.numbers import take_numbers
from services.catalog.store.library.providers import hold

UNNAMED = 1_000_000
"""Position of what the provider doesn't name among its categories (any more): behind all others."""
MOST = 10_000
"""Of one kind of one account. Panels have some hundreds; who lists one for each item lists none."""


class Category(NamedTuple):
    id: int
    panel_id: str
    name: str
    position: int
    items: int


class CategoryStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(self, number: int, kind: int) -> dict[str, Category]:
        """By the panel's id."""
        rows = await self._db.fetch_all(
            f"SELECT {', '.join(Category._fields)} FROM library_categories"
            " WHERE provider = :number AND kind = :kind ORDER BY position, id",
            number=number,
            kind=kind,
        )
        return {row["panel_id"]: Category(*row) for row in rows}

    async def add_unnamed(self, number: int, run: str, kind: int, panel_ids: Sequence[str]) -> None:
        """What items are in though the provider doesn't list it is named by its id. Raises RunLost."""
        async with self._db.transaction() as tx:
            await hold(tx, number, run)
            await self.add(tx, number, kind, [(panel_id, panel_id, UNNAMED) for panel_id in panel_ids])

    async def put(
        self,
        number: int,
        run: str,
        kind: int,
        *,
        new: Sequence[tuple[str, str, int]],
        changed: Sequence[tuple[int, str, int]],
        is_last: bool,
    ) -> int:
        """New ones as `add` takes them, changed ones as `rename`; how many went. Raises RunLost."""
        async with self._db.transaction() as tx:
            await hold(tx, number, run)
            if new:
                await self.add(tx, number, kind, new)
            if changed:
                await self.rename(tx, changed)
            return await self.remove_unnamed(tx, number) if is_last else 0

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

    async def remove_unnamed(self, tx: Queries, number: int) -> int:
        """Those that the provider no longer names and nothing is in."""
        rows = await tx.fetch_all(
            "DELETE FROM library_categories WHERE provider = :number AND position >= :unnamed"
            " AND items <= 0 AND others <= 0 RETURNING id",
            number=number,
            unnamed=UNNAMED,
        )
        await tx.execute(
            f"DELETE FROM library_hidden_categories WHERE {many.among(self._db.dialect, 'category', 'ids')}",
            ids=many.encoded(row["id"] for row in rows),
        )
        return len(rows)

    async def put_others(self, tx: Queries, pairs: Sequence[tuple[int, int]]) -> None:
        await tx.insert_rows("library_item_categories", ("category", "item"), pairs)

    async def drop_others(self, tx: Queries, items: Sequence[int]) -> None:
        await tx.execute(
            f"DELETE FROM library_item_categories WHERE {many.among(self._db.dialect, 'item', 'items')}",
            items=many.encoded(items),
        )

    async def others(self, tx: Queries, items: Sequence[int]) -> list[tuple[int, int]]:
        """Category and item, of every category but an item's first."""
        rows = await tx.fetch_all(
            "SELECT category, item FROM library_item_categories WHERE"
            f" {many.among(self._db.dialect, 'item', 'items')}",
            items=many.encoded(items),
        )
        return [(row["category"], row["item"]) for row in rows]
