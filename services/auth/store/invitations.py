"""Invitations, and the accounts that people make of their own."""

from __future__ import annotations

from libs.common.clock import moment_of
from libs.common.contracts.accounts import MAX_OPEN_INVITATIONS, Invitation, NewInvitation
from libs.common.db import Row, UniqueViolation
from libs.common.identity import Identity
from services.auth.errors import InvitationRefused, NameTaken
from services.auth.model import Account, Username
from services.auth.store.base import Store

_WORKS = (
    "used_at IS NULL AND expires_at > :now AND created_by IN"
    " (SELECT id FROM accounts WHERE role IN ('owner', 'admin') AND disabled_at IS NULL)"
)
"""An invitation is worth what its maker is: nothing once that one may not invite any more."""


class InvitationStore(Store):
    """Codes are stored as hashes. Each makes one account."""

    async def invitations(self) -> list[Invitation]:
        """Those that still wait, newest first; there are never more than a page of them."""
        rows = await self.db.fetch_all(
            "SELECT id, role, tier, created_by, created_at, expires_at FROM invitations"  # noqa: S608
            f" WHERE {_WORKS} ORDER BY created_at DESC, id",
            now=self.now_ms(),
        )
        return [_invitation(row) for row in rows]

    async def add(self, by: Identity, wanted: NewInvitation, code_hash: bytes) -> Invitation | None:
        """None when as many wait as may."""
        id_, now = self.new_id(), self.now_ms()
        async with self.db.transaction() as tx:
            # The hub has one owner: whoever counts its invitations waits for others who do.
            await tx.execute("UPDATE accounts SET tier = tier WHERE role = 'owner'")
            row = await tx.fetch_one(
                "SELECT COUNT(*) AS open FROM invitations WHERE used_at IS NULL AND expires_at > :now",
                now=now,
            )
            if row is not None and int(row["open"]) >= MAX_OPEN_INVITATIONS:
                return None
            await tx.execute(
                "INSERT INTO invitations (id, code_hash, role, tier, created_by, created_at, expires_at)"
                " VALUES (:id, :hash, :role, :tier, :by, :now, :expires_at)",
                id=id_,
                hash=code_hash,
                role=wanted.role,
                tier=wanted.tier,
                by=by.account_id,
                now=now,
                expires_at=now + wanted.expires_in_s * 1000,
            )
            await self.note_by(tx, "invitation_created", by, subject=id_)
        return Invitation(
            id=id_,
            role=wanted.role,
            tier=wanted.tier,
            created_by=by.account_id,
            created_at=moment_of(now),
            expires_at=moment_of(now + wanted.expires_in_s * 1000),
        )

    async def withdraw(self, by: Identity, invitation_id: str) -> bool:
        async with self.db.transaction() as tx:
            gone = await tx.execute(
                "DELETE FROM invitations WHERE id = :id AND used_at IS NULL", id=invitation_id
            )
            if gone:
                await self.note_by(tx, "invitation_withdrawn", by, subject=invitation_id)
        return bool(gone)

    async def works(self, code_hash: bytes) -> bool:
        """Asked before the costly hash; `register` asks again, for good."""
        row = await self.db.fetch_one(
            f"SELECT 1 AS one FROM invitations WHERE code_hash = :hash AND {_WORKS}",  # noqa: S608
            hash=code_hash,
            now=self.now_ms(),
        )
        return row is not None

    async def register(
        self,
        username: Username,
        password_hash: str,
        *,
        code_hash: bytes | None,
        role: str,
        tier: str,
        network: str,
    ) -> Account:
        """Raises InvitationRefused, and NameTaken, which leaves the invitation unused."""
        try:
            async with self.db.transaction() as tx:
                invitation_id = ""
                if code_hash is not None:
                    # Two at the same moment: the row is written by one, and the other finds it used.
                    row = await tx.fetch_one(
                        f"UPDATE invitations SET used_at = :now WHERE code_hash = :hash AND {_WORKS}"  # noqa: S608
                        " RETURNING id, role, tier",
                        hash=code_hash,
                        now=self.now_ms(),
                    )
                    if row is None:
                        raise InvitationRefused
                    invitation_id, role, tier = str(row["id"]), str(row["role"]), str(row["tier"])
                account = await self.add_account(tx, username, password_hash, role=role, tier=tier)
                await self.note(
                    tx, "registered", account_id=account.id, address=network, subject=invitation_id
                )
        except UniqueViolation:
            raise NameTaken from None
        return account


def _invitation(row: Row) -> Invitation:
    return Invitation(
        id=str(row["id"]),
        role=str(row["role"]),
        tier=str(row["tier"]),
        created_by=str(row["created_by"]),
        created_at=moment_of(int(row["created_at"])),
        expires_at=moment_of(int(row["expires_at"])),
    )
