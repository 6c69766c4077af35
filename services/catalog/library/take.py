"""What sync hands over of a provider, taken: what differs is written as it comes, what is gone goes last."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Final

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.handover import (
    CategoryKind,
    CategoryRows,
    GoneCounts,
    HandoverCounts,
    RowKind,
    RunFinished,
    packed,
)
from services.catalog.errors import ProviderNotFound, RunEnded
from services.catalog.library.gone import GoneItems
from services.catalog.library.indexing import Indexing
from services.catalog.library.lines import NAME_CHARS
from services.catalog.library.noted import Noted
from services.catalog.library.take_episodes import EpisodeTaking
from services.catalog.library.take_guide import GuideTaking
from services.catalog.library.take_items import ItemTaking
from services.catalog.library_model import KINDS, Provider
from services.catalog.store.library.batches import Writer
from services.catalog.store.library.categories import MOST, UNNAMED, CategoryStore
from services.catalog.store.library.changes import ChangeStore
from services.catalog.store.library.held import HeldHashes
from services.catalog.store.library.indexes import FOR_MATCHING
from services.catalog.store.library.providers import ProviderStore, RunLost
from services.catalog.store.library.runs import RunStore

PROBLEM_CHARS: Final = 500
NUMBERS: Final[Mapping[RowKind, int]] = MappingProxyType(
    {
        "channels": KINDS["channels"],
        "movies": KINDS["movies"],
        "series": KINDS["series"],
        "episodes": 0,
        "programmes": 0,
    }
)
"""How kinds are stored; 0 are no items."""


class Taking:
    """One run of a provider at a time: a later one ends it."""

    def __init__(
        self,
        providers: ProviderStore,
        runs: RunStore,
        *,
        categories: CategoryStore,
        changes: ChangeStore,
        hashes: HeldHashes,
        items: ItemTaking,
        gone: GoneItems,
        episodes: EpisodeTaking,
        guide: GuideTaking,
        indexing: Indexing,
        clock: Clock,
    ) -> None:
        self._providers = providers
        self._runs = runs
        self._categories = categories
        self._changes = changes
        self._hashes = hashes
        self._items = items
        self._gone = gone
        self._episodes = episodes
        self._guide = guide
        self._indexing = indexing
        self._clock = clock

    async def begin(self, provider_id: str, run: str) -> None:
        """Raises ProviderNotFound."""
        provider = await self._providers.begin(provider_id, run)
        if provider is None:
            raise ProviderNotFound("There is no such account.")
        await self._runs.remember_first(provider.number)
        await self._indexing.settle(provider.number)

    async def settle(self, provider_id: str) -> None:
        """No more items come for now: what reads them has its indexes. Raises ProviderNotFound."""
        await self._indexing.settle((await self._provider(provider_id)).number)

    async def put_categories(
        self, provider_id: str, kind: CategoryKind, run: str, rows: CategoryRows
    ) -> GoneCounts:
        """Raises ProviderNotFound, RunEnded. What the first page doesn't name waits for a later one."""
        async with self._writing(provider_id, run, kind) as writer:
            held = await self._categories.of(writer.number, writer.kind)
            # Of an id that comes twice, the first name is the one.
            named = {row.panel_id[:NAME_CHARS]: row.name[:NAME_CHARS] for row in reversed(rows.items)}
            wanted = {
                panel_id: (named[panel_id], at) for at, panel_id in enumerate(reversed(named), rows.first)
            }
            new = [(panel_id, *one) for panel_id, one in wanted.items() if panel_id and panel_id not in held]
            del new[max(0, MOST - len(held)) :]
            changed = [
                (category.id, *as_wanted)
                for panel_id, category in held.items()
                if (panel_id in wanted or not rows.first)
                and (category.name, category.position)
                != (as_wanted := wanted.get(panel_id, (category.name, UNNAMED)))
            ]
            removed = await self._categories.put(
                writer.number, run, writer.kind, new=new, changed=changed, is_last=rows.is_last
            )
            return GoneCounts(removed=removed)

    async def hashes(self, provider_id: str, kind: RowKind) -> AsyncIterator[bytes]:
        """What is held, in pieces. Raises ProviderNotFound."""
        provider = await self._provider(provider_id)
        if kind == "programmes":
            # The guide comes after all items, and before titles are looked for.
            await self._indexing.settle(provider.number, but=FOR_MATCHING)
        async for page in self._hashes.of(provider.number, kind):
            yield packed(page)

    async def rows(
        self, provider_id: str, kind: RowKind, run: str, lines: AsyncIterable[bytes]
    ) -> HandoverCounts:
        """Raises ProviderNotFound, RunEnded, LibraryRowsUnreadable; what came before stays."""
        async with self._writing(provider_id, run, kind) as writer:
            if kind == "programmes":
                return await self._guide.take(writer, lines)
            if kind == "episodes":
                return await self._episodes.take(writer, lines)
            noted = await Noted.of(self._changes, writer.number, writer.run_number)
            return await self._items.take(writer, lines, noted)

    async def remove_gone(
        self, provider_id: str, kind: RowKind, run: str, hashes: Sequence[int]
    ) -> GoneCounts:
        """Raises ProviderNotFound, RunEnded, LibraryWouldShrink; then everything is as it was."""
        async with self._writing(provider_id, run, kind) as writer:
            if kind == "programmes":
                return await self._guide.remove(writer, hashes)
            if kind == "episodes":
                return await self._episodes.remove(writer, hashes)
            noted = await Noted.of(self._changes, writer.number, writer.run_number)
            return await self._gone.remove(writer, hashes, noted)

    async def finish(self, provider_id: str, run: str, finished: RunFinished) -> None:
        """Raises ProviderNotFound, RunEnded."""
        async with self._writing(provider_id, run, "channels") as writer:
            await self._guide.drop_ended(writer)
            await self._indexing.settle(writer.number)
            await self._runs.finish(
                writer.number,
                run,
                writer.run_number,
                at=epoch_ms(self._clock),
                is_whole=finished.is_whole,
                has_guide=finished.has_guide,
                problem=finished.problem[:PROBLEM_CHARS],
            )

    @asynccontextmanager
    async def _writing(self, provider_id: str, run: str, kind: RowKind) -> AsyncIterator[Writer]:
        provider = await self._provider(provider_id)
        try:
            # Said at once, not only with the first batch.
            if provider.run != run or not run:
                raise RunLost
            yield Writer(provider.number, run, provider.run_number, NUMBERS[kind])
        except RunLost:
            await self._provider(provider_id)
            raise RunEnded("Another run of this account has begun, or this one is over.") from None

    async def _provider(self, provider_id: str) -> Provider:
        provider = await self._providers.get(provider_id)
        if provider is None:
            raise ProviderNotFound("There is no such account.")
        return provider
