"""The guide of a run, as it comes; what has ended stays for as long as it can be watched again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.handover import GoneCounts, HandoverCounts, ProgrammeRow
from libs.titles.folding import MAX_CHARS
from services.catalog.errors import LibraryWouldShrink
from services.catalog.library.lines import NAME_CHARS, TEXT_CHARS, URL_CHARS, integer, rows_of
from services.catalog.store.library.batches import Writer
from services.catalog.store.library.programmes import Key, Mark, ProgrammeStore, Record

DAY_S: Final = 86400
MOST_DAYS: Final = 7
"""An archive goes back that far at most; nobody's guide is kept for longer."""
ENDED_S: Final = 6 * 3600
"""For so long what ended is shown of channels without an archive."""


class GuideTaking:
    def __init__(self, store: ProgrammeStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def take(self, writer: Writer, lines: AsyncIterable[bytes]) -> HandoverCounts:
        """Raises LibraryRowsUnreadable, RunLost."""
        added = changed = 0
        async for line in lines:
            records = await asyncio.to_thread(_records, writer.number, line)
            held = await self._store.held(writer.number, list(records))
            new = [record for key, record in records.items() if key not in held]
            old = [record for key, record in records.items() if key in held]
            await self._store.write(writer.number, writer.run, new=new, changed=old)
            added += len(new)
            changed += len(old)
        return HandoverCounts(added=added, changed=changed)

    async def remove(self, writer: Writer, hashes: Iterable[int]) -> GoneCounts:
        """What hasn't ended goes, unless nothing were left. Raises LibraryWouldShrink, RunLost."""
        gone, now = frozenset(hashes), int(self._clock.time())
        keys, stays = list[Key](), False
        mark: Mark | None = None
        while gone:
            rows, mark = await self._store.running(writer.number, since=now, after=mark)
            keys += [(row.guide_id, row.start) for row in rows if row.hash in gone]
            stays = stays or any(row.hash not in gone for row in rows)
            if mark is None:
                break
        if keys and not stays:
            raise LibraryWouldShrink(
                "The new guide has nothing of what is on now or later, so the old one stays."
            )
        return GoneCounts(removed=await self._store.remove(writer.number, writer.run, keys))

    async def drop_ended(self, writer: Writer) -> int:
        """What ended longer ago than its channel can be watched again. Raises RunLost."""
        now, removed = int(self._clock.time()), 0
        days = await self._store.archived(writer.number)
        async for keys in self._ended(writer.number, now, days):
            removed += await self._store.remove(writer.number, writer.run, keys)
        return removed

    async def _ended(self, number: int, now: int, days: dict[str, int]) -> AsyncIterator[list[Key]]:
        mark: Mark | None = None
        while True:
            rows, mark = await self._store.ended(number, before=now - ENDED_S, after=mark)
            yield [
                (row.guide_id, row.start)
                for row in rows
                if row.stop < now - DAY_S * min(days.get(row.guide_id, 0), MOST_DAYS)
            ]
            if mark is None:
                return


def _records(number: int, line: bytes) -> dict[Key, Record]:
    """Of several that begin at once on a channel, the last."""
    return {
        (row.guide_id, row.start): (
            number,
            row.guide_id,
            row.start,
            row.stop,
            row.hash,
            row.title[:MAX_CHARS],
            row.subtitle[:MAX_CHARS],
            row.plot[:TEXT_CHARS],
            row.categories[:NAME_CHARS],
            row.icon if len(row.icon) <= URL_CHARS else "",
            integer(row.season),
            integer(row.episode),
            row.sort[:MAX_CHARS],
        )
        for row in rows_of(line, ProgrammeRow)
        if len(row.guide_id) <= NAME_CHARS
    }
