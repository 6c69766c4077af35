"""The profiles of an account. Every statement names the account."""

from __future__ import annotations

from libs.common.clock import moment_of
from libs.common.contracts.accounts import MAX_PROFILES, Profile
from libs.common.db import Row
from libs.common.identity import Identity
from services.auth.store.base import Store
from services.auth.store.removals import add_removal


class ProfileStore(Store):
    """Who watches, within an account."""

    async def profiles(self, account_id: str) -> list[Profile]:
        """The default one first."""
        rows = await self.db.fetch_all(
            "SELECT id, name, is_default, created_at FROM profiles WHERE account_id = :account_id"
            " ORDER BY is_default DESC, created_at, id",
            account_id=account_id,
        )
        return [_profile(row) for row in rows]

    async def profile(self, account_id: str, profile_id: str) -> Profile | None:
        row = await self.db.fetch_one(
            "SELECT id, name, is_default, created_at FROM profiles"
            " WHERE id = :id AND account_id = :account_id",
            id=profile_id,
            account_id=account_id,
        )
        return _profile(row) if row else None

    async def add(self, by: Identity, name: str) -> Profile | None:
        """None when there are as many as there may be, or the account is gone."""
        id_, now = self.new_id(), self.now_ms()
        async with self.db.transaction() as tx:
            if not await self.lock_account(tx, by.account_id):
                return None
            row = await tx.fetch_one(
                "SELECT COUNT(*) AS held FROM profiles WHERE account_id = :account_id",
                account_id=by.account_id,
            )
            if row is not None and int(row["held"]) >= MAX_PROFILES:
                return None
            await tx.execute(
                "INSERT INTO profiles (id, account_id, name, is_default, created_at)"
                " VALUES (:id, :account_id, :name, FALSE, :now)",
                id=id_,
                account_id=by.account_id,
                name=name,
                now=now,
            )
            await self.note_by(tx, "profile_created", by, subject=id_)
        return Profile(id=id_, name=name, is_default=False, created_at=moment_of(now))

    async def rename(self, by: Identity, profile_id: str, name: str) -> bool:
        async with self.db.transaction() as tx:
            renamed = await tx.execute(
                "UPDATE profiles SET name = :name WHERE id = :id AND account_id = :account_id",
                name=name,
                id=profile_id,
                account_id=by.account_id,
            )
            if renamed:
                await self.note_by(tx, "profile_renamed", by, subject=profile_id)
        return bool(renamed)

    async def delete(self, by: Identity, profile_id: str) -> bool:
        """With all that auth holds of it, sessions and keys too; never the default one."""
        async with self.db.transaction() as tx:
            deleted = await tx.execute(
                "DELETE FROM profiles WHERE id = :id AND account_id = :account_id AND NOT is_default",
                id=profile_id,
                account_id=by.account_id,
            )
            if deleted:
                await add_removal(tx, self.new_id(), by.account_id, profile_id, at=self.now_ms())
                await self.note_by(tx, "profile_deleted", by, subject=profile_id)
        return bool(deleted)

    async def select(self, by: Identity, profile_id: str) -> bool:
        """The asking session, of either kind, goes on as that profile."""
        of_the_account = "(SELECT id FROM profiles WHERE id = :profile_id AND account_id = :account_id)"
        changed = 0
        async with self.db.transaction() as tx:
            for table, lives in (("sessions", "TRUE"), ("refresh_families", "revoked_at IS NULL")):
                changed += await tx.execute(
                    f"UPDATE {table} SET profile_id = :profile_id"  # noqa: S608
                    f" WHERE id = :id AND account_id = :account_id AND {lives}"
                    f" AND EXISTS {of_the_account}",
                    profile_id=profile_id,
                    id=by.session_id,
                    account_id=by.account_id,
                )
            if changed:
                await self.note_by(tx, "profile_selected", by, subject=profile_id)
        return bool(changed)


def _profile(row: Row) -> Profile:
    return Profile(
        id=str(row["id"]),
        name=str(row["name"]),
        is_default=bool(row["is_default"]),
        created_at=moment_of(int(row["created_at"])),
    )
