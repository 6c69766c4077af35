"""What a run leaves behind of itself when it begins and when it ends."""

# ruff: noqa: S608  # only fixed table names are put into statements

from __future__ import annotations

from libs.common.db import Database, Queries
from services.catalog.store.library.categories import CategoryStore
from services.catalog.store.library.changes import ChangeStore
from services.catalog.store.library.providers import hold


class RunStore:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._categories = CategoryStore(database)
        self._changes = ChangeStore(database)

    async def remember_first(self, number: int) -> None:
        """From which id on items are new to the run. One that goes on where another was cut off keeps it."""
        await self._db.execute(
            "UPDATE library_providers SET run_first_item ="
            " (SELECT next FROM library_numbers WHERE name = 'item')"
            " WHERE number = :number AND run_first_item = 0",
            number=number,
        )

    async def first_item(self, number: int) -> int:
        row = await self._db.fetch_one(
            "SELECT run_first_item FROM library_providers WHERE number = :number", number=number
        )
        return 0 if row is None else int(row["run_first_item"])

    async def finish(
        self,
        number: int,
        run: str,
        run_number: int,
        *,
        at: int,
        is_whole: bool,
        has_guide: bool,
        problem: str,
    ) -> None:
        """`at` is epoch milliseconds. Raises RunLost."""
        async with self._db.transaction() as tx:
            await hold(tx, number, run)
            await self._categories.remove_unnamed(tx, number)
            await self._changes.drop_older(tx, number, run_number)
            await self._finish(tx, number, at=at, is_whole=is_whole, has_guide=has_guide, problem=problem)

    async def _finish(
        self, tx: Queries, number: int, *, at: int, is_whole: bool, has_guide: bool, problem: str
    ) -> None:
        await tx.execute(
            "UPDATE library_providers SET run = '', problem = :problem, revision = revision + 1,"
            " synced_at = CASE WHEN :is_whole THEN CAST(:at AS BIGINT) ELSE synced_at END,"
            " guide_synced_at = CASE WHEN :has_guide THEN CAST(:at AS BIGINT) ELSE guide_synced_at END,"
            " run_first_item = CASE WHEN :is_whole THEN 0 ELSE run_first_item END WHERE number = :number",
            number=number,
            at=at,
            is_whole=is_whole,
            has_guide=has_guide,
            problem=problem,
        )

    async def start_over(self, number: int, run: str) -> None:
        """Ends a run that has taken everything out: the next one is like a first. Raises RunLost."""
        async with self._db.transaction() as tx:
            await hold(tx, number, run)
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
            ):
                await tx.execute(f"DELETE FROM {table} WHERE provider = :number", number=number)
            await tx.execute(
                "UPDATE library_providers SET run = '', run_first_item = 0, synced_at = NULL,"
                " guide_synced_at = NULL, revision = revision + 1 WHERE number = :number",
                number=number,
            )
