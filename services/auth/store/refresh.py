"""Refresh tokens in families: what the access tokens of a program live by."""

# ruff: noqa: S608  # only a fixed column list is put into statements

from __future__ import annotations

from dataclasses import dataclass

from libs.common.db import Queries
from services.auth.model import Account, Asker
from services.auth.store.base import ACCOUNT, Store, account_of
from services.auth.store.sessions import MOST_OF_A_KIND

MOST_TOKENS = 3_000
"""Used ones are kept to know them again: as many as a program uses up that asks each 15 minutes all month."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """`account` when the new token was stored; `reused_by` when the old one had been used before."""

    family_id: str = ""
    account: Account | None = None
    reused_by: str = ""


class RefreshStore(Store):
    """Refresh tokens in families: one family per sign-in, one working token per family."""

    async def add_refresh_family(
        self, account: Account, token_hash: bytes, *, expires_at: int, asker: Asker
    ) -> str:
        """Begin a family with its first token; its id. Raises WrongCredentials as `add_session` does."""
        family_id = self.new_id()
        async with self.db.transaction() as tx:
            await self.check_password_stands(tx, account)
            await tx.execute(
                "INSERT INTO refresh_families"
                " (id, account_id, profile_id, created_at, seen_at, address, client)"
                " VALUES (:id, :account_id, :profile_id, :now, :now, :address, :client)",
                id=family_id,
                account_id=account.id,
                profile_id=account.profile_id,
                now=self.now_ms(),
                address=asker.network,
                client=asker.client,
            )
            await self._add_refresh_token(tx, family_id, token_hash, expires_at)
            await tx.execute(
                "DELETE FROM refresh_families WHERE account_id = :account_id AND id NOT IN"
                " (SELECT id FROM refresh_families WHERE account_id = :account_id"
                " ORDER BY revoked_at IS NOT NULL, seen_at DESC LIMIT :most)",
                account_id=account.id,
                most=MOST_OF_A_KIND,
            )
            await self.note(tx, "signed_in", account_id=account.id, address=asker.network, subject="api")
        return family_id

    async def rotate_refresh_token(self, old: bytes, new: bytes, *, expires_at: int) -> Rotation:
        """Replace `old` by `new`. An `old` that was used before ends every token of its family."""
        async with self.db.transaction() as tx:
            used = await tx.fetch_one(
                "UPDATE refresh_tokens SET used_at = :now"
                " WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now AND family_id IN"
                " (SELECT id FROM refresh_families WHERE revoked_at IS NULL) RETURNING family_id",
                hash=old,
                now=self.now_ms(),
            )
            if used is None:
                return Rotation(reused_by=await self._end_family_of_used(tx, old))
            family_id = str(used["family_id"])
            await self._add_refresh_token(tx, family_id, new, expires_at)
            await tx.execute(
                "DELETE FROM refresh_tokens WHERE family_id = :family_id AND created_at <"
                " (SELECT created_at FROM refresh_tokens WHERE family_id = :family_id"
                " ORDER BY created_at DESC LIMIT 1 OFFSET :more)",
                family_id=family_id,
                more=MOST_TOKENS - 1,
            )
            await tx.execute(
                "UPDATE refresh_families SET seen_at = :now WHERE id = :id", now=self.now_ms(), id=family_id
            )
            return Rotation(family_id=family_id, account=await self._account_of(tx, family_id))

    async def account_of_family(self, family_id: str) -> Account | None:
        """Whom the family speaks for while it lives."""
        return await self._account_of(self.db, family_id)

    async def end_refresh_family(self, token_hash: bytes) -> str:
        """Whose it was; empty when there was nothing to end."""
        async with self.db.transaction() as tx:
            account_id = await self._end_family(tx, token_hash)
            if account_id:
                await self.note(tx, "signed_out", account_id=account_id)
        return account_id

    async def _account_of(self, queries: Queries, family_id: str) -> Account | None:
        row = await queries.fetch_one(
            f"SELECT {ACCOUNT} FROM refresh_families f JOIN accounts a ON a.id = f.account_id"
            " JOIN profiles p ON p.id = f.profile_id AND p.account_id = a.id"
            " WHERE f.id = :id AND f.revoked_at IS NULL AND a.disabled_at IS NULL",
            id=family_id,
        )
        return account_of(row) if row else None

    async def _add_refresh_token(
        self, tx: Queries, family_id: str, token_hash: bytes, expires_at: int
    ) -> None:
        await tx.execute(
            "INSERT INTO refresh_tokens (token_hash, family_id, created_at, expires_at)"
            " VALUES (:hash, :family_id, :now, :expires_at)",
            hash=token_hash,
            family_id=family_id,
            now=self.now_ms(),
            expires_at=expires_at,
        )

    async def _end_family_of_used(self, tx: Queries, token_hash: bytes) -> str:
        row = await tx.fetch_one(
            "SELECT used_at FROM refresh_tokens WHERE token_hash = :hash AND used_at IS NOT NULL",
            hash=token_hash,
        )
        account_id = await self._end_family(tx, token_hash) if row else ""
        if account_id:
            await self.note(tx, "refresh_token_reused", account_id=account_id)
        return account_id

    async def _end_family(self, tx: Queries, token_hash: bytes) -> str:
        """The account whose family this call ended, empty when there was nothing to end."""
        row = await tx.fetch_one(
            "UPDATE refresh_families SET revoked_at = :now WHERE revoked_at IS NULL AND id IN"
            " (SELECT family_id FROM refresh_tokens WHERE token_hash = :hash) RETURNING account_id",
            hash=token_hash,
            now=self.now_ms(),
        )
        return str(row["account_id"]) if row else ""
