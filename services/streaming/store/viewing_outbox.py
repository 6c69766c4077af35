"""Events that other services have not made use of yet: only added to, read in order, removed when used.

Numbers grow, but of two replicas the one that took the lower number may commit later. So whoever reads tells
which events it used, never up to which.
"""

# ruff: noqa: S608  # only fixed column lists and a table of texts are put into statements

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from libs.common.clock import moment_of
from libs.common.contracts.viewing import ViewingEvent
from libs.common.db import Database, Row
from services.streaming.store.viewing_rows import EVENT, OWNER

_COLUMNS = ("seq", *OWNER, *EVENT)


class OutboxStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def events(self, *, after: int, limit: int) -> list[ViewingEvent]:
        rows = await self._db.fetch_all(
            f"SELECT {', '.join(_COLUMNS)} FROM viewing_outbox WHERE seq > :after ORDER BY seq LIMIT :limit",
            after=after,
            limit=limit,
        )
        return [_event(row) for row in rows]

    async def done(self, seqs: Sequence[int]) -> None:
        each = (
            "SELECT value FROM json_each(:seqs)"
            if self._db.dialect == "sqlite"
            else "SELECT CAST(CAST(value AS TEXT) AS BIGINT)"
            " FROM json_array_elements(CAST(CAST(:seqs AS TEXT) AS JSON)) AS e(value)"
        )
        await self._db.execute(
            f"DELETE FROM viewing_outbox WHERE seq IN ({each})", seqs=msgspec.json.encode(seqs).decode()
        )


def _event(row: Row) -> ViewingEvent:
    return ViewingEvent(
        seq=row["seq"],
        account_id=row["account_id"],
        profile_id=row["profile_id"],
        kind=row["kind"],
        video_id=row["video_id"],
        title_id=row["title_id"],
        type=row["type"],
        season=row["season"],
        episode=row["episode"],
        position_s=row["position_ms"] / 1000,
        duration_s=row["duration_ms"] / 1000,
        at=moment_of(row["at"]),
    )
