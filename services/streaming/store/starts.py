"""How long sources took to begin, when profiles played them."""

# ruff: noqa: S608  # only bound names are put into statements

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.db import Database
from libs.common.identity import Identity
from services.streaming.starts_model import Start

MOST_KEPT: Final = 500
"""Of one profile, the newest."""
_OWNED: Final = "account_id = :account_id AND profile_id = :profile_id"


class StartStore:
    """Every call is scoped by the account and the profile of who asks."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def since(self, owner: Identity, since_ms: int) -> Sequence[Start]:
        rows = await self._db.fetch_all(
            f"SELECT source, began_at, took_ms FROM source_starts WHERE {_OWNED} AND began_at > :since_ms",
            account_id=owner.account_id,
            profile_id=owner.profile_id,
            since_ms=since_ms,
        )
        return [Start(row["source"], row["began_at"], row["took_ms"]) for row in rows]

    async def add(self, owner: Identity, start: Start) -> None:
        owned = {"account_id": owner.account_id, "profile_id": owner.profile_id}
        async with self._db.transaction() as tx:
            await tx.execute(
                "INSERT INTO source_starts (account_id, profile_id, began_at, source, took_ms)"
                " VALUES (:account_id, :profile_id, :began_at, :source, :took_ms) ON CONFLICT DO NOTHING",
                **owned,
                began_at=start.began_at,
                source=start.source,
                took_ms=start.took_ms,
            )
            await tx.execute(
                f"DELETE FROM source_starts WHERE {_OWNED} AND began_at <= ("
                f"SELECT began_at FROM source_starts WHERE {_OWNED}"
                f" ORDER BY began_at DESC LIMIT 1 OFFSET {MOST_KEPT})",
                **owned,
            )
