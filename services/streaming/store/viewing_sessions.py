"""Players' sessions. Their events are counted with the reports they come with."""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from typing import Final

from libs.common.db import Database, Row
from services.streaming.store.viewing_change import COUNTED
from services.streaming.store.viewing_rows import OWNED, OWNER, bound, place_of, place_values
from services.streaming.viewing_model import Owner, Session

MAX_SESSIONS: Final = 1000
"""Of a profile: a new one takes the place of the oldest."""
AT_A_TIME: Final = 100

_PLACE: Final = ("video_id", "title_id", "type", "season", "episode")
_COLUMNS: Final = (
    "id",
    *_PLACE,
    "position_ms",
    "duration_ms",
    *COUNTED.values(),
    "started_at",
    "last_at",
    "ended_at",
)
_TRIM: Final = (
    f"DELETE FROM viewing_sessions WHERE {OWNED} AND id IN (SELECT id FROM viewing_sessions"
    f" WHERE {OWNED} ORDER BY started_at DESC LIMIT :few OFFSET :most)"
)


class SessionStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def open(self, owner: Owner, session: Session) -> None:
        columns = (*OWNER, *_COLUMNS)
        async with self._db.transaction() as tx:
            await tx.execute(_TRIM, **bound(owner), few=AT_A_TIME, most=MAX_SESSIONS - 1)
            await tx.execute(
                f"INSERT INTO viewing_sessions ({', '.join(columns)})"
                f" VALUES ({', '.join(f':{name}' for name in columns)})",
                **bound(owner),
                **place_values(session.place),
                **{name: session.counts.get(event, 0) for event, name in COUNTED.items()},
                id=session.id,
                position_ms=session.position_ms,
                duration_ms=session.duration_ms,
                started_at=session.started_at,
                last_at=session.last_at,
                ended_at=session.ended_at,
            )

    async def get(self, owner: Owner, id_: str) -> Session | None:
        row = await self._db.fetch_one(
            f"SELECT {', '.join(_COLUMNS)} FROM viewing_sessions WHERE {OWNED} AND id = :id",
            **bound(owner),
            id=id_,
        )
        return None if row is None else _session(row)

    async def end(self, owner: Owner, id_: str, *, at: int) -> None:
        await self._db.execute(
            f"UPDATE viewing_sessions SET ended_at = :at WHERE {OWNED} AND id = :id AND ended_at IS NULL",
            **bound(owner),
            id=id_,
            at=at,
        )


def _session(row: Row) -> Session:
    return Session(
        id=row["id"],
        place=place_of(row),
        position_ms=row["position_ms"],
        duration_ms=row["duration_ms"],
        counts={event: row[name] for event, name in COUNTED.items()},
        started_at=row["started_at"],
        last_at=row["last_at"],
        ended_at=row["ended_at"],
    )
