"""Everything this service holds of an account or of one profile."""

# ruff: noqa: S608  # only tables' names and bound names are put into statements

from __future__ import annotations

from typing import Final

from libs.common.db import Database

TABLES: Final = (
    "links",
    "source_settings",
    "source_starts",
    "viewing_episodes",
    "viewing_marks",
    "viewing_outbox",
    "viewing_profiles",
    "viewing_sessions",
    "viewing_tellings",
    "viewing_titles",
    "viewing_told",
    "viewing_told_next",
    "viewing_videos",
)


class OwnerStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def forget(self, account_id: str, profile_id: str | None) -> None:
        """Removes all of an account, or of one profile. Nothing there is no error."""
        of_profile = "" if profile_id is None else " AND profile_id = :profile_id"
        async with self._db.transaction() as tx:
            for table in TABLES:
                await tx.execute(
                    f"DELETE FROM {table} WHERE account_id = :account_id{of_profile}",
                    account_id=account_id,
                    profile_id=profile_id,
                )
