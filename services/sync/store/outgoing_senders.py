"""Who sends what an owner has for Trakt: one replica at a time, by a lease in a row."""

# ruff: noqa: S608  # only fixed texts are put into statements

from __future__ import annotations

from typing import Final

from libs.common.db import Database
from services.sync.model import Owner
from services.sync.store.owned import OWNED, bound

_FREE: Final = "not_before <= :now AND lease_until <= :now"


class SenderStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def due(self, now: int, limit: int) -> list[Owner]:
        """Whose things wait and are sent by nobody, the one who was served longest ago first."""
        rows = await self._db.fetch_all(
            f"SELECT s.account_id, s.profile_id FROM outgoing_senders s WHERE {_FREE} AND EXISTS"
            " (SELECT 1 FROM outgoing o WHERE o.account_id = s.account_id AND o.profile_id = s.profile_id"
            " AND o.state IN ('waiting', 'sending')) ORDER BY s.lease_until LIMIT :limit",
            now=now,
            limit=limit,
        )
        return [Owner(row["account_id"], row["profile_id"]) for row in rows]

    async def claim(self, owner: Owner, sender: str, now: int, until: int) -> bool:
        changed = await self._db.execute(
            "UPDATE outgoing_senders SET lease_owner = :sender, lease_until = :until"
            f" WHERE {OWNED} AND {_FREE}",
            **bound(owner),
            sender=sender,
            now=now,
            until=until,
        )
        return changed == 1

    async def renew(self, owner: Owner, sender: str, until: int) -> bool:
        """False if somebody else sends by now."""
        changed = await self._db.execute(
            f"UPDATE outgoing_senders SET lease_until = :until WHERE {OWNED} AND lease_owner = :sender",
            **bound(owner),
            sender=sender,
            until=until,
        )
        return changed == 1

    async def leased_until(self, owner: Owner) -> int:
        """Until when whoever sends has said to, by their clock."""
        row = await self._db.fetch_one(
            f"SELECT lease_until FROM outgoing_senders WHERE {OWNED}", **bound(owner)
        )
        return 0 if row is None else int(row["lease_until"])

    async def release(self, owner: Owner, sender: str, now: int) -> None:
        await self._db.execute(
            "UPDATE outgoing_senders SET lease_owner = '', lease_until = :now"
            f" WHERE {OWNED} AND lease_owner = :sender",
            **bound(owner),
            sender=sender,
            now=now,
        )

    async def failures(self, owner: Owner) -> int:
        row = await self._db.fetch_one(f"SELECT failures FROM outgoing_senders WHERE {OWNED}", **bound(owner))
        return 0 if row is None else int(row["failures"])

    async def put_off(self, owner: Owner, not_before: int, *, failures: int, reason: str) -> None:
        await self._db.execute(
            "UPDATE outgoing_senders SET not_before = :not_before, failures = :failures, reason = :reason"
            f" WHERE {OWNED}",
            **bound(owner),
            not_before=not_before,
            failures=failures,
            reason=reason,
        )

    async def go_on(self, owner: Owner) -> None:
        """At once, whatever was before."""
        await self._db.execute(
            f"UPDATE outgoing_senders SET reason = '', failures = 0, not_before = 0 WHERE {OWNED}",
            **bound(owner),
        )
