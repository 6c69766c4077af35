"""Other people's accounts, as administrators list, make, change and delete them."""

# ruff: noqa: S608  # only a fixed column list is put into statements

from __future__ import annotations

from libs.common.clock import moment_of
from libs.common.contracts.accounts import AccountPatch, AccountView
from libs.common.db import Queries, Row
from libs.common.identity import Identity
from services.auth.model import Username
from services.auth.store.base import Store
from services.auth.store.removals import add_removal

_VIEW = "id, username, role, tier, disabled_at, created_at"
_NOT_OWNER = "role <> 'owner'"


class AdministrationStore(Store):
    """Nothing here touches the owner; the statements say so themselves."""

    async def accounts(self, *, limit: int, after: tuple[int, str]) -> list[AccountView]:
        """Oldest first, after a time and an id."""
        at, id_ = after
        rows = await self.db.fetch_all(
            f"SELECT {_VIEW} FROM accounts"
            " WHERE created_at > :at OR (created_at = :at AND id > :id) ORDER BY created_at, id LIMIT :limit",
            at=at,
            id=id_,
            limit=limit,
        )
        return [_view(row) for row in rows]

    async def account(self, account_id: str) -> AccountView | None:
        row = await self.db.fetch_one(f"SELECT {_VIEW} FROM accounts WHERE id = :id", id=account_id)
        return _view(row) if row else None

    async def create(
        self, by: Identity, username: Username, password_hash: str, *, role: str, tier: str
    ) -> str:
        """The new account's id. Raises UniqueViolation for a name that is taken."""
        async with self.db.transaction() as tx:
            made = await self.add_account(tx, username, password_hash, role=role, tier=tier)
            await self.note_by(tx, "account_created", by, subject=made.id)
        return made.id

    async def change(
        self, by: Identity, account_id: str, patch: AccountPatch, password_hash: str | None
    ) -> bool:
        """All of the patch or nothing; False when there is no such account or it is the owner's."""
        now = self.now_ms()
        async with self.db.transaction() as tx:
            row = await tx.fetch_one(
                f"UPDATE accounts SET tier = tier WHERE id = :id AND {_NOT_OWNER}"
                " RETURNING role, tier, disabled_at",
                id=account_id,
            )
            if row is None:
                return False
            if patch.role is not None and patch.role != row["role"]:
                await self._set(tx, by, account_id, "role", patch.role)
            if patch.tier is not None and patch.tier != row["tier"]:
                await self._set(tx, by, account_id, "tier", patch.tier)
            if patch.disabled is not None and patch.disabled != (row["disabled_at"] is not None):
                await tx.execute(
                    "UPDATE accounts SET disabled_at = CAST(:at AS BIGINT) WHERE id = :id",
                    at=now if patch.disabled else None,
                    id=account_id,
                )
                action = "account_disabled" if patch.disabled else "account_enabled"
                await self.note_by(tx, action, by, subject=account_id)
                await self.end_sessions(tx, account_id)
            if password_hash is not None:
                await tx.execute(
                    "UPDATE accounts SET password_hash = :hash WHERE id = :id",
                    hash=password_hash,
                    id=account_id,
                )
                await self.note_by(tx, "password_reset", by, subject=account_id)
                await self.end_sessions(tx, account_id)
        return True

    async def delete(self, by: Identity, account_id: str) -> bool:
        """With all that auth holds of it; a removal tells the other services."""
        async with self.db.transaction() as tx:
            deleted = await tx.execute(f"DELETE FROM accounts WHERE id = :id AND {_NOT_OWNER}", id=account_id)
            if deleted:
                await add_removal(tx, self.new_id(), account_id, None, at=self.now_ms())
                await self.note_by(tx, "account_deleted", by, subject=account_id)
        return bool(deleted)

    async def _set(self, tx: Queries, by: Identity, account_id: str, column: str, value: str) -> None:
        await tx.execute(f"UPDATE accounts SET {column} = :value WHERE id = :id", value=value, id=account_id)
        await self.note_by(tx, f"{column}_changed", by, subject=account_id)


def _view(row: Row) -> AccountView:
    return AccountView(
        id=str(row["id"]),
        username=str(row["username"]),
        role=str(row["role"]),
        tier=str(row["tier"]),
        disabled=row["disabled_at"] is not None,
        created_at=moment_of(int(row["created_at"])),
    )
