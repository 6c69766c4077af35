"""What owners chose about their rows: shown or not, under which names, where, and which are one.

Each change raises the owner's revision in the same transaction.
"""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from collections.abc import Sequence

from libs.common.db import Database, Queries, Row, Value
from services.catalog.errors import AddonNotFound, CatalogNotFound, ChangedMeanwhile
from services.catalog.model import Arrangement, MergedRow, Owner, RowChange, RowChoice, RowKey
from services.catalog.store.rows import OWNED, bound, raise_revision

_CHOICE = "included, name, searchable, position"
_ROW = f"{OWNED} AND addon_id = :addon_id AND kind = :kind AND type = :type AND catalog_id = :catalog_id"

# An addon is looked for among the owner's own, so that nobody chooses for another's.
_PUT_CHOICE = (
    f"INSERT INTO row_choices (account_id, profile_id, addon_id, kind, type, catalog_id, {_CHOICE})"
    " SELECT account_id, profile_id, id, CAST(:kind AS TEXT), CAST(:type AS TEXT),"
    " CAST(:catalog_id AS TEXT), CAST(:included AS BOOLEAN), CAST(:name AS TEXT),"
    " CAST(:searchable AS BOOLEAN), CAST(:position AS INTEGER)"
    f" FROM addons WHERE {OWNED} AND id = :addon_id"
    " ON CONFLICT (account_id, profile_id, addon_id, kind, type, catalog_id) DO UPDATE SET"
    " included = excluded.included, name = excluded.name, searchable = excluded.searchable,"
    " position = excluded.position"
)
_PUT_POSITION = _PUT_CHOICE.partition(" DO UPDATE SET")[0] + " DO UPDATE SET position = excluded.position"


class RowStore:
    """The choices of every owner."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def change(self, owner: Owner, key: RowKey, change: RowChange) -> None:
        """Raises AddonNotFound for another owner's row."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            named = {**bound(owner), **_key_values(key)}
            row = await tx.fetch_one(f"SELECT {_CHOICE} FROM row_choices WHERE {_ROW}", **named)
            choice = change.of(RowChoice() if row is None else _choice(row))
            if not await tx.execute(_PUT_CHOICE, **named, **_choice_values(choice)):
                raise AddonNotFound("There is no such addon in your list.")

    async def change_merged(self, owner: Owner, wanted: MergedRow, *, seen: int) -> None:
        """Puts `wanted` in the place of the merged row of its key, the position excepted.

        Raises ChangedMeanwhile unless the list is still as it was at `seen`.
        """
        async with self._db.transaction() as tx:
            await _raise_from(tx, owner, seen)
            choice = wanted.choice
            changed = await tx.execute(
                "UPDATE merged_rows SET mode = :mode, name = :name, included = :included,"
                f" searchable = :searchable WHERE {OWNED} AND key = :key",
                **bound(owner),
                key=wanted.key,
                mode=wanted.mode,
                name=choice.name,
                included=choice.included,
                searchable=choice.searchable,
            )
            if not changed:
                raise CatalogNotFound("There is no such merged row.")
            await tx.execute(
                f"DELETE FROM merged_row_members WHERE {OWNED} AND row_key = :key",
                **bound(owner),
                key=wanted.key,
            )
            await _put_members(tx, owner, wanted)

    async def arrange(self, owner: Owner, order: Sequence[RowKey | str], *, seen: int) -> None:
        """Numbers the rows, merged ones named by their keys.

        Raises ChangedMeanwhile unless the owner's list is still as it was at revision `seen`.
        """
        async with self._db.transaction() as tx:
            await _raise_from(tx, owner, seen)
            rows: list[dict[str, Value]] = []
            merged: list[dict[str, Value]] = []
            for position, row in enumerate(order):
                if isinstance(row, RowKey):
                    choice = _choice_values(RowChoice(position=position))
                    rows.append({**bound(owner), **_key_values(row), **choice})
                else:
                    merged.append({**bound(owner), "key": row, "position": position})
            if rows:
                await tx.execute_many(_PUT_POSITION, rows)
            if merged:
                await tx.execute_many(
                    f"UPDATE merged_rows SET position = :position WHERE {OWNED} AND key = :key", merged
                )

    async def disarrange(self, owner: Owner) -> None:
        """Every row goes back to the addons' order."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            for table in ("row_choices", "merged_rows"):
                await tx.execute(f"UPDATE {table} SET position = NULL WHERE {OWNED}", **bound(owner))

    async def merge(self, owner: Owner, row: MergedRow, *, seen: int) -> None:
        """Adds a merged row. Raises ChangedMeanwhile unless the list is still as it was at `seen`."""
        async with self._db.transaction() as tx:
            await _raise_from(tx, owner, seen)
            await tx.execute(
                f"INSERT INTO merged_rows (account_id, profile_id, key, type, mode, {_CHOICE}) VALUES"
                " (:account_id, :profile_id, :key, :type, :mode, :included, :name, :searchable, :position)",
                **bound(owner),
                key=row.key,
                type=row.type,
                mode=row.mode,
                **_choice_values(row.choice),
            )
            await _put_members(tx, owner, row)

    async def take_apart(self, owner: Owner, key: str) -> None:
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            removed = await tx.execute(
                f"DELETE FROM merged_rows WHERE {OWNED} AND key = :key", **bound(owner), key=key
            )
            if not removed:
                raise CatalogNotFound("There is no such merged row.")


async def arrangement(db: Queries, owner: Owner) -> Arrangement:
    """What the owner chose about their rows."""
    chosen = await db.fetch_all(
        f"SELECT addon_id, kind, type, catalog_id, {_CHOICE} FROM row_choices WHERE {OWNED}", **bound(owner)
    )
    merged = await db.fetch_all(
        f"SELECT key, type, mode, {_CHOICE} FROM merged_rows WHERE {OWNED} ORDER BY key", **bound(owner)
    )
    members: dict[str, list[RowKey]] = {row["key"]: [] for row in merged}
    for row in await db.fetch_all(
        f"SELECT row_key, addon_id, type, catalog_id FROM merged_row_members WHERE {OWNED} ORDER BY place",
        **bound(owner),
    ):
        key = RowKey(row["addon_id"], "catalog", row["type"], row["catalog_id"])
        # A row that was merged while this is read is there the next time.
        members.get(row["row_key"], []).append(key)
    return Arrangement(
        {
            RowKey(row["addon_id"], row["kind"], row["type"], row["catalog_id"]): _choice(row)
            for row in chosen
        },
        tuple(
            MergedRow(
                key=row["key"],
                type=row["type"],
                mode=row["mode"],
                choice=_choice(row),
                members=tuple(members[row["key"]]),
            )
            for row in merged
        ),
    )


async def drop_empty(tx: Queries, owner: Owner) -> None:
    """Removes the merged rows that no row is left of. Rows of an addon that is switched off are left."""
    await tx.execute(
        f"DELETE FROM merged_rows WHERE {OWNED} AND key NOT IN"
        f" (SELECT row_key FROM merged_row_members WHERE {OWNED})",
        **bound(owner),
    )


async def _raise_from(tx: Queries, owner: Owner, seen: int) -> None:
    if await raise_revision(tx, owner) != seen + 1:
        raise ChangedMeanwhile("Your list was changed at the same time. Try again.")


async def _put_members(tx: Queries, owner: Owner, row: MergedRow) -> None:
    for place, member in enumerate(row.members):
        added = await tx.execute(
            "INSERT INTO merged_row_members"
            " (account_id, profile_id, addon_id, type, catalog_id, row_key, place)"
            " SELECT account_id, profile_id, id, CAST(:type AS TEXT), CAST(:catalog_id AS TEXT),"
            f" CAST(:row_key AS TEXT), CAST(:place AS INTEGER) FROM addons WHERE {OWNED} AND id = :addon_id",
            **bound(owner),
            addon_id=member.addon_id,
            type=member.type,
            catalog_id=member.catalog_id,
            row_key=row.key,
            place=place,
        )
        if not added:
            raise AddonNotFound("There is no such addon in your list.")


def _key_values(key: RowKey) -> dict[str, Value]:
    return {"addon_id": key.addon_id, "kind": key.kind, "type": key.type, "catalog_id": key.catalog_id}


def _choice_values(choice: RowChoice) -> dict[str, Value]:
    return {
        "included": choice.included,
        "name": choice.name,
        "searchable": choice.searchable,
        "position": choice.position,
    }


def _choice(row: Row) -> RowChoice:
    return RowChoice(
        included=bool(row["included"]),
        name=row["name"],
        searchable=bool(row["searchable"]),
        position=row["position"],
    )
