"""What of viewing state is kept for a time only."""

from __future__ import annotations

from libs.common.db import Database


class UpkeepStore:
    """Of every profile."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def remove_old(self, *, sessions_before: int, marks_before: int, events_before: int) -> None:
        await self._db.execute(
            "DELETE FROM viewing_sessions WHERE started_at < :before", before=sessions_before
        )
        await self._db.execute("DELETE FROM viewing_marks WHERE at < :before", before=marks_before)
        await self._db.execute("DELETE FROM viewing_outbox WHERE recorded_at < :before", before=events_before)
