"""Accounts' keys of TMDB and what profiles chose. Each change raises the revision of all it concerns."""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from dataclasses import dataclass, field

from libs.common.contracts.tmdb import TmdbChoice
from libs.common.db import Database, Queries
from services.catalog.model import Owner
from services.catalog.store.rows import choice_of, put_choice, raise_revision, raise_revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """Times are epoch milliseconds. `saved_at` tells one key of an account from the next."""

    sealed: bytes = field(repr=False)
    saved_at: int
    checked_at: int | None
    refused_at: int | None


class TmdbChoiceStore:
    """At most one key for each account, one row for each profile that chose."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def choose(self, owner: Owner, choice: TmdbChoice) -> None:
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            await put_choice(tx, "tmdb_choices", owner, choice)

    async def save_key(self, account_id: str, sealed: bytes, *, at: int) -> None:
        """Puts a key that TMDB has just taken in the place of any other."""
        async with self._db.transaction() as tx:
            await raise_revisions(tx, account_id)
            await tx.execute(
                "INSERT INTO tmdb_keys (account_id, sealed_key, saved_at, checked_at, refused_at)"
                " VALUES (:account_id, :sealed, :at, :at, NULL)"
                " ON CONFLICT (account_id) DO UPDATE SET sealed_key = excluded.sealed_key,"
                " saved_at = excluded.saved_at, checked_at = excluded.checked_at, refused_at = NULL",
                account_id=account_id,
                sealed=sealed,
                at=at,
            )

    async def put_key(self, account_id: str, sealed: bytes, *, at: int, look: bool) -> bool:
        """Where there is none, unless somebody only looks; whether there was none."""
        if look:
            return await tmdb_key(self._db, account_id) is None
        async with self._db.transaction() as tx:
            await raise_revisions(tx, account_id)
            put = await tx.execute(
                "INSERT INTO tmdb_keys (account_id, sealed_key, saved_at, checked_at, refused_at)"
                " VALUES (:account_id, :sealed, :at, NULL, NULL) ON CONFLICT (account_id) DO NOTHING",
                account_id=account_id,
                sealed=sealed,
                at=at,
            )
        return put == 1

    async def remove_key(self, account_id: str) -> None:
        async with self._db.transaction() as tx:
            await raise_revisions(tx, account_id)
            await tx.execute("DELETE FROM tmdb_keys WHERE account_id = :account_id", account_id=account_id)

    async def note_taken(self, account_id: str, saved_at: int, *, at: int) -> None:
        """TMDB takes that key, now or again; nothing happens if it is another by now."""
        await self._note(account_id, saved_at, "checked_at = :at, refused_at = NULL", at)

    async def note_refused(self, account_id: str, saved_at: int, *, at: int) -> None:
        """TMDB refuses that key, and since when stays; nothing happens if it is another by now."""
        await self._note(account_id, saved_at, "refused_at = COALESCE(refused_at, :at)", at)

    async def _note(self, account_id: str, saved_at: int, change: str, at: int) -> None:
        async with self._db.transaction() as tx:
            await raise_revisions(tx, account_id)
            await tx.execute(
                f"UPDATE tmdb_keys SET {change} WHERE account_id = :account_id AND saved_at = :saved_at",
                account_id=account_id,
                saved_at=saved_at,
                at=at,
            )


async def tmdb_choice(queries: Queries, owner: Owner) -> TmdbChoice:
    """What the owner chose, or what holds for everybody else."""
    return await choice_of(queries, "tmdb_choices", owner, TmdbChoice)


async def tmdb_key(queries: Queries, account_id: str) -> StoredKey | None:
    row = await queries.fetch_one(
        "SELECT sealed_key, saved_at, checked_at, refused_at FROM tmdb_keys WHERE account_id = :account_id",
        account_id=account_id,
    )
    if row is None:
        return None
    return StoredKey(
        sealed=bytes(row["sealed_key"]),
        saved_at=row["saved_at"],
        checked_at=row["checked_at"],
        refused_at=row["refused_at"],
    )


async def forget_key(tx: Queries, account_id: str) -> None:
    await tx.execute("DELETE FROM tmdb_keys WHERE account_id = :account_id", account_id=account_id)
