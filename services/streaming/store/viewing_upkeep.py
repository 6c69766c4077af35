"""What is kept of viewing state: for a time only, of one profile, and in what order it lies."""

# ruff: noqa: S608  # only tables' names and bound names are put into statements

from __future__ import annotations

from typing import Final

from libs.common.db import Database
from services.streaming.store.viewing_change import begin
from services.streaming.store.viewing_rows import OWNED, bound
from services.streaming.upkeep_model import Kept
from services.streaming.viewing_model import Held, Owner

CLEARED: Final = (
    "viewing_episodes",
    "viewing_marks",
    "viewing_sessions",
    "viewing_tellings",
    "viewing_titles",
    "viewing_told",
    "viewing_told_next",
    "viewing_videos",
)
"""Not the outbox: what was done is still told."""
ROW_BYTES: Final = 150
"""Of a row besides its long texts, with its places in indexes."""
NEWEST: Final = 500

_COUNTS: Final = (
    "SELECT"
    f" (SELECT COUNT(*) FROM viewing_titles WHERE {OWNED}) AS titles,"
    f" (SELECT COUNT(*) FROM viewing_titles WHERE {OWNED} AND listed_at IS NOT NULL) AS watchlist,"
    f" (SELECT COUNT(*) FROM viewing_videos WHERE {OWNED}) AS videos,"
    f" (SELECT COUNT(*) FROM viewing_videos WHERE {OWNED} AND watched AND episode IS NULL) AS films,"
    f" (SELECT COUNT(*) FROM viewing_videos WHERE {OWNED} AND watched AND episode IS NOT NULL) AS episodes,"
    f" (SELECT COUNT(*) FROM viewing_videos WHERE {OWNED} AND position_ms > 0 AND NOT finished) AS begun,"
    f" (SELECT COUNT(*) FROM viewing_episodes WHERE {OWNED}) AS lists,"
    f" (SELECT COUNT(*) FROM viewing_outbox WHERE {OWNED}) AS events,"
    f" (SELECT COUNT(*) FROM viewing_told WHERE {OWNED}) AS told,"
    f" (SELECT COALESCE(SUM(LENGTH(told)), 0) FROM viewing_episodes WHERE {OWNED}) AS list_chars,"
    f" (SELECT COALESCE(SUM(LENGTH(told)), 0) FROM viewing_told WHERE {OWNED}) AS told_chars"
)


class UpkeepStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def remove_old(self, *, sessions_before: int, marks_before: int, events_before: int) -> None:
        """Of every profile."""
        await self._db.execute(
            "DELETE FROM viewing_sessions WHERE started_at < :before", before=sessions_before
        )
        await self._db.execute("DELETE FROM viewing_marks WHERE at < :before", before=marks_before)
        await self._db.execute("DELETE FROM viewing_outbox WHERE recorded_at < :before", before=events_before)

    async def kept(self, owner: Owner) -> Kept:
        row = await self._db.fetch_one(_COUNTS, **bound(owner))
        counted = {} if row is None else {name: int(row[name]) for name in row.keys()}  # noqa: SIM118  a row is no dict
        rows = sum(counted[name] for name in ("titles", "videos", "lists", "events", "told"))
        return Kept(
            titles=counted["titles"],
            watched_films=counted["films"],
            watched_episodes=counted["episodes"],
            begun=counted["begun"],
            watchlist=counted["watchlist"],
            lists=counted["lists"],
            events=counted["events"],
            size_bytes=ROW_BYTES * rows + counted["list_chars"] + counted["told_chars"],
        )

    async def newest_videos(self, owner: Owner) -> list[str]:
        rows = await self._db.fetch_all(
            f"SELECT video_id FROM viewing_videos WHERE {OWNED} ORDER BY at DESC LIMIT :limit",
            **bound(owner),
            limit=NEWEST,
        )
        return [row["video_id"] for row in rows]

    async def clear(self, owner: Owner) -> Held:
        """All at once. What there was."""
        async with self._db.transaction() as tx:
            await begin(tx, [owner])
            row = await tx.fetch_one(
                f"SELECT titles, videos FROM viewing_profiles WHERE {OWNED}", **bound(owner)
            )
            for table in CLEARED:
                await tx.execute(f"DELETE FROM {table} WHERE {OWNED}", **bound(owner))
            await tx.execute(
                f"UPDATE viewing_profiles SET titles = 0, videos = 0 WHERE {OWNED}", **bound(owner)
            )
        return Held(0, 0) if row is None else Held(row["titles"], row["videos"])

    async def is_taken(self, name: str) -> bool:
        """Whether an older file was read."""
        return (
            await self._db.fetch_one("SELECT 1 FROM viewing_files WHERE name = :name", name=name) is not None
        )

    async def put_taken(self, name: str, *, at: int) -> None:
        await self._db.execute(
            "INSERT INTO viewing_files (name, done_at) VALUES (:name, :at) ON CONFLICT (name) DO NOTHING",
            name=name,
            at=at,
        )

    async def optimise(self) -> None:
        """Of every profile: statistics to choose indexes by, and room that is free again. Writers wait for it
        where there is one file: what is free in it goes back to the disk."""
        tables = (*CLEARED, "viewing_outbox", "viewing_profiles")
        if self._db.dialect != "sqlite":
            for table in tables:
                await self._db.execute(f"VACUUM (ANALYZE) {table}")
            return
        for table in tables:
            await self._db.execute(f"ANALYZE {table}")
        row = await self._db.fetch_one("SELECT freelist_count AS pages FROM pragma_freelist_count")
        if row is not None and row["pages"]:
            await self._db.execute("VACUUM")
            # Until then the file is as long as it was, and the log beside it as long as the file.
            await self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
