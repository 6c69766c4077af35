"""The indexes of items that a first run does without, and makes when its rows are there.

Keeping them while 200,000 rows come costs three times what making them afterwards does. They are those of
migrations 0009 and 0015: who changes one changes both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from types import MappingProxyType

from libs.common.db import Database, Dialect, UniqueViolation

FOR_MATCHING = ("library_items_review",)
"""What nobody asks before titles are looked for."""
AT_ONCE = 2
"""PostgreSQL makes so many, each with workers of its own."""
USUAL_MMAP, MAKING_MMAP = 16 * 2**20, 256 * 2**20
"""What of SQLite's file is read in place: making an index reads it all, and copying cost a fifth."""
_FILTERS = ("added", "year", "rating", "language", "genres", "category")
_COMPARED = ("provider", "kind", "panel_id", "sort", *_FILTERS, "guide_id", "match_imdb", "match_rule")
_ORDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "title": ("sort", "id"),
        "added": ("added", "id"),
        "rating": ("rating", "id"),
        "year": ("year", "sort", "id"),
        "category": ("category", "sort", "id"),
        "category_added": ("category", "added", "id"),
    }
)
_ALIKE: Mapping[str, str] = MappingProxyType(
    {
        "library_items_match": "(match_imdb, provider) WHERE match_imdb IS NOT NULL",
        "library_items_guide": "(provider, guide_id) WHERE guide_id <> ''",
        "library_items_review": "(provider, match_rule, kind, sort, id)",
        "library_items_hashes": "(provider, kind, panel_id, hash)",
    }
)


def _order(dialect: Dialect, columns: tuple[str, ...]) -> str:
    beside = ", ".join(column for column in _FILTERS if column not in columns)
    ordered = ", ".join(("provider", "kind", *columns))
    return f"({ordered}, {beside})" if dialect == "sqlite" else f"({ordered}) INCLUDE ({beside})"


def definitions(dialect: Dialect) -> dict[str, str]:
    """By name, what stands after the table's name."""
    found = {f"library_items_{name}": _order(dialect, columns) for name, columns in _ORDERS.items()}
    found.update(_ALIKE)
    if dialect == "postgresql":
        found["library_items_words"] = (
            "USING gin (array_to_tsvector(string_to_array(words, ' '))) WITH (fastupdate = off)"
        )
    return found


class IndexStore:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._definitions = definitions(database.dialect)

    async def missing(self) -> list[str]:
        found = await self._db.fetch_all(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'library_items'"
            if self._db.dialect == "sqlite"
            else "SELECT indexname AS name FROM pg_indexes"
            " WHERE tablename = 'library_items' AND schemaname = current_schema()"
        )
        there = {row["name"] for row in found}
        return [name for name in self._definitions if name not in there]

    async def drop(self) -> None:
        for name in self._definitions:
            await self._db.execute(f"DROP INDEX IF EXISTS {name}")

    async def make(self, *, but: Collection[str] = ()) -> None:
        """Those that are missing. Nobody who reads waits for it."""
        missing = [name for name in await self.missing() if name not in but]
        if not missing:
            return
        if self._db.dialect == "postgresql":
            turns = asyncio.Semaphore(AT_ONCE)
            outcomes = await asyncio.gather(
                *(self._make(name, turns) for name in missing), return_exceptions=True
            )
            for failure in filter(None, outcomes):
                raise failure
            return
        await self._db.execute(f"PRAGMA mmap_size = {MAKING_MMAP}")
        try:
            for name in missing:
                await self._make(name, nullcontext())
        finally:
            await self._db.execute(f"PRAGMA mmap_size = {USUAL_MMAP}")

    async def _make(self, name: str, turn: AbstractAsyncContextManager[None]) -> None:
        # Another replica may be making it, too: PostgreSQL finds that out at the end.
        async with turn:
            with suppress(UniqueViolation):
                await self._db.execute(
                    f"CREATE INDEX IF NOT EXISTS {name} ON library_items {self._definitions[name]}"
                )

    async def can_do_without(self, number: int) -> bool:
        """On PostgreSQL dropping waits for readers, and others for it: only while they have nothing."""
        if self._db.dialect == "sqlite":
            return True
        other = await self._db.fetch_one(
            "SELECT 1 AS one FROM library_items WHERE provider <> :number LIMIT 1", number=number
        )
        return other is None

    async def keep_in_memory(self, kib: int) -> None:
        """Of the file, for SQLite's writer: where indexes stay, a batch touches pages all over it."""
        if self._db.dialect == "sqlite":
            await self._db.execute(f"PRAGMA cache_size = -{kib}")

    async def items(self) -> int:
        row = await self._db.fetch_one(
            "SELECT CAST(COALESCE(sum(items), 0) AS BIGINT) AS items FROM library_facets WHERE facet = 'all'"
        )
        return 0 if row is None else int(row["items"])

    async def analyze(self) -> None:
        """So that the engine knows what is there now. SQLite reads a sample, PostgreSQL what is compared."""
        if self._db.dialect == "sqlite":
            await self._db.execute("PRAGMA analysis_limit = 400")
            await self._db.execute("ANALYZE library_items")
        else:
            await self._db.execute(f"ANALYZE library_items ({', '.join(_COMPARED)})")

    async def mark_seen(self) -> None:
        """So that PostgreSQL answers from indexes alone of what has come, too: until it has looked whether
        everybody can see a row, it visits that. Nobody waits for it, and it waits for none."""
        if self._db.dialect == "postgresql":
            await self._db.execute("VACUUM (SKIP_LOCKED, INDEX_CLEANUP OFF, TRUNCATE OFF) library_items")
