"""What finds words in items: a table of its own on SQLite, an index that keeps itself on PostgreSQL."""

# ruff: noqa: S608  # only the engine's own words are put into statements

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeAlias

from libs.common.db import Dialect, Queries, Value
from services.catalog.store.library import many

Posting: TypeAlias = tuple[Value, Value]
"""An item's id and its words."""


class Postings(Protocol):
    async def put(self, tx: Queries, ids: Iterable[Value]) -> None:
        """Of items whose words stand there."""
        ...

    async def drop(self, tx: Queries, postings: Sequence[Posting]) -> None:
        """With the very words that were put: others would be left behind."""
        ...


class _Fts5:
    async def put(self, tx: Queries, ids: Iterable[Value]) -> None:
        await tx.execute(
            "INSERT INTO library_postings (rowid, words) SELECT id, words FROM library_items"
            f" WHERE {many.among('sqlite', 'id', 'ids')}",
            ids=many.encoded(ids),
        )

    async def drop(self, tx: Queries, postings: Sequence[Posting]) -> None:
        # FTS5 takes its orders through a column that is named as the table.
        rows = [("delete", id_, words) for id_, words in postings]
        await tx.insert_rows("library_postings", ("library_postings", "rowid", "words"), rows)


class _Index:
    async def put(self, tx: Queries, ids: Iterable[Value]) -> None:
        return None

    async def drop(self, tx: Queries, postings: Sequence[Posting]) -> None:
        return None


def postings_of(dialect: Dialect) -> Postings:
    return _Fts5() if dialect == "sqlite" else _Index()
