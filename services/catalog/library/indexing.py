"""When the indexes of items are left out: while more comes than is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from services.catalog.store.library.indexes import IndexStore

LEAST_ROWS: Final = 5000
"""Below that many, making indexes anew saves nothing."""


class Loading:
    """Rows of one provider that are coming in."""

    def __init__(self, store: IndexStore, number: int, held: int) -> None:
        self._store = store
        self._number = number
        self._enough = max(LEAST_ROWS, held)
        self._added = 0
        self._is_without = False

    async def added(self, count: int) -> None:
        """From as many on as there were, the indexes are left out."""
        self._added += count
        if self._is_without or self._added < self._enough or not count:
            return
        self._is_without = True
        if await self._store.can_do_without(self._number):
            await self._store.drop()


class Indexing:
    """What is left out is made when the rows are there, whatever became of them; after a crash, by the next
    run or by upkeep."""

    def __init__(self, store: IndexStore) -> None:
        self._store = store

    @asynccontextmanager
    async def loading(self, number: int) -> AsyncIterator[Loading]:
        try:
            yield Loading(self._store, number, await self._store.items())
        finally:
            await self._store.make()

    async def mend(self) -> None:
        await self._store.make()

    async def look(self, *, has_guide: bool) -> None:
        """So that the engine knows what the tables hold now."""
        await self._store.analyze(("library_items", *(("library_programmes",) if has_guide else ())))
