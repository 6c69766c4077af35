"""What of a row says where it is played from."""

from __future__ import annotations

from dataclasses import dataclass, field

from libs.common.db import Database, Row
from services.catalog.model import Owner
from services.catalog.store.rows import bound


@dataclass(frozen=True, slots=True)
class Source:
    """`provider` is the account's id, `number` what stands for it in its rows."""

    provider: str
    number: int
    panel_id: int
    extension: str
    sealed_url: bytes | None = field(repr=False)


class PlayableStore:
    """Reads one row at a time, of its owner alone."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def item(self, owner: Owner, kind: int, number: int) -> Source | None:
        row = await self._db.fetch_one(
            "SELECT p.id AS provider, i.provider AS number, i.panel_id, i.extension, i.sealed_url"
            " FROM library_items i JOIN library_providers p ON p.number = i.provider"
            " WHERE i.id = :number AND i.kind = :kind"
            " AND p.account_id = :account_id AND p.profile_id = :profile_id",
            number=number,
            kind=kind,
            **bound(owner),
        )
        return None if row is None else _source(row)

    async def episode(self, owner: Owner, number: int) -> Source | None:
        row = await self._db.fetch_one(
            "SELECT p.id AS provider, e.provider AS number, e.panel_id, e.extension, e.sealed_url"
            " FROM library_episodes e JOIN library_providers p ON p.number = e.provider"
            " WHERE e.id = :number AND p.account_id = :account_id AND p.profile_id = :profile_id",
            number=number,
            **bound(owner),
        )
        return None if row is None else _source(row)


def _source(row: Row) -> Source:
    sealed = row["sealed_url"]
    return Source(
        provider=row["provider"],
        number=row["number"],
        panel_id=row["panel_id"],
        extension=row["extension"],
        sealed_url=None if sealed is None else bytes(sealed),
    )
