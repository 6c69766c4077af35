"""What sources tell, taken whole or not at all.

A part is read to its end first, beside what is known of it, and only what differs is staged. From then on it
counts, and is applied; whoever finds it unfinished goes on with it. So what breaks off on the way changes
nothing, and nothing stays half done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing_handover import MAX_ROWS, Among, ToldCounts, ToldPart, WatchedRow
from libs.common.errors import Conflict, PayloadTooLarge
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from services.streaming.store.viewing_told import ToldStore
from services.streaming.told_model import Staged, Teller, ToldRow
from services.streaming.viewing.applying import Applying
from services.streaming.viewing.shows import ShowLists
from services.streaming.viewing.staging import Staging
from services.streaming.viewing.told_reading import rows_of
from services.streaming.viewing_model import Owner

PAGE: Final = 200
"""Rows read of what is known at one time."""


class Tellings:
    def __init__(
        self,
        store: ToldStore,
        staging: Staging,
        applying: Applying,
        shows: ShowLists,
        *,
        clock: Clock,
        tasks: Tasks,
    ) -> None:
        self._store = store
        self._staging = staging
        self._applying = applying
        self._shows = shows
        self._clock = clock
        self._tasks = tasks

    async def take(
        self,
        teller: Teller,
        lines: AsyncIterator[bytes],
        *,
        whole: bool,
        sure: bool,
        among: Among | None = None,
    ) -> ToldCounts:
        """Raises InvalidInput, PayloadTooLarge, and Conflict where another call tells the same by now."""
        run = await self._staging.begin(teller)
        met, shows, counts = set[str](), set[str](), ToldCounts()
        async for line in lines:
            read, unreadable = rows_of(line, teller.part, epoch_ms(self._clock))
            fresh = {one.id: one for one in read if one.id not in met}
            met |= fresh.keys()
            if len(met) > MAX_ROWS:
                raise PayloadTooLarge(f"A source tells {MAX_ROWS:,} rows at most.")
            told = await self._store.told(teller, list(fresh))
            differing = [one for one in fresh.values() if _is_news(told.get(one.id), one.row, shows)]
            await self._staging.stage(teller, run, differing)
            counts = msgspec.structs.replace(
                counts,
                seen=counts.seen + len(read) + unreadable,
                unchanged=counts.unchanged + len(read) - len(differing),
                refused=counts.refused + unreadable,
            )
        if whole and (problem := await self._staging.stage_gone(teller, run, met, sure=sure, among=among)):
            return await self._staging.leave(teller, run, msgspec.structs.replace(counts, problem=problem))
        return await self._apply(teller, run, counts)

    async def take_back(self, owner: Owner, source: str) -> ToldCounts:
        """Raises Conflict."""
        done = ToldCounts()
        for told in await self._store.parts(owner, source):
            teller = Teller(owner, source, told.part)
            run = await self._staging.begin(teller)
            await self._staging.stage_gone(teller, run, set(), sure=True)
            counts = await self._apply(teller, run, ToldCounts())
            async with self._store.changing(owner) as change:
                if (telling := await change.telling(teller)) is not None and telling.run == run:
                    await change.remove_telling(teller)
            done = msgspec.structs.replace(
                done, removed=done.removed + counts.removed, kept=done.kept + counts.kept
            )
        return done

    async def apply_again(self, owner: Owner) -> int:
        """All that was told before, behind whoever asks: how many rows that is."""
        parts = await self._store.parts(owner)
        self._tasks.spawn("apply_again", self._apply_again(owner, parts))
        return sum(one.rows for one in parts)

    async def _apply_again(self, owner: Owner, parts: Sequence[ToldPart]) -> None:
        for one in parts:
            teller = Teller(owner, one.source, one.part)
            try:
                run = await self._staging.begin(teller)
                after = ""
                while page := await self._store.held_ids(teller, after=after, limit=PAGE):
                    after = page[-1][0]
                    rows = await self._store.told(teller, [id_ for id_, _ in page])
                    staged = [Staged(id_, title_id, rows[id_]) for id_, title_id in page if id_ in rows]
                    await self._staging.stage(teller, run, staged)
                await self._staging.accept(teller, run, ToldCounts(seen=one.rows))
                await self._applying.finish(teller)
            except Conflict:
                continue  # somebody tells it by now, which does the same

    async def parts(self, owner: Owner, source: str | None = None) -> list[ToldPart]:
        return await self._store.parts(owner, source)

    async def _apply(self, teller: Teller, run: str, counts: ToldCounts) -> ToldCounts:
        await self._staging.accept(teller, run, counts)
        # Whoever asked may go away: what was taken is applied all the same.
        await asyncio.shield(self._tasks.spawn("apply_told", self._applying.finish(teller)))
        applied = await self._store.telling(teller)
        owner = teller.owner
        if teller.part != "watchlist":
            await self._shows.look_after(owner, Identity(owner.account_id, owner.profile_id))
        return counts if applied is None else applied.counts


def _is_news(was: ToldRow | None, now: ToldRow | None, shows: set[str]) -> bool:
    """How many episodes a show has is news of the first of its rows, or a new one would be news of all.
    `shows` are those that were met before."""
    if was is None or not isinstance(was, WatchedRow) or not isinstance(now, WatchedRow):
        return was != now
    is_first = now.title_id not in shows
    shows.add(now.title_id)
    return was != (now if is_first else msgspec.structs.replace(now, aired=was.aired))
