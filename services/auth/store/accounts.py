"""Accounts as people sign in with them: found by name or profile, with their passwords."""

# ruff: noqa: S608  # only a fixed column list is put into statements

from __future__ import annotations

from libs.common.db import UniqueViolation
from libs.common.identity import Identity
from services.auth.model import OWNER, OWNER_TIER, Account, Username
from services.auth.store.base import ACCOUNT, Store, account_of
from services.auth.store.removals import add_removal


class AccountStore(Store):
    """Who there is."""

    async def has_owner(self) -> bool:
        return await self.db.fetch_one("SELECT 1 AS one FROM accounts WHERE role = 'owner'") is not None

    async def add_owner(self, username: Username, password_hash: str) -> Account | None:
        """The owner with a default profile, or None when there is an owner already."""
        try:
            async with self.db.transaction() as tx:
                account = await self.add_account(tx, username, password_hash, role=OWNER, tier=OWNER_TIER)
                await self.note(tx, "owner_created", account_id=account.id)
        except UniqueViolation:
            return None
        return account

    async def account_by_name(self, username: Username) -> Account | None:
        """The account with its default profile."""
        row = await self.db.fetch_one(
            f"SELECT {ACCOUNT} FROM accounts a JOIN profiles p ON p.account_id = a.id AND p.is_default"
            " WHERE a.username_key = :key",
            key=username.key,
        )
        return account_of(row) if row else None

    async def account_by_profile(self, account_id: str, profile_id: str) -> Account | None:
        row = await self.db.fetch_one(
            f"SELECT {ACCOUNT} FROM accounts a JOIN profiles p ON p.account_id = a.id"
            " WHERE a.id = :account_id AND p.id = :profile_id AND a.disabled_at IS NULL",
            account_id=account_id,
            profile_id=profile_id,
        )
        return account_of(row) if row else None

    async def renew_password_hash(self, account_id: str, *, before: str, after: str) -> bool:
        """Store the same password at another cost; False when it was changed meanwhile."""
        renewed = await self.db.execute(
            "UPDATE accounts SET password_hash = :after WHERE id = :id AND password_hash = :before",
            id=account_id,
            before=before,
            after=after,
        )
        return bool(renewed)

    async def change_password(self, identity: Identity, *, before: str, after: str, network: str) -> bool:
        """Ends every other session; False when the password was changed meanwhile."""
        async with self.db.transaction() as tx:
            changed = await tx.execute(
                "UPDATE accounts SET password_hash = :after WHERE id = :id AND password_hash = :before",
                id=identity.account_id,
                before=before,
                after=after,
            )
            if changed:
                await self.end_sessions(tx, identity.account_id, but=identity.session_id)
                await self.note(tx, "password_changed", account_id=identity.account_id, address=network)
        return bool(changed)

    async def delete_own(self, account_id: str, *, before: str, network: str) -> bool:
        """With all that auth holds of it; a removal tells the other services. False for another password."""
        async with self.db.transaction() as tx:
            deleted = await tx.execute(
                "DELETE FROM accounts WHERE id = :id AND password_hash = :before AND role <> 'owner'",
                id=account_id,
                before=before,
            )
            if deleted:
                await add_removal(tx, self.new_id(), account_id, None, at=self.now_ms())
                await self.note(
                    tx, "account_deleted", account_id=account_id, address=network, subject=account_id
                )
        return bool(deleted)

    async def note_refused(self, account_id: str, address: str) -> None:
        """For each judged attempt; those turned away unread must not fill the log."""
        await self.note(self.db, "login_refused", account_id=account_id, address=address)
