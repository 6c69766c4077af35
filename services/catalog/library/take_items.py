"""Channels, films and series of a run, as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass

from libs.common.contracts.handover import HandoverCounts
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
        async for text in lines:
            line = await asyncio.to_thread(read_items, text)
            batch = await self._batch(writer, line, await self._names(writer, line))
            batch.changes[:], place = noted.first(batch.changes)
            # Before the rows: a word without items finds nothing, an item without its words isn't found.
            await self._tables.words.add(batch.words)
            await self._tables.batches.write(writer, batch, place=place)
            added += len(batch.new)
            changed += len(batch.changed)
            unchanged += len(line.rows) - len(batch.new) - len(batch.changed)
            await self._indexing.added(writer.number, len(batch.new))
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

    async def _batch(self, writer: Writer, line: Line, names: Names) -> Batch:
        tables = self._tables
        held = await tables.items.held(writer.number, writer.kind, [row.panel_id for row in line.rows])
        others = await tables.categories.others([record[0] for record in held.values()]) if held else []
        is_fresh = fresh(line.rows, held)
        numbers = iter(await tables.items.numbers(len(is_fresh)) if is_fresh else ())
        contents = Contents(writer.number, writer.kind, names, self._box)
        differences = Differences(writer, contents, self._box, held=held, others=others)
        return await asyncio.to_thread(differences.of, line.rows, numbers, is_fresh)
