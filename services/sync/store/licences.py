"""Licences that somebody has accepted."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.db import Database


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted, and when in epoch milliseconds."""

    accepted_by: str
    accepted_at: int


class LicenceStore:
    """One row per accepted licence."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def acceptance(self, name: str) -> Acceptance | None:
        row = await self._db.fetch_one(
            "SELECT accepted_by, accepted_at FROM licences WHERE name = :name", name=name
        )
        return None if row is None else Acceptance(row["accepted_by"], row["accepted_at"])

    async def accept(self, name: str, account_id: str, *, at: int) -> None:
        await self._db.execute(
            "INSERT INTO licences (name, accepted_by, accepted_at) VALUES (:name, :account_id, :at)"
            " ON CONFLICT (name) DO NOTHING",
            name=name,
            account_id=account_id,
            at=at,
        )

    async def withdraw(self, name: str) -> None:
        await self._db.execute("DELETE FROM licences WHERE name = :name", name=name)
