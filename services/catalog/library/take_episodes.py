"""Episodes that lists name, as they come; their series have to come first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Sequence
from typing import Final

from libs.common.contracts.handover import EpisodeRow, GoneCounts, HandoverCounts
from libs.common.secrets import SecretBox
from libs.titles.folding import MAX_CHARS
from services.catalog.errors import LibraryWouldShrink
from services.catalog.library.guard import refusal
from services.catalog.library.lines import (
    EXTENSION_CHARS,
    URL_CHARS,
    distinct,
    episode_context,
    integer,
    rows_of,
    sealed,
)
from services.catalog.store.library.batches import Writer
from services.catalog.store.library.listed import ListedEpisodeStore, Record

ASKED_HASHES: Final = 20_000


class EpisodeTaking:
    """Refuses to remove more than `max_removed` (a share) of what is held."""

    def __init__(self, store: ListedEpisodeStore, box: SecretBox, *, max_removed: float) -> None:
        self._store = store
        self._box = box
        self._max_removed = max_removed

    async def take(self, writer: Writer, lines: AsyncIterable[bytes]) -> HandoverCounts:
        """An episode of a series that isn't held is left out. Raises LibraryRowsUnreadable, RunLost."""
        added = changed = 0
        async for line in lines:
            rows = distinct(await asyncio.to_thread(rows_of, line, EpisodeRow), "panel_id")
            series = await self._store.series(writer.number, {row.series for row in rows})
            held = await self._store.held(writer.number, [row.panel_id for row in rows])
            known = [row for row in rows if row.series in series]
            fresh = [row for row in known if row.panel_id not in held]
            numbers = await self._store.numbers(len(fresh)) if fresh else range(0)
            new = [
                self._record(writer, id_, series[row.series], row)
                for id_, row in zip(numbers, fresh, strict=True)
            ]
            old = [
                self._record(writer, held[row.panel_id], series[row.series], row)
                for row in known
                if row.panel_id in held
            ]
            await self._store.write(writer.number, writer.run, new=new, changed=old)
            added += len(new)
            changed += len(old)
        return HandoverCounts(added=added, changed=changed)

    async def remove(self, writer: Writer, hashes: Sequence[int]) -> GoneCounts:
        """Raises LibraryWouldShrink, RunLost."""
        going = list[int]()
        for start in range(0, len(hashes), ASKED_HASHES):
            asked = hashes[start : start + ASKED_HASHES]
            going += await self._store.with_hashes(writer.number, asked)
        held = await self._store.count(writer.number)
        if why := refusal(held, len(going), max_removed=self._max_removed, what="episodes"):
            raise LibraryWouldShrink(why)
        await self._store.remove(writer.number, writer.run, going)
        return GoneCounts(removed=len(going))

    def _record(self, writer: Writer, id_: int, series: int, row: EpisodeRow) -> Record:
        return (
            id_,
            writer.number,
            series,
            integer(row.season) or 0,
            integer(row.number),
            row.panel_id,
            row.hash,
            row.title[:MAX_CHARS],
            max(row.added, 0),
            row.extension[:EXTENSION_CHARS],
            row.picture if len(row.picture) <= URL_CHARS else "",
            sealed(self._box, row.url, episode_context(writer.number, row.panel_id)),
        )
