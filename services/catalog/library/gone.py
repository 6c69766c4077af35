"""What a run didn't meet again: found under another number of the panel's, or taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.contracts.handover import GoneCounts
from libs.common.db import Queries
from services.catalog.errors import LibraryWouldShrink
from services.catalog.library.guard import paired, refusal
from services.catalog.library.noted import Noted
from services.catalog.library_model import KIND_NAMES
from services.catalog.store.library.batches import Batch, BatchStore, Writer
from services.catalog.store.library.categories import CategoryStore
from services.catalog.store.library.changes import Change
from services.catalog.store.library.items import Going, ItemStore, Likeness, kept_year
from services.catalog.store.library.runs import RunStore

ASKED_HASHES: Final = 20_000
"""Of one question, which reads through all that is held of a kind."""
STEP_ROWS: Final = 1000


class GoneItems:
    """Refuses to remove more than `max_removed` (a share) of what is held of a kind: everything stays."""

    def __init__(
        self,
        items: ItemStore,
        batches: BatchStore,
        categories: CategoryStore,
        runs: RunStore,
        *,
        max_removed: float,
    ) -> None:
        self._items = items
        self._batches = batches
        self._categories = categories
        self._runs = runs
        self._max_removed = max_removed

    async def remove(self, writer: Writer, hashes: Sequence[int], noted: Noted) -> GoneCounts:
        """Raises LibraryWouldShrink, RunLost."""
        held = await self._items.count(writer.number, writer.kind)
        await self._check(writer, held, hashes)
        gone = await self._gone(writer, hashes)
        if not gone:
            return GoneCounts()
        moves = await self._moves(writer, gone)
        moved = {old.id for old, _ in moves}
        going = [one.id for one in gone if one.id not in moved]
        if why := self._refusal(writer, held - len(moves), len(going)):
            raise LibraryWouldShrink(why)
        for start in range(0, len(moves), STEP_ROWS):
            await self._move(writer, moves[start : start + STEP_ROWS])
        for start in range(0, len(going), STEP_ROWS):
            await self._remove(writer, going[start : start + STEP_ROWS], noted)
        return GoneCounts(removed=len(going), moved=len(moves))

    async def remove_all(self, writer: Writer, noted: Noted) -> None:
        """Raises RunLost."""
        while ids := await self._items.some(writer.number, writer.kind, limit=STEP_ROWS):
            await self._remove(writer, ids, noted)

    async def _check(self, writer: Writer, held: int, hashes: Sequence[int]) -> None:
        """Before rows are read: whether it is too much even if all that is new is something that is gone."""
        first = await self._runs.first_item(writer.number)
        new = await self._items.count_since(writer.number, writer.kind, first)
        if not self._refusal(writer, held - new, len(hashes) - new):
            return
        gone = 0
        for start in range(0, len(hashes), ASKED_HASHES):
            asked = hashes[start : start + ASKED_HASHES]
            gone += await self._items.count_with_hashes(writer.number, writer.kind, asked)
        if why := self._refusal(writer, held - new, gone - new):
            raise LibraryWouldShrink(why)

    def _refusal(self, writer: Writer, held: int, going: int) -> str:
        return refusal(held, max(0, going), max_removed=self._max_removed, what=KIND_NAMES[writer.kind])

    async def _gone(self, writer: Writer, hashes: Sequence[int]) -> list[Likeness]:
        """Those that stand there with such a hash: what changed has another by now."""
        found = list[Likeness]()
        for start in range(0, len(hashes), ASKED_HASHES):
            asked = hashes[start : start + ASKED_HASHES]
            found += await self._items.with_hashes(writer.number, writer.kind, asked)
        return found

    async def _moves(self, writer: Writer, gone: Sequence[Likeness]) -> list[tuple[Likeness, Likeness]]:
        first, ids = await self._runs.first_item(writer.number), {one.id for one in gone}
        sorts, new = sorted({one.sort for one in gone}), list[Likeness]()
        for start in range(0, len(sorts), ASKED_HASHES):
            asked = sorts[start : start + ASKED_HASHES]
            new += await self._items.since(writer.number, writer.kind, first, asked)
        return paired(gone, [one for one in new if one.id not in ids])

    async def _move(self, writer: Writer, moves: Sequence[tuple[Likeness, Likeness]]) -> None:
        batch = Batch()
        async with self._batches.holding(writer) as tx:
            known = await self._going(tx, [id_ for old, new in moves for id_ in (old.id, new.id)])
            for old, new in moves:
                batch.moved.append((known[old.id], known[new.id]))
            batch.counts.add([_counted(old) for old, _ in batch.moved], -1)
            for was, now in batch.moved:
                if now.year is None and (year := kept_year(was, now)):
                    batch.counts.facets["year", year] += 1
            for category, _ in await self._categories.others(tx, [old.id for old, _ in moves]):
                batch.counts.others[category] -= 1
            await self._batches.write(tx, writer, batch, place=0)

    async def _remove(self, writer: Writer, ids: Sequence[int], noted: Noted) -> None:
        batch = Batch()
        async with self._batches.holding(writer) as tx:
            batch.going.extend((await self._going(tx, ids)).values())
            batch.counts.add([_counted(one) for one in batch.going], -1)
            for category, _ in await self._categories.others(tx, ids):
                batch.counts.others[category] -= 1
            changes, place = noted.first(
                Change(writer.kind, one.id, "removed", one.name) for one in batch.going
            )
            batch.changes.extend(changes)
            await self._batches.write(tx, writer, batch, place=place)

    async def _going(self, tx: Queries, ids: Sequence[int]) -> dict[int, Going]:
        return {one.id: one for one in await self._items.going(tx, ids)}


def _counted(one: Going) -> tuple[int | None, ...]:
    return one.year, one.rating, one.category, one.language, one.genres
