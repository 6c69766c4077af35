"""What a run leaves behind of itself when it begins and when it ends."""

from __future__ import annotations

from libs.common.db import Database, Queries


class RunStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def remember_first(self, number: int) -> None:
        """From which id on items are new to the run. One that goes on where another was cut off keeps it."""
        await self._db.execute(
            "UPDATE library_providers SET run_first_item ="
            " (SELECT next FROM library_numbers WHERE name = 'item')"
            " WHERE number = :number AND run_first_item = 0",
            number=number,
        )

    async def first_item(self, tx: Queries, number: int) -> int:
        row = await tx.fetch_one(
            "SELECT run_first_item FROM library_providers WHERE number = :number", number=number
        )
        return 0 if row is None else int(row["run_first_item"])

    async def finish(
        self, tx: Queries, number: int, *, at: int, is_whole: bool, has_guide: bool, problem: str
    ) -> None:
        """`at` is epoch milliseconds."""
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
