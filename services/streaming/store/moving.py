"""What is taken along of the tables here. Not what passes, nor what sources told and tell again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from libs.common.db import Database, Value
from libs.common.db.owned import OwnedTable, rows_of_account

TABLES: Final = (
    OwnedTable(
        name="viewing_titles",
        keys=("profile_id", "title_id"),
        columns=(
            *("type", "name", "poster", "last_video_id", "last_at", "dismissed_at", "listed_at"),
            *("unlisted_at", "watched_at"),
        ),
    ),
    OwnedTable(
        name="viewing_videos",
        keys=("profile_id", "video_id"),
        columns=(
            *("title_id", "type", "season", "episode", "position_ms", "duration_ms", "finished"),
            *("watched", "watched_at", "marked_at", "plays", "at"),
        ),
        flags=frozenset({"finished", "watched"}),
    ),
    OwnedTable(
        name="links",
        keys=("profile_id", "id"),
        columns=("account_id", "type", "video_id", "name", "added_at", "sealed_url"),
    ),
    OwnedTable(name="source_settings", keys=("profile_id",), columns=("settings",)),
)


class MovingStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def rows(self, account_id: str) -> AsyncIterator[tuple[str, dict[str, Value]]]:
        """Each with its table."""
        for table in TABLES:
            async for row in rows_of_account(self._db, table, account_id):
                if table.name == "source_settings":
                    row["settings"] = bytes(row["settings"]).decode()  # type: ignore[arg-type]  # always bytes
                yield table.name, row
