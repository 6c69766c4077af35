"""Install tokens, the keys that sign access tokens, and what is deleted with time."""

# ruff: noqa: S608  # only a fixed column list is put into statements

from __future__ import annotations

from dataclasses import dataclass, field

from libs.common.db import UniqueViolation
from libs.common.identity import Identity
from services.auth.model import Account
from services.auth.store.base import ACCOUNT, Store, account_of


@dataclass(frozen=True, slots=True)
class StoredInstallToken:
    """`sealed` opens with the box and the row's id."""

    id: str
    sealed: bytes = field(repr=False)
    created_at: int


@dataclass(frozen=True, slots=True)
class StoredSigningKey:
    kid: str
    public: bytes
    sealed_private: bytes = field(repr=False)
    created_at: int


class InstallStore(Store):
    """Install tokens: one that works per profile."""

    async def install_token(self, identity: Identity) -> StoredInstallToken | None:
        """The profile's that works."""
        row = await self.db.fetch_one(
            "SELECT id, sealed_token, created_at FROM install_tokens"
            " WHERE account_id = :account_id AND profile_id = :profile_id AND revoked_at IS NULL",
            account_id=identity.account_id,
            profile_id=identity.profile_id,
        )
        if row is None:
            return None
        return StoredInstallToken(str(row["id"]), bytes(row["sealed_token"]), int(row["created_at"]))

    async def put_install_token(
        self,
        *,
        by: Identity,
        token_id: str,
        token_hash: bytes,
        sealed: bytes,
        replace: bool,
    ) -> bool:
        """Store a token, revoking the one that worked if `replace`; False when another one works."""
        now = self.now_ms()
        try:
            async with self.db.transaction() as tx:
                if replace:
                    await tx.execute(
                        "UPDATE install_tokens SET revoked_at = :now"
                        " WHERE account_id = :account_id AND profile_id = :profile_id"
                        " AND revoked_at IS NULL",
                        now=now,
                        account_id=by.account_id,
                        profile_id=by.profile_id,
                    )
                await tx.execute(
                    "INSERT INTO install_tokens"
                    " (id, account_id, profile_id, token_hash, sealed_token, created_at)"
                    " VALUES (:id, :account_id, :profile_id, :hash, :sealed, :now)",
                    id=token_id,
                    account_id=by.account_id,
                    profile_id=by.profile_id,
                    hash=token_hash,
                    sealed=sealed,
                    now=now,
                )
                action = "install_token_rotated" if replace else "install_token_created"
                await self.note_by(tx, action, by, subject=token_id)
        except UniqueViolation:
            return False
        return True

    async def account_of_install_token(self, token_hash: bytes) -> Account | None:
        row = await self.db.fetch_one(
            f"SELECT {ACCOUNT} FROM install_tokens t JOIN accounts a ON a.id = t.account_id"
            " JOIN profiles p ON p.id = t.profile_id AND p.account_id = a.id"
            " WHERE t.token_hash = :hash AND t.revoked_at IS NULL AND a.disabled_at IS NULL",
            hash=token_hash,
        )
        return account_of(row) if row else None


class KeyStore(Store):
    """Signing keys, and the upkeep of every table."""

    async def signing_keys(self) -> list[StoredSigningKey]:
        """Newest first."""
        rows = await self.db.fetch_all(
            "SELECT kid, public_key, sealed_private_key, created_at FROM signing_keys"
            " ORDER BY created_at DESC, kid"
        )
        return [
            StoredSigningKey(
                str(row["kid"]),
                bytes(row["public_key"]),
                bytes(row["sealed_private_key"]),
                int(row["created_at"]),
            )
            for row in rows
        ]

    async def add_signing_key(self, kid: str, public: bytes, sealed_private: bytes) -> None:
        async with self.db.transaction() as tx:
            await tx.execute(
                "INSERT INTO signing_keys (kid, public_key, sealed_private_key, created_at)"
                " VALUES (:kid, :public, :sealed, :now)",
                kid=kid,
                public=public,
                sealed=sealed_private,
                now=self.now_ms(),
            )
            await self.note(tx, "signing_key_created", subject=kid)

    async def purge(self, *, attempts_ms: int, audit_ms: int, keys_ms: int) -> None:
        """Delete what can't matter any more; ages in ms."""
        now = self.now_ms()
        async with self.db.transaction() as tx:
            await tx.execute("DELETE FROM login_attempts WHERE updated_at < :at", at=now - attempts_ms)
            await tx.execute("DELETE FROM sessions WHERE expires_at <= :at", at=now)
            await tx.execute("DELETE FROM refresh_tokens WHERE expires_at <= :at", at=now)
            await tx.execute(
                "DELETE FROM refresh_families WHERE NOT EXISTS"
                " (SELECT 1 FROM refresh_tokens t WHERE t.family_id = refresh_families.id)"
            )
            await tx.execute("DELETE FROM install_tokens WHERE revoked_at <= :at", at=now)
            await tx.execute("DELETE FROM invitations WHERE expires_at <= :at", at=now)
            await tx.execute("DELETE FROM audit_log WHERE at < :at", at=now - audit_ms)
            await tx.execute("DELETE FROM signing_keys WHERE created_at < :at", at=now - keys_ms)
