"""What hangs on items and providers, taken out with them: in steps, so that others write in between."""

# ruff: noqa: S608  # only fixed table names and each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.db import Database, Queries
from services.catalog.store.library import many
from services.catalog.store.library.items import Going, ItemStore

STEP_ROWS: Final = 2000
OF_ITEMS: Final = (
    ("library_item_categories", "item"),
    ("library_favourites", "item"),
    ("library_details", "item"),
    ("library_seasons", "series"),
    ("library_episodes", "series"),
)
"""Tables with a column that names an item."""
LARGE: Final = {
    "library_details": "item",
    "library_episodes": "id",
    "library_programmes": "guide_id, start",
    "library_programme_words": "word, sort",
}
"""Tables whose rows name their provider, beside items, with what tells them apart."""


class RemovalStore:
    def __init__(self, database: Database, items: ItemStore) -> None:
        self._db = database
        self._items = items

    async def remove_items(self, tx: Queries, gone: Sequence[Going]) -> None:
        ids = many.encoded(one.id for one in gone)
        for table, column in OF_ITEMS:
            among = many.among(self._db.dialect, column, "ids")
            await tx.execute(f"DELETE FROM {table} WHERE {among}", ids=ids)
        await self._items.take_out(tx, gone)

    async def hand_on(self, tx: Queries, pairs: Sequence[tuple[int, int]]) -> None:
        """What a run has put to the items of the second ids goes over to the first; what else came to hang
        on them since goes."""
        await tx.execute(
            f"DELETE FROM library_item_categories WHERE {many.among(self._db.dialect, 'item', 'ids')}",
            ids=many.encoded(old for old, _ in pairs),
        )
        for table, column in (("library_favourites", "item"), ("library_details", "item")):
            await tx.execute(
                f"DELETE FROM {table} WHERE {many.among(self._db.dialect, column, 'ids')}",
                ids=many.encoded(new for _, new in pairs),
            )
        for table, column in (("library_item_categories", "item"), ("library_episodes", "series")):
            await tx.execute_many(
                f"UPDATE {table} SET {column} = :old WHERE {column} = :new",
                [{"old": old, "new": new} for old, new in pairs],
            )

    async def step(self, number: int) -> bool:
        """Remove a part of what a provider that is gone has left; whether there may be more."""
        if await self._step_of_items(number):
            return True
        for table, key in LARGE.items():
            removed = await self._db.execute(
                f"DELETE FROM {table} WHERE provider = :number AND ({key}) IN"
                f" (SELECT {key} FROM {table} WHERE provider = :number LIMIT :most)",
                number=number,
                most=STEP_ROWS,
            )
            if removed:
                return True
        async with self._db.transaction() as tx:
            await tx.execute(
                "DELETE FROM library_hidden_categories WHERE category IN"
                " (SELECT id FROM library_categories WHERE provider = :number)",
                number=number,
            )
            for table in (
                "library_categories",
                "library_facets",
                "library_changes",
                "library_player_pieces",
                "tmdb_imdb",
            ):
                await tx.execute(f"DELETE FROM {table} WHERE provider = :number", number=number)
            await tx.execute("DELETE FROM library_removed WHERE number = :number", number=number)
        return False

    async def _step_of_items(self, number: int) -> bool:
        async with self._db.transaction() as tx:
            rows = await tx.fetch_all(
                f"SELECT {', '.join(Going._fields)} FROM library_items WHERE provider = :number LIMIT :most",
                number=number,
                most=STEP_ROWS,
            )
            await self.remove_items(tx, [Going(*row) for row in rows])
        return bool(rows)

    async def removed(self) -> list[int]:
        """Accounts that are gone, of which something may still be there."""
        rows = await self._db.fetch_all("SELECT number FROM library_removed ORDER BY number")
        return [row["number"] for row in rows]
