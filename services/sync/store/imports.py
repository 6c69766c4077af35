"""Files of viewing that people brought: what was read of them waits in rows until it is wanted."""

# ruff: noqa: S608  # only fixed column lists and conditions are put into statements

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from libs.common.contracts.removals import Removal
from libs.common.db import Database, Row, places_for
from libs.common.deadline import Deadline
from services.sync.model import Owner
from services.sync.store.owned import OWNED, bound, gone_with

MOST: Final = 20
"""Of one profile, also of those whose file is still read."""

ImportStage: TypeAlias = Literal["reading", "preview", "applying", "applied", "undoing", "undone"]
_COLUMNS: Final = "id, account_id, profile_id, state, body, told, created_at, changed_at"
_OVER: Final = "('preview', 'undone')"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImport:
    """`body`: what was read, as JSON; `told`: what became of it. Times are epoch milliseconds."""

    id: str
    owner: Owner
    state: ImportStage
    body: str = "{}"
    told: str = "{}"
    created_at: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a part, as an array of JSON."""

    number: int
    part: str
    body: str


class ImportStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def begin(
        self, new: StoredImport, *, most: int = MOST, spare: Sequence[ImportStage] = ("preview", "undone")
    ) -> bool:
        """The oldest in one of the states `spare` makes room. False where there is none."""
        async with self._db.transaction() as tx:
            held = await tx.fetch_all(
                f"SELECT id, state FROM imports WHERE {OWNED} ORDER BY created_at, id", **bound(new.owner)
            )
            going = [row["id"] for row in held if row["state"] in spare]
            too_many = len(held) + 1 - most
            if too_many > len(going):
                return False
            for id_ in going[: max(0, too_many)]:
                await tx.execute("DELETE FROM import_rows WHERE import_id = :id", id=id_)
                await tx.execute("DELETE FROM imports WHERE id = :id", id=id_)
            await tx.execute(
                f"INSERT INTO imports ({_COLUMNS}) VALUES (:id, :account_id, :profile_id, :state, :body,"
                " :told, :at, :at)",
                id=new.id,
                state=new.state,
                body=new.body,
                told=new.told,
                at=new.created_at,
                **bound(new.owner),
            )
        return True

    async def add_rows(self, import_id: str, chunks: Sequence[Chunk]) -> None:
        await self._db.execute_many(
            "INSERT INTO import_rows (import_id, number, part, body) VALUES (:id, :number, :part, :body)",
            [
                {"id": import_id, "number": chunk.number, "part": chunk.part, "body": chunk.body}
                for chunk in chunks
            ],
        )

    async def get(self, owner: Owner, import_id: str) -> StoredImport | None:
        row = await self._db.fetch_one(
            f"SELECT {_COLUMNS} FROM imports WHERE {OWNED} AND id = :id AND state <> 'reading'",
            id=import_id,
            **bound(owner),
        )
        return None if row is None else _import(row)

    async def listed(self, owner: Owner) -> list[StoredImport]:
        """Newest first."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM imports WHERE {OWNED} AND state <> 'reading'"
            " ORDER BY created_at DESC, id",
            **bound(owner),
        )
        return [_import(row) for row in rows]

    async def ready(self, owner: Owner, import_id: str, body: str, *, at: int) -> bool:
        """It is read; False if it is gone meanwhile."""
        changed = await self._db.execute(
            f"UPDATE imports SET state = 'preview', body = :body, changed_at = :at WHERE {OWNED}"
            " AND id = :id AND state = 'reading'",
            body=body,
            at=at,
            id=import_id,
            **bound(owner),
        )
        return changed == 1

    async def move(
        self, owner: Owner, import_id: str, before: Sequence[ImportStage], after: ImportStage, *, at: int
    ) -> bool:
        """From one of `before` to `after`; False if it is at none of those."""
        places, named = places_for("state", before)
        told = ", told = '{}'" if after == "undone" else ""
        changed = await self._db.execute(
            f"UPDATE imports SET state = :after, changed_at = :at{told} WHERE {OWNED} AND id = :id"
            f" AND state IN ({places})",
            after=after,
            at=at,
            id=import_id,
            **named,
            **bound(owner),
        )
        return changed == 1

    async def note(self, owner: Owner, import_id: str, told: str, resolved: Chunk | None = None) -> None:
        """What became of it so far, and rows in another one's place, in one step."""
        async with self._db.transaction() as tx:
            changed = await tx.execute(
                f"UPDATE imports SET told = :told WHERE {OWNED} AND id = :id AND state = 'applying'",
                told=told,
                id=import_id,
                **bound(owner),
            )
            if resolved is not None and changed:
                await tx.execute(
                    "UPDATE import_rows SET part = :part, body = :body WHERE import_id = :id"
                    " AND number = :number",
                    part=resolved.part,
                    body=resolved.body,
                    number=resolved.number,
                    id=import_id,
                )

    async def end(self, owner: Owner, import_id: str, told: str, *, at: int) -> None:
        """It is applied, and nothing can be taken back of it: its rows are of no more use."""
        async with self._db.transaction() as tx:
            changed = await tx.execute(
                f"UPDATE imports SET state = 'applied', told = :told, changed_at = :at WHERE {OWNED}"
                " AND id = :id AND state = 'applying'",
                told=told,
                at=at,
                id=import_id,
                **bound(owner),
            )
            if changed:
                await tx.execute("DELETE FROM import_rows WHERE import_id = :id", id=import_id)

    async def chunks(self, import_id: str, part: str) -> AsyncIterator[Chunk]:
        """One by one, so that no import is in memory whole."""
        after = -1
        while True:
            row = await self._db.fetch_one(
                "SELECT number, part, body FROM import_rows WHERE import_id = :id AND part = :part"
                " AND number > :after ORDER BY number LIMIT 1",
                id=import_id,
                part=part,
                after=after,
            )
            if row is None:
                return
            after = row["number"]
            yield Chunk(row["number"], row["part"], row["body"])

    async def has_rows(self, import_id: str) -> bool:
        found = await self._db.fetch_one(
            "SELECT number FROM import_rows WHERE import_id = :id LIMIT 1", id=import_id
        )
        return found is not None

    async def drop(self, owner: Owner, import_id: str, *, states: Sequence[ImportStage]) -> bool:
        """False if it is at none of the states."""
        places, named = places_for("state", states)
        async with self._db.transaction() as tx:
            gone = await tx.execute(
                f"DELETE FROM imports WHERE {OWNED} AND id = :id AND state IN ({places})",
                id=import_id,
                **named,
                **bound(owner),
            )
            if gone:
                await tx.execute("DELETE FROM import_rows WHERE import_id = :id", id=import_id)
        return gone == 1

    async def sweep(self, *, aged_before: int, read_before: int) -> None:
        """What nobody applied goes, of what is applied its rows, and what never was read to its end."""
        async with self._db.transaction() as tx:
            await tx.execute(
                f"DELETE FROM imports WHERE (state IN {_OVER} AND changed_at < :aged)"
                " OR (state = 'reading' AND changed_at < :read)"
                # An account's: nothing of it can be undone, and nobody is at one for so long.
                " OR (profile_id = '' AND changed_at < :aged)",
                aged=aged_before,
                read=read_before,
            )
            await tx.execute(
                "DELETE FROM import_rows WHERE import_id NOT IN (SELECT id FROM imports) OR import_id IN"
                " (SELECT id FROM imports WHERE state = 'applied' AND changed_at < :aged)",
                aged=aged_before,
            )

    async def forget_owner(self, removal: Removal, _deadline: Deadline) -> None:
        gone, names = gone_with(removal)
        async with self._db.transaction() as tx:
            await tx.execute(
                f"DELETE FROM import_rows WHERE import_id IN (SELECT id FROM imports WHERE {gone})", **names
            )
            await tx.execute(f"DELETE FROM imports WHERE {gone}", **names)


def _import(row: Row) -> StoredImport:
    return StoredImport(
        id=row["id"],
        owner=Owner(row["account_id"], row["profile_id"]),
        state=row["state"],
        body=row["body"],
        told=row["told"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )
