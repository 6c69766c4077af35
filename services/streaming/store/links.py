"""Addresses that users gave for titles. They are sealed before they come here."""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from libs.common.db import Database, Row
from libs.common.identity import Identity

_COLUMNS: Final = "id, type, video_id, name, sealed_url, added_at"
_OWNED: Final = "account_id = :account_id AND profile_id = :profile_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLink:
    """`added_at` in epoch milliseconds."""

    id: str
    type: str
    video_id: str
    name: str
    sealed_url: bytes = field(repr=False)
    added_at: int


class LinkStore:
    """Every call is scoped by the account and the profile of who asks."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def all(self, owner: Identity) -> Sequence[StoredLink]:
        """The newest first."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM links WHERE {_OWNED} ORDER BY added_at DESC, id", **_bound(owner)
        )
        return [_link(row) for row in rows]

    async def of_video(self, owner: Identity, type_: str, video_id: str) -> Sequence[StoredLink]:
        """The first given first."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM links WHERE {_OWNED} AND type = :type AND video_id = :video_id"
            " ORDER BY added_at, id",
            **_bound(owner),
            type=type_,
            video_id=video_id,
        )
        return [_link(row) for row in rows]

    async def add(self, owner: Identity, link: StoredLink, *, most: int) -> bool:
        """False, and nothing is written, where there are `most` already."""
        async with self._db.transaction() as tx:
            row = await tx.fetch_one(f"SELECT COUNT(*) AS links FROM links WHERE {_OWNED}", **_bound(owner))
            if row is None or row["links"] >= most:
                return False
            await tx.execute(
                f"INSERT INTO links (account_id, profile_id, {_COLUMNS}) VALUES (:account_id, :profile_id,"
                " :id, :type, :video_id, :name, :sealed_url, :added_at)",
                **_bound(owner),
                id=link.id,
                type=link.type,
                video_id=link.video_id,
                name=link.name,
                sealed_url=link.sealed_url,
                added_at=link.added_at,
            )
        return True

    async def remove(self, owner: Identity, link_id: str) -> bool:
        """False where there is none of that owner's."""
        gone = await self._db.execute(
            f"DELETE FROM links WHERE {_OWNED} AND id = :id", **_bound(owner), id=link_id
        )
        return gone > 0


def _bound(owner: Identity) -> dict[str, str]:
    return {"account_id": owner.account_id, "profile_id": owner.profile_id}


def _link(row: Row) -> StoredLink:
    return StoredLink(
        id=row["id"],
        type=row["type"],
        video_id=row["video_id"],
        name=row["name"],
        sealed_url=bytes(row["sealed_url"]),
        added_at=row["added_at"],
    )
