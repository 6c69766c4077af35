"""What was removed and other services still have to follow."""

from __future__ import annotations

from libs.common.clock import moment_of
from libs.common.contracts.removals import Removal
from libs.common.db import Queries
from services.auth.store.base import Store


class RemovalStore(Store):
    """Rows stay until every holder has followed them."""

    async def removals(self, limit: int) -> list[Removal]:
        """Oldest first."""
        rows = await self.db.fetch_all(
            "SELECT id, account_id, profile_id, at FROM removals ORDER BY at, id LIMIT :limit", limit=limit
        )
        return [
            Removal(
                id=str(row["id"]),
                account_id=str(row["account_id"]),
                profile_id=None if row["profile_id"] is None else str(row["profile_id"]),
                at=moment_of(int(row["at"])),
            )
            for row in rows
        ]

    async def done(self, ids: tuple[str, ...]) -> None:
        """An unknown one is no error: another replica may have said so first."""
        await self.db.execute_many("DELETE FROM removals WHERE id = :id", [{"id": id_} for id_ in ids])


async def add_removal(
    queries: Queries, removal_id: str, account_id: str, profile_id: str | None, *, at: int
) -> None:
    """In the transaction of the removal itself, so that none is forgotten."""
    await queries.execute(
        "INSERT INTO removals (id, account_id, profile_id, at) VALUES (:id, :account_id, :profile_id, :at)",
        id=removal_id,
        account_id=account_id,
        profile_id=profile_id,
        at=at,
    )
