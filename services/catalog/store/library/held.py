"""The hashes of what is held, kind by kind, in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

from libs.common.contracts.handover import RowKind
from services.catalog.library_model import KINDS
from services.catalog.store.library.items import ItemStore
from services.catalog.store.library.listed import ListedEpisodeStore
from services.catalog.store.library.programmes import Mark, ProgrammeStore


class HeldHashes:
    def __init__(self, items: ItemStore, episodes: ListedEpisodeStore, guide: ProgrammeStore) -> None:
        self._items = items
        self._episodes = episodes
        self._guide = guide

    async def of(self, number: int, kind: RowKind) -> AsyncIterator[list[int]]:
        if kind == "programmes":
            async for page in self._of_guide(number):
                yield page
            return
        last: int | None = None
        while True:
            if kind == "episodes":
                hashes, last = await self._episodes.hashes(number, after=last)
            else:
                hashes, last = await self._items.hashes(number, KINDS[kind], after=last)
            if last is None:
                return
            yield hashes

    async def _of_guide(self, number: int) -> AsyncIterator[list[int]]:
        mark: Mark | None = None
        while True:
            hashes, mark = await self._guide.hashes(number, after=mark)
            if mark is None:
                return
            yield hashes
