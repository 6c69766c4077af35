"""What sources tell, taken whole or not at all.

A part is read to its end first, beside what is known of it, and only what differs is staged. From then on it
counts, and is applied; whoever finds it unfinished goes on with it. So what breaks off on the way changes
nothing, and nothing stays half done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.viewing_handover import (
    LINE_ROWS,
    MAX_ROWS,
    Among,
    ListedRow,
    Part,
    PlaybackRow,
    ToldCounts,
    ToldPart,
    WatchedRow,
)
from libs.common.errors import Conflict, HeadgateError, InvalidInput, PayloadTooLarge
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from services.streaming.store.viewing_told import ToldStore
from services.streaming.told_model import Staged, Teller, Telling, ToldRow
from services.streaming.viewing.applying import Applying
from services.streaming.viewing.reading import check_id, place_of, type_of
from services.streaming.viewing.shows import ShowLists
from services.streaming.viewing_model import MOVIE, Owner

MAX_SOURCES: Final = 50
STEP: Final = 200
"""Rows staged or cleared in one transaction, which is less work than applying them."""
SMALL: Final = 50
"""Of fewer rows any number may go at once, but not all."""
MAX_GONE: Final = 0.5
GUARDED: Final[tuple[Part, ...]] = ("watched", "watchlist")
"""Nobody misses a place to go on from: what is played to its end leaves the list."""


class Tellings:
    def __init__(
        self,
        store: ToldStore,
        applying: Applying,
        shows: ShowLists,
        *,
        clock: Clock,
        tasks: Tasks,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._applying = applying
        self._shows = shows
        self._clock = clock
        self._tasks = tasks
        self._new_id = new_id

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
        run = await self._begin(teller)
        met, counts = set[str](), ToldCounts()
        async for line in lines:
            read, unreadable = _read(line, teller.part, self._now_ms())
            fresh = {one.id: one for one in read if one.id not in met}
            met |= fresh.keys()
            if len(met) > MAX_ROWS:
                raise PayloadTooLarge(f"A source tells {MAX_ROWS:,} rows at most.")
            told = await self._store.told(teller, list(fresh))
            differing = [one for one in fresh.values() if told.get(one.id) != one.row]
            await self._stage(teller, run, differing)
            counts = msgspec.structs.replace(
                counts,
                seen=counts.seen + len(read) + unreadable,
                unchanged=counts.unchanged + len(read) - len(differing),
                refused=counts.refused + unreadable,
            )
        if whole and (problem := await self._stage_gone(teller, run, met, sure=sure, among=among)):
            return await self._leave(teller, run, msgspec.structs.replace(counts, problem=problem))
        return await self._apply(teller, run, counts)

    async def take_back(self, owner: Owner, source: str) -> ToldCounts:
        """Raises Conflict."""
        done = ToldCounts()
        for told in await self._store.parts(owner, source):
            teller = Teller(owner, source, told.part)
            run = await self._begin(teller)
            await self._stage_gone(teller, run, set(), sure=True)
            counts = await self._apply(teller, run, ToldCounts())
            async with self._store.changing(owner) as change:
                if (telling := await change.telling(teller)) is not None and telling.run == run:
                    await change.remove_telling(teller)
            done = msgspec.structs.replace(
                done, removed=done.removed + counts.removed, kept=done.kept + counts.kept
            )
        return done

    async def parts(self, owner: Owner, source: str | None = None) -> list[ToldPart]:
        return await self._store.parts(owner, source)

    async def _begin(self, teller: Teller) -> str:
        """The call's name. What was staged by one that broke off is gone."""
        run = self._new_id()
        before = await self._store.telling(teller)
        if before is not None and before.state == "applying":
            await self._applying.finish(teller)
        async with self._store.changing(teller.owner) as change:
            former = await change.telling(teller)
            if former is not None and former.state == "applying":
                raise Conflict("What the source told before is being applied; tell it again soon.")
            if former is None and await change.count_sources(teller.owner) >= MAX_SOURCES:
                raise Conflict(f"A profile takes {MAX_SOURCES} sources at most; undo an import first.")
            former = former or Telling(run, "taking", 0, ToldCounts(), 0)
            await change.put_telling(teller, replace(former, run=run, state="taking"))
        await self._clear(teller, run)
        return run

    async def _clear(self, teller: Teller, run: str) -> None:
        cleared = STEP
        while cleared == STEP:
            async with self._store.changing(teller.owner) as change:
                _check(await change.telling(teller), run)
                cleared = await change.clear_staged(teller, limit=STEP)

    async def _stage(self, teller: Teller, run: str, staged: Sequence[Staged]) -> None:
        if staged:
            async with self._store.changing(teller.owner) as change:
                _check(await change.telling(teller), run)
                await change.stage(teller, staged)

    async def _stage_gone(
        self, teller: Teller, run: str, met: set[str], *, sure: bool, among: Among | None = None
    ) -> str:
        """What was told before and was not met; or why that is not believed."""
        held, gone, after = 0, list[Staged](), ""
        while page := await self._store.held_ids(teller, after=after, limit=STEP):
            after = page[-1][0]
            asked = [(id_, title_id) for id_, title_id in page if _is_among(id_, title_id, among)]
            held += len(asked)
            gone += [Staged(id_, title_id, None) for id_, title_id in asked if id_ not in met]
        if not sure and teller.part in GUARDED and (problem := refusal(held, len(gone), teller.part)):
            return problem
        for start in range(0, len(gone), STEP):
            await self._stage(teller, run, gone[start : start + STEP])
        return ""

    async def _leave(self, teller: Teller, run: str, counts: ToldCounts) -> ToldCounts:
        """All is as it was, but for what is said of it."""
        await self._clear(teller, run)
        counts = ToldCounts(seen=counts.seen, guarded=True, problem=counts.problem)
        async with self._store.changing(teller.owner) as change:
            telling = _check(await change.telling(teller), run)
            await change.put_telling(teller, replace(telling, state="done", counts=counts))
        return counts

    async def _apply(self, teller: Teller, run: str, counts: ToldCounts) -> ToldCounts:
        async with self._store.changing(teller.owner) as change:
            telling = _check(await change.telling(teller), run)
            await change.put_telling(
                teller, replace(telling, state="applying", counts=counts, told_at=self._now_ms())
            )
        # Whoever asked may go away: what was taken is applied all the same.
        await asyncio.shield(self._tasks.spawn("apply_told", self._applying.finish(teller)))
        applied = await self._store.telling(teller)
        owner = teller.owner
        if teller.part != "watchlist":
            await self._shows.look_after(owner, Identity(owner.account_id, owner.profile_id))
        return counts if applied is None else applied.counts

    def _now_ms(self) -> int:
        return round(self._clock.time() * 1000)


def refusal(held: int, going: int, part: Part) -> str:
    """Why so many must not go, "" if they may."""
    what = "titles of the watchlist" if part == "watchlist" else "films and episodes"
    if going and going >= held:
        return f"The source says nothing of the {held:,} {what} it told before, so they stay."
    if held >= SMALL and going > MAX_GONE * held:
        return (
            f"The source says nothing more of {going:,} of the {held:,} {what} it told before, more than"
            f" {MAX_GONE:.0%} at once, so they stay."
        )
    return ""


def _is_among(id_: str, title_id: str, among: Among | None) -> bool:
    return among is None or (id_ == title_id) == (among == "films")


def _check(telling: Telling | None, run: str) -> Telling:
    if telling is None or telling.run != run or telling.state != "taking":
        raise Conflict("Another call tells the same part by now, or the profile is gone.")
    return telling


def _read(line: bytes, part: Part, now_ms: int) -> tuple[list[Staged], int]:
    """The rows of a line, and how many of them tell of nothing that can be kept. Raises InvalidInput."""
    if not line.strip():
        return [], 0
    try:
        rows: list[ToldRow] = _DECODERS[part].decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidInput(f"A line of rows can't be read: {error}.") from error
    if len(rows) > LINE_ROWS:
        raise InvalidInput(f"A line has {LINE_ROWS} rows at most.")
    read = list[Staged]()
    for row in rows:
        try:
            read.append(_staged(row, now_ms))
        except HeadgateError:
            continue  # an id that nobody can read, or a number that no column holds
    return read, len(rows) - len(read)


def _staged(row: ToldRow, now_ms: int) -> Staged:
    """Raises InvalidInput, VideoNotFound."""
    clean = msgspec.structs.replace(
        row, name=row.name.replace("\0", ""), poster=row.poster.replace("\0", ""), at=min(row.at, now_ms)
    )
    if isinstance(clean, ListedRow):
        check_id(clean.title_id)
        type_of(clean.type, MOVIE)
        return Staged(clean.title_id, clean.title_id, clean)
    place = place_of(
        clean.video_id,
        type_=clean.type,
        title_id=clean.title_id,
        season=clean.season,
        episode=clean.episode,
    )
    clean = msgspec.structs.replace(
        clean, title_id=place.title_id, type=place.type, season=place.season, episode=place.episode
    )
    return Staged(place.video_id, place.title_id, clean)


_DECODERS: Final[dict[Part, msgspec.json.Decoder[list[Any]]]] = {
    "watched": msgspec.json.Decoder(list[WatchedRow]),
    "watchlist": msgspec.json.Decoder(list[ListedRow]),
    "playback": msgspec.json.Decoder(list[PlaybackRow]),
}
