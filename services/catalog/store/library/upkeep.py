"""What is done to the tables from time to time, and what is told of them."""

# ruff: noqa: S608  # only fixed table names and each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.db import Database
from services.catalog.store.library import many

TABLES: Final = (
    "library_items",
    "library_categories",
    "library_item_categories",
    "library_facets",
    "library_details",
    "library_episodes",
    "library_programmes",
    "library_programme_words",
    "library_words",
    "library_edits",
)


class UpkeepStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def claim(self, name: str, *, now: int, before: int) -> bool:
        """Whether it was last done at or before that time, so that it is ours to do. Epoch milliseconds."""
        row = await self._db.fetch_one(
            "INSERT INTO library_upkeep (name, at) VALUES (:name, :now) ON CONFLICT (name)"
            " DO UPDATE SET at = :now WHERE library_upkeep.at <= :before RETURNING at",
            name=name,
            now=now,
            before=before,
        )
        return row is not None

    async def done_at(self, name: str) -> int | None:
        row = await self._db.fetch_one("SELECT at FROM library_upkeep WHERE name = :name", name=name)
        return None if row is None else int(row["at"])

    async def tidy(self) -> None:
        """Statistics, and postings in one piece."""
        if self._db.dialect == "sqlite":
            await self._db.execute("PRAGMA analysis_limit = 400")
            await self._db.execute("INSERT INTO library_postings (library_postings) VALUES ('optimize')")
            for table in TABLES:
                await self._db.execute(f"ANALYZE {table}")
            return
        for table in TABLES:
            # Marks pages that index-only reading needs not look at, too.
            await self._db.execute(f"VACUUM (ANALYZE) {table}")

    async def vacuum(self, *, least_free: float) -> None:
        """Give room back to the disk, if more than that share is free. Writers wait for as long as it takes;
        PostgreSQL uses its free room itself."""
        if self._db.dialect != "sqlite":
            return
        row = await self._db.fetch_one(
            "SELECT f.freelist_count AS free, p.page_count AS pages"
            " FROM pragma_freelist_count f, pragma_page_count p"
        )
        if row is not None and row["free"] > least_free * row["pages"]:
            await self._db.execute("VACUUM")

    async def size_bytes(self) -> int:
        row = await self._db.fetch_one(
            "SELECT p.page_count * s.page_size AS size FROM pragma_page_count p, pragma_page_size s"
            if self._db.dialect == "sqlite"
            else "SELECT pg_database_size(current_database()) AS size"
        )
        return 0 if row is None else int(row["size"])

    async def rules(self, numbers: Sequence[int]) -> dict[str, int]:
        """How many films and series of those providers were matched by which rule."""
        rows = await self._db.fetch_all(
            "SELECT match_rule, count(*) AS items FROM library_items WHERE"
            f" {many.among(self._db.dialect, 'provider', 'numbers')} AND kind IN (2, 3) GROUP BY match_rule",
            numbers=many.encoded(numbers),
        )
        return {row["match_rule"]: row["items"] for row in rows}
