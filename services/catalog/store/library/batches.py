"""What a run has found, written: every batch in one transaction that only the run itself may begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from libs.common.db import Database, Queries
from services.catalog.store.library.categories import CategoryStore
from services.catalog.store.library.changes import Change, ChangeStore
from services.catalog.store.library.counts import Counts, CountStore
from services.catalog.store.library.items import Going, ItemStore, Record
from services.catalog.store.library.providers import hold
from services.catalog.store.library.removal import RemovalStore


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: a run of a provider, and the kind of its rows."""

    number: int
    run: str
    run_number: int
    kind: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written at once. `others` are categories and items; those of `anew` are made anew.

    `words` says how often each stands in what is new of it; they are written apart.
    """

    new: list[Record] = field(default_factory=list)
    changed: list[tuple[Record, Record]] = field(default_factory=list)
    rehashed: list[tuple[int, int]] = field(default_factory=list)
    going: list[Going] = field(default_factory=list)
    moved: list[tuple[Going, Going]] = field(default_factory=list)
    unmatched: list[int] = field(default_factory=list)
    others: list[tuple[int, int]] = field(default_factory=list)
    anew: list[int] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    changes: list[Change] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.rehashed or self.going or self.moved)


class BatchStore:
    def __init__(self, database: Database, items: ItemStore, removal: RemovalStore) -> None:
        self._db = database
        self._items = items
        self._removal = removal
        self._categories = CategoryStore(database)
        self._counts = CountStore(database)
        self._changes = ChangeStore(database)

    @asynccontextmanager
    async def holding(self, writer: Writer) -> AsyncIterator[Queries]:
        """Nobody else changes the provider's items meanwhile. Raises RunLost."""
        async with self._db.transaction() as tx:
            await hold(tx, writer.number, writer.run)
            yield tx

    async def write(self, tx: Queries, writer: Writer, batch: Batch, *, place: int) -> None:
        """While it is held. `place` is where the batch's changes go on."""
        if batch.is_empty:
            return
        if batch.going:
            await self._removal.remove_items(tx, batch.going)
        if batch.moved:
            await self._move(tx, writer.number, batch.moved)
        await self._put(tx, batch)
        await self._counts.add(tx, writer.number, writer.kind, batch.counts)
        if batch.changes:
            await self._changes.add(tx, writer.number, writer.run_number, place, batch.changes)

    async def _put(self, tx: Queries, batch: Batch) -> None:
        if batch.new:
            await self._items.add(tx, batch.new)
        if batch.changed:
            await self._items.change(tx, batch.changed)
        if batch.rehashed:
            await self._items.rehash(tx, batch.rehashed)
        if batch.unmatched:
            await self._items.unmatch(tx, batch.unmatched)
        if batch.anew:
            await self._categories.drop_others(tx, batch.anew)
        if batch.others:
            await self._categories.put_others(tx, batch.others)

    async def _move(self, tx: Queries, number: int, moves: Sequence[tuple[Going, Going]]) -> None:
        await self._removal.hand_on(tx, [(old.id, new.id) for old, new in moves])
        await self._items.renumber(tx, moves)
        await self._changes.take_back(tx, number, [new.id for _, new in moves])
