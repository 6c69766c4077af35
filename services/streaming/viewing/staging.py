"""What was read of a part and is not applied yet: begun, filled, accepted or left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing_handover import Among, Part, ToldCounts
from libs.common.errors import Conflict
from services.streaming.store.viewing_told import ToldChange, ToldStore
from services.streaming.told_model import IMPORT, Staged, Teller, Telling
from services.streaming.viewing.applying import Applying

MAX_IMPORTS: Final = 50
"""Accounts elsewhere are few by themselves, and not for imports to keep out."""
STEP: Final = 100
"""Rows staged or cleared in one transaction, which is less work than applying them."""
SMALL: Final = 50
"""Of fewer rows any number may go at once, but not all."""
MAX_GONE: Final = 0.5
GUARDED: Final[tuple[Part, ...]] = ("watched", "watchlist")
"""Nobody misses a place to go on from: what is played to its end leaves the list."""


class Staging:
    def __init__(
        self, store: ToldStore, applying: Applying, *, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._store = store
        self._applying = applying
        self._clock = clock
        self._new_id = new_id

    async def begin(self, teller: Teller) -> str:
        """The call's name. What was staged by one that broke off is gone."""
        run = self._new_id()
        before = await self._store.telling(teller)
        if before is not None and before.state == "applying":
            await self._applying.finish(teller)
        async with self._store.changing(teller.owner) as change:
            former = await change.telling(teller)
            if former is not None and former.state == "applying":
                raise Conflict("What the source told before is being applied; tell it again soon.")
            if former is None and teller.source.startswith(IMPORT):
                await _check_room(change, teller)
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

    async def stage(self, teller: Teller, run: str, staged: Sequence[Staged]) -> None:
        if staged:
            async with self._store.changing(teller.owner) as change:
                _check(await change.telling(teller), run)
                await change.stage(teller, staged)

    async def stage_gone(
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
            await self.stage(teller, run, gone[start : start + STEP])
        return ""

    async def leave(self, teller: Teller, run: str, counts: ToldCounts) -> ToldCounts:
        """All is as it was, but for what is said of it."""
        await self._clear(teller, run)
        counts = ToldCounts(seen=counts.seen, guarded=True, problem=counts.problem)
        async with self._store.changing(teller.owner) as change:
            telling = _check(await change.telling(teller), run)
            await change.put_telling(teller, replace(telling, state="done", counts=counts))
        return counts

    async def accept(self, teller: Teller, run: str, counts: ToldCounts) -> None:
        """From now on it counts, and is applied whatever happens."""
        async with self._store.changing(teller.owner) as change:
            telling = _check(await change.telling(teller), run)
            await change.put_telling(
                teller, replace(telling, state="applying", counts=counts, told_at=epoch_ms(self._clock))
            )


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


async def _check_room(change: ToldChange, teller: Teller) -> None:
    others = await change.count_imports(teller.owner, besides=teller.source)
    if others >= MAX_IMPORTS:
        raise Conflict(f"A profile keeps {MAX_IMPORTS} imports at most; undo one of them first.")


def _is_among(id_: str, title_id: str, among: Among | None) -> bool:
    return among is None or (id_ == title_id) == (among == "films")


def _check(telling: Telling | None, run: str) -> Telling:
    if telling is None or telling.run != run or telling.state != "taking":
        raise Conflict("Another call tells the same part by now, or the profile is gone.")
    return telling
