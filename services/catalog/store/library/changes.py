"""What a run changed, for people: some names of each kind and sort of change."""

# ruff: noqa: S608  # only each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from libs.common.db import Database, Queries
from services.catalog.store.library import many

What: TypeAlias = Literal["added", "changed", "removed"]


class Change(NamedTuple):
    kind: int
    item: int
    what: What
    name: str


class ChangeStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def noted(self, number: int, run_number: int) -> tuple[dict[tuple[int, str], int], int]:
        """How many of each kind and sort a run has noted, and the next place."""
        rows = await self._db.fetch_all(
            "SELECT kind, what, count(*) AS noted, max(place) AS last FROM library_changes"
            " WHERE provider = :number AND run_number = :run_number GROUP BY kind, what",
            number=number,
            run_number=run_number,
        )
        noted = {(row["kind"], row["what"]): row["noted"] for row in rows}
        return noted, 1 + max((row["last"] for row in rows), default=-1)

    async def add(
        self, tx: Queries, number: int, run_number: int, place: int, changes: Sequence[Change]
    ) -> None:
        await tx.insert_rows(
            "library_changes",
            ("provider", "run_number", "place", "kind", "item", "what", "name"),
            [(number, run_number, place + at, *change) for at, change in enumerate(changes)],
        )

    async def take_back(self, tx: Queries, number: int, items: Sequence[int]) -> None:
        """What was noted of those, since they were there before under other numbers."""
        await tx.execute(
            "DELETE FROM library_changes WHERE provider = :number AND what = 'added'"
            f" AND {many.among(self._db.dialect, 'item', 'items')}",
            number=number,
            items=many.encoded(items),
        )

    async def drop_older(self, tx: Queries, number: int, run_number: int) -> None:
        await tx.execute(
            "DELETE FROM library_changes WHERE provider = :number AND run_number < :run_number",
            number=number,
            run_number=run_number,
        )

    async def of(self, number: int, run_number: int) -> list[Change]:
        rows = await self._db.fetch_all(
            "SELECT kind, item, what, name FROM library_changes"
            " WHERE provider = :number AND run_number = :run_number ORDER BY kind, what, place",
            number=number,
            run_number=run_number,
        )
        return [Change(*row) for row in rows]
