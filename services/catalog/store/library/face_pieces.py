"""Pieces of what players are listed, as they were made when a run had ended."""

# ruff: noqa: S608  # only fixed column lists and each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from libs.common.db import Database, Queries
from services.catalog.library_model import Provider
from services.catalog.store.library import many

_COLUMNS: Final = ("category", "number", "state", "behind", "crc", "size", "body")


class KeptPiece(NamedTuple):
    """`number` counts those of its category. `behind` is where the next one goes on, "" at the end."""

    category: int
    number: int
    state: str
    behind: str
    crc: int
    size: int
    body: bytes


class PieceStore:
    """`provider` is the number of one that was looked up as the owner's."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def of(
        self, provider: int, kind: int, categories: Collection[int], *, since: int, most: int
    ) -> list[KeptPiece]:
        """Of each category up to so many pieces, from number `since` on."""
        rows = await self._db.fetch_all(
            f"SELECT {', '.join(_COLUMNS)} FROM library_player_pieces"
            " WHERE provider = :provider AND kind = :kind AND number >= :since AND number < :until"
            f" AND {many.among(self._db.dialect, 'category', 'categories')} ORDER BY category, number",
            provider=provider,
            kind=kind,
            since=since,
            until=since + most,
            categories=many.encoded(categories),
        )
        return [KeptPiece(*row) for row in rows]

    async def whole(self, provider: int, kind: int, state: str) -> frozenset[int]:
        """The categories that are there to their ends, of that state of the account."""
        rows = await self._db.fetch_all(
            "SELECT category FROM library_player_pieces"
            " WHERE provider = :provider AND kind = :kind AND state = :state AND behind = ''",
            provider=provider,
            kind=kind,
            state=state,
        )
        return frozenset(row["category"] for row in rows)

    async def put(self, provider: Provider, kind: int, pieces: Sequence[KeptPiece]) -> bool:
        """In place of those of their numbers. False, and nothing is kept, when the account is gone meanwhile
        or has had another run: they may tell half of it, or be older than what is kept now."""
        places = ", ".join(f":{column}" for column in _COLUMNS)
        instead = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[2:])
        async with self._db.transaction() as tx:
            if not await _is_as_it_was(tx, provider):
                return False
            await tx.execute_many(
                f"INSERT INTO library_player_pieces (provider, kind, {', '.join(_COLUMNS)})"
                f" VALUES (:provider, :kind, {places})"
                f" ON CONFLICT (provider, kind, category, number) DO UPDATE SET {instead}",
                [{"provider": provider.number, "kind": kind, **one._asdict()} for one in pieces],
            )
        return True

    async def forget_others(self, provider: Provider, kind: int, state: str) -> None:
        """What was made of former states."""
        async with self._db.transaction() as tx:
            if await _is_as_it_was(tx, provider):
                await tx.execute(
                    "DELETE FROM library_player_pieces"
                    " WHERE provider = :provider AND kind = :kind AND state <> :state",
                    provider=provider.number,
                    kind=kind,
                    state=state,
                )


async def _is_as_it_was(tx: Queries, provider: Provider) -> bool:
    found = await tx.fetch_all(
        "SELECT 1 FROM library_providers WHERE number = :number AND run = '' AND run_number = :run_number",
        number=provider.number,
        run_number=provider.run_number,
    )
    return bool(found)
