"""What people have settled about the syncs of their accounts at providers, and the networks they are in."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from libs.common.contracts.removals import Removal
from libs.common.contracts.sync import SyncSettings
from libs.common.db import Database, Row
from libs.common.deadline import Deadline
from services.sync.store.owned import gone_with


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """`choices` is without the webhook, which is sealed."""

    subject: str
    account_id: str
    profile_id: str
    choices: SyncSettings = field(default_factory=SyncSettings)
    sealed_webhook: bytes | None = field(default=None, repr=False)


class AccountSettingsStore:
    """A row for each account with others than the defaults, and for each profile that told its network."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, subject: str) -> Settled | None:
        row = await self._db.fetch_one(
            "SELECT subject, account_id, profile_id, body, sealed_webhook FROM sync_settings"
            " WHERE subject = :subject",
            subject=subject,
        )
        return None if row is None else _settled(row)

    async def everybodys(self) -> dict[str, Settled]:
        rows = await self._db.fetch_all(
            "SELECT subject, account_id, profile_id, body, sealed_webhook FROM sync_settings"
        )
        return {row["subject"]: _settled(row) for row in rows}

    async def put(self, settled: Settled) -> None:
        await self._db.execute(
            "INSERT INTO sync_settings (subject, account_id, profile_id, body, sealed_webhook)"
            " VALUES (:subject, :account_id, :profile_id, :body, :sealed)"
            " ON CONFLICT (subject) DO UPDATE SET body = :body, sealed_webhook = :sealed",
            subject=settled.subject,
            account_id=settled.account_id,
            profile_id=settled.profile_id,
            body=msgspec.json.encode(settled.choices).decode(),
            sealed=settled.sealed_webhook,
        )

    async def forget(self, subject: str) -> None:
        await self._db.execute("DELETE FROM sync_settings WHERE subject = :subject", subject=subject)

    async def tell_network(self, account_id: str, profile_id: str, *, metered: bool, at: int) -> None:
        await self._db.execute(
            "INSERT INTO sync_networks (account_id, profile_id, metered, told_at)"
            " VALUES (:account_id, :profile_id, :metered, :at)"
            " ON CONFLICT (account_id, profile_id) DO UPDATE SET metered = :metered, told_at = :at",
            account_id=account_id,
            profile_id=profile_id,
            metered=metered,
            at=at,
        )

    async def metered_since(self, at: int) -> set[tuple[str, str]]:
        """The profiles, by account, that have told so after that."""
        rows = await self._db.fetch_all(
            "SELECT account_id, profile_id FROM sync_networks WHERE metered AND told_at >= :at", at=at
        )
        return {(row["account_id"], row["profile_id"]) for row in rows}

    async def forget_owner(self, removal: Removal, _deadline: Deadline) -> None:
        gone, names = gone_with(removal)
        for table in ("sync_settings", "sync_networks"):
            await self._db.execute(f"DELETE FROM {table} WHERE {gone}", **names)  # noqa: S608  fixed texts


def _settled(row: Row) -> Settled:
    sealed = row["sealed_webhook"]
    return Settled(
        subject=row["subject"],
        account_id=row["account_id"],
        profile_id=row["profile_id"],
        choices=msgspec.json.decode(row["body"], type=SyncSettings),
        sealed_webhook=None if sealed is None else bytes(sealed),
    )
