"""Data sets taken over: staged as they arrive, compared, and put in place of the old in one step."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from operator import itemgetter

import msgspec

from libs.common.clock import Clock, epoch_ms, moment_or_none
from libs.common.contracts.imdb import (
    AkaRow,
    AnimeRow,
    EpisodeRow,
    RatingRow,
    SetName,
    SetState,
    SetStates,
    Staged,
    Swap,
    SwapCounts,
    TitleRow,
)
from libs.common.db import UniqueViolation, Value
from libs.protocols.imdb.ids import IdSet
from services.catalog.errors import NothingToKeep, RowsUnreadable, RowTwice, StagingTaken, WouldRemoveTooMuch
from services.catalog.store.imdb import Difference, ImdbStore, StagingLost

BATCH_ROWS = 10_000
"""Rows of one transaction: other writers wait for none longer than some 20 ms."""

_decoders: dict[SetName, msgspec.json.Decoder[list[tuple[Value, ...]]]] = {
    "ratings": msgspec.json.Decoder(list[RatingRow]),
    "episodes": msgspec.json.Decoder(list[EpisodeRow]),
    "titles": msgspec.json.Decoder(list[TitleRow]),
    "akas": msgspec.json.Decoder(list[AkaRow]),
    "anime_ids": msgspec.json.Decoder(list[AnimeRow]),
}


class DataSets:
    """Refuses to remove more than `max_removed` (a share) of what is kept: the old rows stay.

    `swapped` is told of each set that was put in place.
    """

    def __init__(
        self, store: ImdbStore, clock: Clock, *, max_removed: float, swapped: Callable[[], Awaitable[None]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._max_removed = max_removed
        self._swapped = swapped

    async def states(self) -> SetStates:
        kept = await self._store.kept()
        return SetStates(
            tuple(
                SetState(
                    name=one.name, rows=one.rows, etag=one.etag, imported_at=moment_or_none(one.imported_at)
                )
                for one in kept.values()
            )
        )

    async def kept_ids(self, name: SetName) -> bytes:
        """The titles that `ratings` or `titles` have rows of, as the bytes of an IdSet."""
        found, last = IdSet(), -1
        while page := await self._store.ids(name, after=last):
            for number in page:
                found.add(number)
            last = page[-1]
        return found.to_bytes()

    async def stage(self, name: SetName, run: str, lines: AsyncIterable[bytes]) -> Staged:
        """Take every row of `lines`. Raises RowsUnreadable, RowTwice, StagingTaken."""
        await self._store.begin(name, run)
        decode, rows, total = _decoders[name].decode, list[tuple[Value, ...]](), 0
        async for line in lines:
            try:
                rows += decode(line)
            except msgspec.MsgspecError as error:
                raise RowsUnreadable(f"A line of rows can't be read: {error}.") from error
            if len(rows) >= BATCH_ROWS:
                await self._put(name, run, rows)
                total += len(rows)
                rows = []
        await self._put(name, run, rows)
        return Staged(total + len(rows))

    async def swap(self, name: SetName, swap: Swap) -> SwapCounts:
        """Raises StagingTaken, NothingToKeep, WouldRemoveTooMuch; then the old rows are as they were."""
        try:
            await self._store.carry_over(name, swap.run, swap.spoilt)
            found = await self._store.difference(name, swap.run)
            self._check(found)
            at = epoch_ms(self._clock)
            written = await self._store.swap(name, swap.run, found, etag=swap.etag, at=at)
        except StagingLost:
            raise StagingTaken("Another import has begun, or the database lost what was staged.") from None
        await self._swapped()
        changed = written - found.added
        return SwapCounts(
            added=found.added, changed=changed, removed=found.removed, unchanged=found.common - changed
        )

    async def _put(self, name: SetName, run: str, rows: list[tuple[Value, ...]]) -> None:
        # Nearly in the order of their keys, neighbours meet the same pages.
        rows.sort(key=itemgetter(0))
        try:
            await self._store.stage(name, run, rows)
        except UniqueViolation:
            raise RowTwice("The data set holds a row twice.") from None
        except StagingLost:
            raise StagingTaken("Another import of this data set has begun.") from None

    def _check(self, found: Difference) -> None:
        if not found.staged:
            raise NothingToKeep("The data set holds nothing that can be kept.")
        if found.removed > self._max_removed * found.kept:
            raise WouldRemoveTooMuch(
                f"It would remove {found.removed:,} of {found.kept:,} rows, which is more than"
                f" {self._max_removed:.0%} at once (HEADGATE_IMDB_MAX_REMOVED)."
            )
