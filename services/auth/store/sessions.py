"""Page sessions, and the list of everything an account is signed in with."""

# ruff: noqa: S608  # only a fixed column list is put into statements

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import moment_of
from libs.common.contracts.accounts import MAX_PAGE, Session
from libs.common.db import Row
from libs.common.identity import Identity
from services.auth.model import Account, Asker
from services.auth.store.base import ACCOUNT, Store, account_of

MOST_OF_A_KIND = MAX_PAGE // 2
"""An account is signed in with so many browsers and as many programs; who was longest away goes."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    id: str
    account: Account
    seen_at: int


class SessionStore(Store):
    """Page sessions."""

    async def add_session(
        self, account: Account, token_hash: bytes, *, expires_at: int, asker: Asker
    ) -> None:
        """Raises WrongCredentials if the password was changed meanwhile."""
        async with self.db.transaction() as tx:
            await self.check_password_stands(tx, account)
            await tx.execute(
                "INSERT INTO sessions"
                " (id, account_id, profile_id, token_hash, created_at, seen_at, expires_at, address, client)"
                " VALUES (:id, :account_id, :profile_id, :hash, :now, :now, :expires_at, :address, :client)",
                id=self.new_id(),
                account_id=account.id,
                profile_id=account.profile_id,
                hash=token_hash,
                now=self.now_ms(),
                expires_at=expires_at,
                address=asker.network,
                client=asker.client,
            )
            await tx.execute(
                "DELETE FROM sessions WHERE account_id = :account_id AND id NOT IN"
                " (SELECT id FROM sessions WHERE account_id = :account_id ORDER BY seen_at DESC LIMIT :most)",
                account_id=account.id,
                most=MOST_OF_A_KIND,
            )
            await self.note(tx, "signed_in", account_id=account.id, address=asker.network, subject="web")

    async def session(self, token_hash: bytes) -> StoredSession | None:
        """The session if it has not expired."""
        row = await self.db.fetch_one(
            f"SELECT {ACCOUNT}, s.id AS session_id, s.seen_at FROM sessions s"
            " JOIN accounts a ON a.id = s.account_id"
            " JOIN profiles p ON p.id = s.profile_id AND p.account_id = a.id"
            " WHERE s.token_hash = :hash AND s.expires_at > :now AND a.disabled_at IS NULL",
            hash=token_hash,
            now=self.now_ms(),
        )
        return StoredSession(str(row["session_id"]), account_of(row), int(row["seen_at"])) if row else None

    async def touch_session(self, token_hash: bytes, *, expires_at: int) -> None:
        await self.db.execute(
            "UPDATE sessions SET seen_at = :now, expires_at = :expires_at WHERE token_hash = :hash",
            hash=token_hash,
            now=self.now_ms(),
            expires_at=expires_at,
        )

    async def end_session(self, token_hash: bytes) -> str:
        """Whose it was; empty for an unknown one."""
        async with self.db.transaction() as tx:
            row = await tx.fetch_one(
                "DELETE FROM sessions WHERE token_hash = :hash RETURNING account_id", hash=token_hash
            )
            if row:
                await self.note(tx, "signed_out", account_id=str(row["account_id"]))
        return str(row["account_id"]) if row else ""

    async def list_sessions(self, identity: Identity) -> list[Session]:
        """Those of the account that work, of either kind, last used first."""
        rows = await self.db.fetch_all(
            "SELECT id, 'web' AS kind, created_at, seen_at, address, client FROM sessions"
            " WHERE account_id = :account_id AND expires_at > :now UNION ALL"
            " SELECT id, 'api' AS kind, created_at, seen_at, address, client FROM refresh_families f"
            " WHERE account_id = :account_id AND revoked_at IS NULL"
            " AND EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.family_id = f.id"
            " AND t.used_at IS NULL AND t.expires_at > :now)"
            f" ORDER BY seen_at DESC, id LIMIT {MAX_PAGE}",
            account_id=identity.account_id,
            now=self.now_ms(),
        )
        return [_session(row, identity.session_id) for row in rows]

    async def end_one(self, by: Identity, session_id: str) -> bool:
        """One of the account's own, of either kind."""
        async with self.db.transaction() as tx:
            ended = await tx.execute(
                "DELETE FROM sessions WHERE id = :id AND account_id = :account_id",
                id=session_id,
                account_id=by.account_id,
            )
            ended += await tx.execute(
                "UPDATE refresh_families SET revoked_at = :now"
                " WHERE id = :id AND account_id = :account_id AND revoked_at IS NULL",
                now=self.now_ms(),
                id=session_id,
                account_id=by.account_id,
            )
            if ended:
                await self.note_by(tx, "session_ended", by, subject=session_id)
        return bool(ended)

    async def end_others(self, by: Identity) -> None:
        async with self.db.transaction() as tx:
            await self.end_sessions(tx, by.account_id, but=by.session_id)
            await self.note_by(tx, "other_sessions_ended", by)


def _session(row: Row, current_id: str) -> Session:
    return Session(
        id=str(row["id"]),
        kind="web" if row["kind"] == "web" else "api",
        created_at=moment_of(int(row["created_at"])),
        seen_at=moment_of(int(row["seen_at"])),
        address=str(row["address"]),
        client=str(row["client"]),
        current=str(row["id"]) == current_id,
    )
