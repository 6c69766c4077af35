"""How profiles want their sources: one row for each that chose."""

from __future__ import annotations

import msgspec

from libs.common.contracts.source_settings import SourceSettings
from libs.common.db import Database
from libs.common.identity import Identity


class SourceSettingsStore:
    """Every call is scoped by the account and the profile of who asks."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, owner: Identity) -> SourceSettings | None:
        row = await self._db.fetch_one(
            "SELECT settings FROM source_settings"
            " WHERE account_id = :account_id AND profile_id = :profile_id",
            account_id=owner.account_id,
            profile_id=owner.profile_id,
        )
        return None if row is None else msgspec.json.decode(bytes(row["settings"]), type=SourceSettings)

    async def put(self, owner: Identity, settings: SourceSettings) -> None:
        await self._db.execute(
            "INSERT INTO source_settings (account_id, profile_id, settings)"
            " VALUES (:account_id, :profile_id, :settings)"
            " ON CONFLICT (account_id, profile_id) DO UPDATE SET settings = excluded.settings",
            account_id=owner.account_id,
            profile_id=owner.profile_id,
            settings=msgspec.json.encode(settings),
        )
