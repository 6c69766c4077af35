"""What was read of the titles in Stremio libraries, as rows that viewing state takes."""

# ruff: noqa: S608  only one fixed condition is put into statements

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from libs.common.contracts.viewing_handover import PlaybackRow, WatchedRow
from libs.common.db import Database, places_for
from services.sync.model import Owner
from services.sync.store.owned import OWNED, bound

PAGE: Final = 500


class ItemRows(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a title says of viewing."""

    watched: tuple[WatchedRow, ...] = ()
    playback: tuple[PlaybackRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadItem:
    """A title as it was read. `changed_at` is Stremio's, 0 for what is to be read again."""

    id: str
    changed_at: int
    rows: ItemRows


_decoder = msgspec.json.Decoder(ItemRows)


class StremioItemStore:
    """A row for each title of the library of a connected account."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def changes(self, owner: Owner) -> dict[str, int]:
        """When each title was last changed there, as far as it was read."""
        rows = await self._db.fetch_all(
            f"SELECT item_id, changed_at FROM stremio_items WHERE {OWNED}", **bound(owner)
        )
        return {row["item_id"]: row["changed_at"] for row in rows}

    async def rows_of(self, owner: Owner, ids: Sequence[str]) -> dict[str, ItemRows]:
        """Of up to a few hundred titles."""
        if not ids:
            return {}
        places, named = places_for("id", ids)
        rows = await self._db.fetch_all(
            f"SELECT item_id, body FROM stremio_items WHERE {OWNED} AND item_id IN ({places})",
            **named,
            **bound(owner),
        )
        return {row["item_id"]: _decoder.decode(row["body"]) for row in rows}

    async def put(self, owner: Owner, items: Sequence[ReadItem]) -> None:
        await self._db.execute_many(
            "INSERT INTO stremio_items (account_id, profile_id, item_id, changed_at, body)"
            " VALUES (:account_id, :profile_id, :item_id, :changed_at, :body)"
            " ON CONFLICT (account_id, profile_id, item_id)"
            " DO UPDATE SET changed_at = excluded.changed_at, body = excluded.body",
            [
                {
                    **bound(owner),
                    "item_id": item.id,
                    "changed_at": item.changed_at,
                    "body": msgspec.json.encode(item.rows).decode(),
                }
                for item in items
            ],
        )

    async def remove(self, owner: Owner, ids: Sequence[str]) -> None:
        await self._db.execute_many(
            f"DELETE FROM stremio_items WHERE {OWNED} AND item_id = :item_id",
            [{**bound(owner), "item_id": id_} for id_ in ids],
        )

    async def all_rows(self, owner: Owner) -> AsyncIterator[ItemRows]:
        """Page by page, so that no library is in memory whole."""
        after = ""
        while True:
            rows = await self._db.fetch_all(
                f"SELECT item_id, body FROM stremio_items WHERE {OWNED} AND item_id > :after"
                " ORDER BY item_id LIMIT :limit",
                after=after,
                limit=PAGE,
                **bound(owner),
            )
            for row in rows:
                yield _decoder.decode(row["body"])
            if len(rows) < PAGE:
                return
            after = rows[-1]["item_id"]
