"""When the indexes of items are left out: while more comes than is there."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from libs.common.clock import Clock
from libs.common.errors import Unavailable
from services.catalog.store.library.indexes import IndexStore

LEAST_ROWS: Final = 2000
"""Below that many, making indexes anew saves nothing."""
USUAL_KIB: Final = 4000
"""What libs.common.db gives the writer."""
LOADING_KIB: Final = 32_000
MARKED_ROWS: Final = 10_000
"""Written between two looks at what can be answered from indexes alone: lists took three times as long."""
SILENT_S: Final = 60.0
"""After so long without a row, no more are waited for."""


@dataclass(slots=True)
class _Loading:
    enough: int
    added: int
    seen_at: float


class Indexing:
    """What is left out is made when the rows are there; after a crash by the next run, or by a look."""

    def __init__(self, store: IndexStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._loadings: dict[int, _Loading] = {}
        self._making = asyncio.Lock()

    async def added(self, number: int, count: int) -> None:
        """So many new items of a provider; from as many on as there were, the indexes are left out."""
        if not count:
            return
        loading = self._loadings.get(number)
        if loading is None:
            await self._store.keep_in_memory(LOADING_KIB)
            held = await self._store.items() - count
            loading = self._loadings[number] = _Loading(max(LEAST_ROWS, held), 0, 0.0)
        loading.seen_at = self._clock.monotonic()
        loading.added += count
        if loading.added // MARKED_ROWS > (loading.added - count) // MARKED_ROWS:
            await self._hasten(self._store.mark_seen())
        if loading.added - count < loading.enough <= loading.added and await self._store.can_do_without(
            number
        ):
            await self._store.drop()

    async def settle(self, number: int, *, but: Collection[str] = ()) -> None:
        """No more items of this provider come for now."""
        loading = self._loadings.get(number)
        if loading is not None:
            loading.seen_at = -math.inf
        await self.look(but=but)
        if loading is not None and loading.added >= loading.enough:
            await self._hasten(self._store.analyze())
        if loading is not None and loading.added >= MARKED_ROWS:
            await self._hasten(self._store.mark_seen())

    @staticmethod
    async def _hasten(statement: Awaitable[None]) -> None:
        """It only makes reading quicker: a run must not end of it, on a slow disk."""
        with suppress(Unavailable):
            await statement

    async def look(self, *, but: Collection[str] = ()) -> None:
        """Make what is missing, unless it is still better left out."""
        had = bool(self._loadings)
        silent = self._clock.monotonic() - SILENT_S
        self._loadings = {
            number: loading for number, loading in self._loadings.items() if loading.seen_at > silent
        }
        if had and not self._loadings:
            await self._store.keep_in_memory(USUAL_KIB)
        if not any(loading.added >= loading.enough for loading in self._loadings.values()):
            async with self._making:
                await self._store.make(but=but)
