"""API keys: stored as hashes, each of one profile. Only the look-up by hash names no account and profile."""

# ruff: noqa: S608  # only a fixed column list is put into statements

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import moment_of, moment_or_none
from libs.common.contracts.accounts import MAX_API_KEYS, ApiKey
from libs.common.db import Row
from libs.common.identity import Identity
from services.auth.model import Account
from services.auth.store.base import ACCOUNT, Store, account_of

_KEY = "id, name, prefix, scopes, profile_id, created_at, expires_at, last_used_at"


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A key somebody sent."""

    id: str
    account: Account
    scopes: tuple[str, ...]
    expires_at: int | None
    last_used_at: int | None


class ApiKeyStore(Store):
    """What programs of a profile prove themselves with."""

    async def keys(self, identity: Identity) -> list[ApiKey]:
        """Newest first, also those that have expired."""
        rows = await self.db.fetch_all(
            f"SELECT {_KEY} FROM api_keys WHERE account_id = :account_id AND profile_id = :profile_id"
            " ORDER BY created_at DESC, id",
            account_id=identity.account_id,
            profile_id=identity.profile_id,
        )
        return [_key(row) for row in rows]

    async def add(
        self,
        by: Identity,
        *,
        name: str,
        scopes: tuple[str, ...],
        prefix: str,
        key_hash: bytes,
        expires_at: int | None,
    ) -> ApiKey | None:
        """None when the account has as many as it may."""
        id_, now = self.new_id(), self.now_ms()
        async with self.db.transaction() as tx:
            await self.lock_account(tx, by.account_id)
            row = await tx.fetch_one(
                "SELECT COUNT(*) AS held FROM api_keys WHERE account_id = :account_id",
                account_id=by.account_id,
            )
            if row is not None and int(row["held"]) >= MAX_API_KEYS:
                return None
            row = await tx.fetch_one(
                "INSERT INTO api_keys"
                " (id, account_id, profile_id, name, prefix, key_hash, scopes, created_at, expires_at)"
                " VALUES (:id, :account_id, :profile_id, :name, :prefix, :hash, :scopes, :now,"
                f" CAST(:expires_at AS BIGINT)) RETURNING {_KEY}",
                id=id_,
                account_id=by.account_id,
                profile_id=by.profile_id,
                name=name,
                prefix=prefix,
                hash=key_hash,
                scopes=" ".join(scopes),
                now=now,
                expires_at=expires_at,
            )
            await self.note_by(tx, "api_key_created", by, subject=id_)
        return _key(row) if row else None

    async def revoke(self, by: Identity, key_id: str) -> bool:
        async with self.db.transaction() as tx:
            gone = await tx.execute(
                "DELETE FROM api_keys"
                " WHERE id = :id AND account_id = :account_id AND profile_id = :profile_id",
                id=key_id,
                account_id=by.account_id,
                profile_id=by.profile_id,
            )
            if gone:
                await self.note_by(tx, "api_key_revoked", by, subject=key_id)
        return bool(gone)

    async def used(self, key_hash: bytes) -> UsedKey | None:
        """The key if it has not expired and its account may be used."""
        row = await self.db.fetch_one(
            f"SELECT {ACCOUNT}, k.id AS key_id, k.scopes, k.expires_at, k.last_used_at FROM api_keys k"
            " JOIN accounts a ON a.id = k.account_id"
            " JOIN profiles p ON p.id = k.profile_id AND p.account_id = a.id"
            " WHERE k.key_hash = :hash AND a.disabled_at IS NULL"
            " AND (k.expires_at IS NULL OR k.expires_at > :now)",
            hash=key_hash,
            now=self.now_ms(),
        )
        if row is None:
            return None
        return UsedKey(
            str(row["key_id"]),
            account_of(row),
            tuple(str(row["scopes"]).split()),
            row["expires_at"],
            row["last_used_at"],
        )

    async def touch(self, key_id: str) -> None:
        await self.db.execute(
            "UPDATE api_keys SET last_used_at = :now WHERE id = :id", now=self.now_ms(), id=key_id
        )


def _key(row: Row) -> ApiKey:
    return ApiKey(
        id=str(row["id"]),
        name=str(row["name"]),
        prefix=str(row["prefix"]),
        scopes=tuple(str(row["scopes"]).split()),
        profile_id=str(row["profile_id"]),
        created_at=moment_of(int(row["created_at"])),
        expires_at=moment_or_none(row["expires_at"]),
        last_used_at=moment_or_none(row["last_used_at"]),
    )
