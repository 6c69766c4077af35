"""What TMDB told about titles, so that a restart asks nothing again and an outage takes nothing away."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.db import Database


@dataclass(frozen=True, slots=True)
class StoredTitle:
    """`facts` as they were stored; `fetched_at` in epoch milliseconds."""

    facts: bytes
    fetched_at: int


class TmdbTitleStore:
    """One row for each question that TMDB had an answer to."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, question: str) -> StoredTitle | None:
        row = await self._db.fetch_one(
            "SELECT facts, fetched_at FROM tmdb_titles WHERE question = :question", question=question
        )
        return None if row is None else StoredTitle(bytes(row["facts"]), row["fetched_at"])

    async def put(self, question: str, facts: bytes, *, at: int) -> None:
        """Of two answers the later one stays."""
        await self._db.execute(
            "INSERT INTO tmdb_titles (question, facts, fetched_at) VALUES (:question, :facts, :at)"
            " ON CONFLICT (question) DO UPDATE SET facts = excluded.facts, fetched_at = excluded.fetched_at"
            " WHERE excluded.fetched_at >= tmdb_titles.fetched_at",
            question=question,
            facts=facts,
            at=at,
        )

    async def drop_older(self, at: int) -> int:
        """Drops what was fetched before; how much that was."""
        return await self._db.execute("DELETE FROM tmdb_titles WHERE fetched_at < :at", at=at)
