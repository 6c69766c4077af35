"""What finds words in items: a table of its own on SQLite, an index that keeps itself on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from libs.common.db import Dialect, Queries, Value

Posting: TypeAlias = tuple[Value, Value]
"""An item's id and its words."""


class Postings(Protocol):
    async def put(self, tx: Queries, postings: Sequence[Posting]) -> None: ...

    async def drop(self, tx: Queries, postings: Sequence[Posting]) -> None:
        """With the very words that were put: others would be left behind."""
        ...


class _Fts5:
    async def put(self, tx: Queries, postings: Sequence[Posting]) -> None:
        await tx.insert_rows("library_postings", ("rowid", "words"), postings)

    async def drop(self, tx: Queries, postings: Sequence[Posting]) -> None:
        # FTS5 takes its orders through a column that is named as the table.
        rows = [("delete", id_, words) for id_, words in postings]
        await tx.insert_rows("library_postings", ("library_postings", "rowid", "words"), rows)


class _Index:
    async def put(self, tx: Queries, postings: Sequence[Posting]) -> None:
        return None

    async def drop(self, tx: Queries, postings: Sequence[Posting]) -> None:
        return None


def postings_of(dialect: Dialect) -> Postings:
    return _Fts5() if dialect == "sqlite" else _Index()
