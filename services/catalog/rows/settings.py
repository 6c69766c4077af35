"""Changing what an owner chose about their rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from libs.common.contracts.rows import NewMergedRow, RowName, RowPatch
from libs.common.errors import InvalidInput
from libs.protocols.text import printable
from services.catalog.addons import Held, Registry, random_key
from services.catalog.errors import (
    CatalogNotFound,
    ChangedMeanwhile,
    NotOfThisRow,
    NotToMerge,
    OrderMismatch,
    TooManyMergedRows,
)
from services.catalog.merge import Merged
from services.catalog.model import MergedRow, Owner, RowChange, RowChoice, RowKey, merged_row_id
from services.catalog.rows.row import AnyRow, Row, RowOfSeveral
from services.catalog.store.row_choices import RowStore

MAX_MERGED_ROWS: Final = 100
ATTEMPTS: Final = 3
"""How often a change is tried that depends on everything there is, where that was changed meanwhile."""

T = TypeVar("T")


class RowSettings:
    """Each change is seen by the next question on every replica: it raises the owner's revision."""

    def __init__(self, store: RowStore, registry: Registry) -> None:
        self._store = store
        self._registry = registry

    async def change(self, owner: Owner, name: RowName, patch: RowPatch) -> Merged:
        """Raises CatalogNotFound, NotOfThisRow, or NotToMerge."""
        row = _row((await self._registry.fresh(owner)).merged, name)
        change = _change(row, patch)
        if isinstance(row, RowOfSeveral):
            await self._again(owner, lambda held: self._change_merged(owner, held, name, patch))
        elif isinstance(patch.mode, str) or isinstance(patch.rows, tuple):
            raise NotOfThisRow("This is one addon's row: only merged rows have a mode and rows.")
        elif change != RowChange():
            await self._store.change(owner, row.key, change)
        if isinstance(patch.position, int):
            place = patch.position
            await self._again(owner, lambda held: self._move(owner, held, name, place))
        return (await self._registry.fresh(owner)).merged

    async def order(self, owner: Owner, names: Sequence[RowName]) -> Merged:
        """The rows named come first; none at all puts every row back into the addons' order."""
        if names:
            await self._again(owner, lambda held: self._order(owner, held, names))
        else:
            await self._store.disarrange(owner)
        return (await self._registry.fresh(owner)).merged

    async def merge(self, owner: Owner, new: NewMergedRow) -> RowOfSeveral:
        """The new row. It stands where the first of its rows stood."""
        key = await self._again(owner, lambda held: self._merge(owner, held, new))
        merged = (await self._registry.fresh(owner)).merged
        return _of_several(merged, RowName(new.rows[0].type, merged_row_id(key)))

    async def take_apart(self, owner: Owner, name: RowName) -> None:
        """The rows of a merged row stand by themselves again."""
        row = _of_several((await self._registry.fresh(owner)).merged, name)
        await self._store.take_apart(owner, row.stored.key)

    async def _again(self, owner: Owner, change: Callable[[Held], Awaitable[T]]) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                return await change(await self._registry.fresh(owner))
            except ChangedMeanwhile:
                continue
        return await change(await self._registry.fresh(owner))

    async def _change_merged(self, owner: Owner, held: Held, name: RowName, patch: RowPatch) -> None:
        row = _of_several(held.merged, name)
        stored = replace(row.stored, choice=_change(row, patch).of(row.choice))
        if isinstance(patch.mode, str):
            stored = replace(stored, mode=patch.mode)
        if isinstance(patch.rows, tuple):
            members = _to_merge(held.merged, patch.rows, into=row.shown.id)
            if members[0].own.type != row.own.type:
                raise NotToMerge(f"This row is one of {row.own.type}.")
            stored = replace(stored, members=tuple(member.key for member in members))
        if stored != row.stored:
            await self._store.change_merged(owner, stored, seen=held.listing.revision)

    async def _merge(self, owner: Owner, held: Held, new: NewMergedRow) -> str:
        members = _to_merge(held.merged, new.rows)
        taken = {row.stored.key for row in held.merged.rows if isinstance(row, RowOfSeveral)}
        if len(taken) >= MAX_MERGED_ROWS:
            raise TooManyMergedRows(f"A profile has at most {MAX_MERGED_ROWS} merged rows.")
        places = (member.choice.position for member in members)
        row = MergedRow(
            key=next(key for key in iter(random_key, None) if key not in taken),
            type=members[0].own.type,
            mode=new.mode,
            choice=RowChoice(
                name=_named(new.name),
                position=min((place for place in places if place is not None), default=None),
            ),
            members=tuple(member.key for member in members),
        )
        await self._store.merge(owner, row, seen=held.listing.revision)
        return row.key

    async def _move(self, owner: Owner, held: Held, name: RowName, place: int) -> None:
        row = _row(held.merged, name)
        rows = [each for each in held.merged.rows if each is not row]
        rows.insert(place, row)
        await self._arrange(owner, held, rows)

    async def _order(self, owner: Owner, held: Held, names: Sequence[RowName]) -> None:
        if len(set(names)) != len(names):
            raise OrderMismatch("The order names a row twice.")
        known = {row.name: row for row in held.merged.rows}
        if not known.keys() >= set(names):
            raise OrderMismatch("The order names a row that is not there.")
        first = [known.pop(name) for name in names]
        await self._arrange(owner, held, [*first, *known.values()])

    async def _arrange(self, owner: Owner, held: Held, rows: Iterable[AnyRow]) -> None:
        order = [row.key if isinstance(row, Row) else row.stored.key for row in rows]
        await self._store.arrange(owner, order, seen=held.listing.revision)


def _row(merged: Merged, name: RowName) -> AnyRow:
    row = merged.row(name.type, name.id, name.kind)
    if row is None:
        raise CatalogNotFound("There is no such row among yours.")
    return row


def _of_several(merged: Merged, name: RowName) -> RowOfSeveral:
    row = _row(merged, name)
    if not isinstance(row, RowOfSeveral):
        raise NotOfThisRow("This is one addon's row. It can be hidden, but there is nothing to take apart.")
    return row


def _change(row: AnyRow, patch: RowPatch) -> RowChange:
    if patch.searchable is False and isinstance(row, Row) and row.is_for_search:
        raise NotOfThisRow("This row is for searching only. Hide it instead.")
    needed = isinstance(row, RowOfSeveral)
    return RowChange(
        included=patch.included if isinstance(patch.included, bool) else None,
        name=_named(patch.name, needed=needed) if isinstance(patch.name, str) else None,
        searchable=patch.searchable if isinstance(patch.searchable, bool) else None,
    )


def _named(name: str, *, needed: bool = True) -> str:
    name = printable(name).strip()
    if needed and not name:
        raise InvalidInput("A merged row needs a name.", fields={"name": "empty"})
    return name


def _to_merge(merged: Merged, names: Sequence[RowName], *, into: str = "") -> list[Row]:
    """The rows of that name. Raises NotToMerge with the reason why they can't be one."""
    rows: dict[RowKey, Row] = {}
    for name in names:
        row = merged.row(name.type, name.id, name.kind)
        if row is None:
            raise NotToMerge("One of these rows is not there.")
        title = row.shown.name
        if not isinstance(row, Row):
            raise NotToMerge(f"“{title}” is a merged row itself.")
        if row.kind != "catalog" or not row.on_board:
            raise NotToMerge(f"“{title}” can't be shown without a question.")
        if row.part_of not in (None, into):
            raise NotToMerge(f"“{title}” is part of another row.")
        rows[row.key] = row
    if len(rows) != len(names):
        raise NotToMerge("One of these rows is named twice.")
    if len({row.own.type for row in rows.values()}) > 1:
        raise NotToMerge("Only rows of one type can be one row.")
    return list(rows.values())
