"""The audit log, read. Each store writes its own entries in the transaction of what they tell about."""

from __future__ import annotations

from libs.common.clock import moment_of
from libs.common.contracts.accounts import AuditEntry
from services.auth.store.base import Store


class AuditStore(Store):
    """Newest first."""

    async def entries(
        self, account_id: str | None, *, limit: int, before: tuple[int, str] | None
    ) -> list[AuditEntry]:
        """What one account did; what everybody did for None."""
        mine = "account_id = :account_id" if account_id is not None else "TRUE"
        older = "(at < :at OR (at = :at AND id < :id))" if before is not None else "TRUE"
        at, id_ = before if before is not None else (0, "")
        rows = await self.db.fetch_all(
            "SELECT id, at, account_id, action, subject, address FROM audit_log"  # noqa: S608
            f" WHERE {mine} AND {older} ORDER BY at DESC, id DESC LIMIT :limit",
            account_id=account_id,
            at=at,
            id=id_,
            limit=limit,
        )
        return [
            AuditEntry(
                id=str(row["id"]),
                at=moment_of(int(row["at"])),
                account_id=str(row["account_id"]),
                action=str(row["action"]),
                subject=str(row["subject"]),
                address=str(row["address"]),
            )
            for row in rows
        ]
