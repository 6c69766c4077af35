"""Channels, films and series of a run, as they come."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass

from libs.common.contracts.handover import HandoverCounts, ItemRow
from libs.common.db import Queries
from libs.common.secrets import SecretBox
from services.catalog.library.differences import Differences, fresh
from services.catalog.library.indexing import Indexing
from services.catalog.library.lines import Contents, Line, Names, read_items
from services.catalog.library.noted import Noted
from services.catalog.store.library.batches import Batch, BatchStore, Writer
from services.catalog.store.library.categories import MOST, CategoryStore
from services.catalog.store.library.counts import CountStore
from services.catalog.store.library.items import ItemStore
from services.catalog.store.library.words import WordStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTables:
    """What items are written to, and what stands beside them."""

    items: ItemStore
    batches: BatchStore
    words: WordStore
    counts: CountStore
    categories: CategoryStore


class ItemTaking:
    """Takes the rows of one kind, each line in a transaction of its own."""

    def __init__(self, tables: ItemTables, indexing: Indexing, box: SecretBox) -> None:
        self._tables = tables
        self._indexing = indexing
        self._box = box

    async def take(self, writer: Writer, lines: AsyncIterable[bytes], noted: Noted) -> HandoverCounts:
        """Raises LibraryRowsUnreadable, RunLost; what came before stays."""
        added = changed = unchanged = 0
        call = _Call(self._tables, writer, noted, self._box)
        # While a run writes nobody else does: where nothing was held, only what came before in it can be.
        met = None if await self._tables.items.has_any(writer.number, writer.kind) else set[int]()
        async for text in lines:
            line = await asyncio.to_thread(read_items, text)
            ids = [row.panel_id for row in line.rows]
            held = ids if met is None else list(met.intersection(ids))
            names = await self._names(writer, line)
            batch = await (call.beside(line.rows, names, held) if held else call.anew(line.rows, names))
            if met is not None:
                met.update(ids)
            added += len(batch.new)
            changed += len(batch.changed)
            unchanged += len(line.rows) - len(batch.new) - len(batch.changed)
            await self._indexing.added(writer.number, len(batch.new))
        await call.words.count()
        return HandoverCounts(added=added, changed=changed, unchanged=unchanged)

    async def _categories(self, writer: Writer) -> dict[str, int]:
        known = await self._tables.categories.of(writer.number, writer.kind)
        return {panel_id: category.id for panel_id, category in known.items()}

    async def _names(self, writer: Writer, line: Line) -> Names:
        categories = await self._categories(writer)
        room = max(0, MOST - len(categories))
        if missing := sorted(line.categories - categories.keys())[:room]:
            await self._tables.categories.add_unnamed(writer.number, writer.run, writer.kind, missing)
            categories = await self._categories(writer)
        counts = self._tables.counts
        return Names(
            categories,
            await counts.terms("language", line.languages),
            await counts.terms("genre", line.genres),
        )


class _Words:
    """What one call's items say. A word is put before its first item, which is not found without it; how
    often the others say it is told at the end, and until then a search takes it for rarer than it is."""

    def __init__(self, store: WordStore) -> None:
        self._store = store
        self._put = set[str]()
        self._said = Counter[str]()

    async def put(self, said: Counter[str], tx: Queries | None = None) -> None:
        new = said.keys() - self._put
        await self._store.add({word: said[word] for word in new}, tx=tx)
        self._put |= new
        for word in new:
            del said[word]
        self._said.update(said)

    async def count(self) -> None:
        await self._store.add(self._said)
        self._said.clear()


class _Call:
    """What one call writes, each line in one transaction."""

    def __init__(self, tables: ItemTables, writer: Writer, noted: Noted, box: SecretBox) -> None:
        self._tables = tables
        self._writer = writer
        self._noted = noted
        self._box = box
        self.words = _Words(tables.words)

    async def anew(self, rows: Sequence[ItemRow], names: Names) -> Batch:
        """None of them is held. Raises RunLost."""
        tables, writer = self._tables, self._writer
        numbers = await tables.items.numbers(len(rows))
        differences = Differences(writer, self._contents(names), self._box)
        batch = await asyncio.to_thread(differences.of, rows, iter(numbers), {row.panel_id for row in rows})
        await self.words.put(batch.words)
        async with tables.batches.holding(writer) as tx:
            await self._write(tx, batch)
        return batch

    async def beside(self, rows: Sequence[ItemRow], names: Names, panel_ids: Sequence[int]) -> Batch:
        """Some of them may be held, which nobody changes until they are written. Raises RunLost."""
        tables, writer = self._tables, self._writer
        async with tables.batches.holding(writer) as tx:
            held = await tables.items.held(tx, writer.number, writer.kind, panel_ids)
            others = await tables.categories.others(tx, [record[0] for record in held.values()])
            is_fresh = fresh(rows, held)
            numbers = iter(await tables.items.numbers(len(is_fresh), tx=tx) if is_fresh else ())
            differences = Differences(writer, self._contents(names), self._box, held=held, others=others)
            batch = await asyncio.to_thread(differences.of, rows, numbers, is_fresh)
            await self.words.put(batch.words, tx)
            await self._write(tx, batch)
        return batch

    def _contents(self, names: Names) -> Contents:
        return Contents(self._writer.number, self._writer.kind, names, self._box)

    async def _write(self, tx: Queries, batch: Batch) -> None:
        batch.changes[:], place = self._noted.first(batch.changes)
        await self._tables.batches.write(tx, self._writer, batch, place=place)
