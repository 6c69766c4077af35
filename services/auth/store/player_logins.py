"""Player logins: one per profile."""

# ruff: noqa: S608  # only a fixed column list is put into statements

from __future__ import annotations

from dataclasses import dataclass, field

from libs.common.db import UniqueViolation
from libs.common.identity import Identity
from services.auth.model import Account
from services.auth.store.base import ACCOUNT, Store, account_of


@dataclass(frozen=True, slots=True)
class StoredPlayerLogin:
    """`sealed` opens with the box and the row's id."""

    id: str
    username: str
    sealed: bytes = field(repr=False)
    created_at: int


class PlayerLoginStore(Store):
    """What IPTV apps sign in with."""

    async def login(self, identity: Identity) -> StoredPlayerLogin | None:
        row = await self.db.fetch_one(
            "SELECT id, username, sealed_password, created_at FROM player_logins"
            " WHERE account_id = :account_id AND profile_id = :profile_id",
            account_id=identity.account_id,
            profile_id=identity.profile_id,
        )
        if row is None:
            return None
        return StoredPlayerLogin(
            str(row["id"]), str(row["username"]), bytes(row["sealed_password"]), int(row["created_at"])
        )

    async def add(
        self, by: Identity, login_id: str, *, username: str, proof_hash: bytes, sealed: bytes
    ) -> bool:
        """False when the name is somebody else's; True also when the profile has a login by now."""
        try:
            async with self.db.transaction() as tx:
                await tx.execute(
                    "INSERT INTO player_logins"
                    " (id, account_id, profile_id, username, proof_hash, sealed_password, created_at)"
                    " VALUES (:id, :account_id, :profile_id, :username, :hash, :sealed, :now)",
                    id=login_id,
                    account_id=by.account_id,
                    profile_id=by.profile_id,
                    username=username,
                    hash=proof_hash,
                    sealed=sealed,
                    now=self.now_ms(),
                )
                await self.note_by(tx, "player_login_created", by, subject=login_id)
        except UniqueViolation:
            return await self.login(by) is not None
        return True

    async def replace(self, by: Identity, login_id: str, *, proof_hash: bytes, sealed: bytes) -> None:
        """Another password. When two calls meet, both then show the later one."""
        async with self.db.transaction() as tx:
            replaced = await tx.execute(
                "UPDATE player_logins SET proof_hash = :hash, sealed_password = :sealed, created_at = :now"
                " WHERE id = :id AND account_id = :account_id AND profile_id = :profile_id",
                hash=proof_hash,
                sealed=sealed,
                now=self.now_ms(),
                id=login_id,
                account_id=by.account_id,
                profile_id=by.profile_id,
            )
            if replaced:
                await self.note_by(tx, "player_login_rotated", by, subject=login_id)

    async def account_of(self, proof_hash: bytes) -> Account | None:
        row = await self.db.fetch_one(
            f"SELECT {ACCOUNT} FROM player_logins l JOIN accounts a ON a.id = l.account_id"
            " JOIN profiles p ON p.id = l.profile_id AND p.account_id = a.id"
            " WHERE l.proof_hash = :hash AND a.disabled_at IS NULL",
            hash=proof_hash,
        )
        return account_of(row) if row else None
