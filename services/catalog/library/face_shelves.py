"""The accounts of a profile, and those of their categories that it sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.catalog.library.face_rows import UNSORTED_NAME
from services.catalog.library_model import KINDS, Provider
from services.catalog.model import Owner
from services.catalog.store.library.face import CategoryRow, FaceStore
from services.catalog.store.library.providers import ProviderStore

CHANNELS: Final = KINDS["channels"]
MOVIES: Final = KINDS["movies"]
SERIES: Final = KINDS["series"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One account and those of its categories that the profile sees; 0 is what is in none."""

    provider: Provider
    seen: tuple[CategoryRow, ...]
    hidden: tuple[CategoryRow, ...]

    @property
    def has_others(self) -> bool:
        return any(row.others for row in (*self.seen, *self.hidden))

    def sees(self, category: int) -> bool:
        return any(row.id == category for row in self.seen)


class Shelves:
    def __init__(self, providers: ProviderStore, store: FaceStore) -> None:
        self._providers = providers
        self._store = store

    async def providers(self, owner: Owner) -> list[Provider]:
        return await self._providers.visible(owner)

    async def of(self, owner: Owner, kind: int) -> list[Shelf]:
        hidden = (await self._store.chosen(owner, kind)).hidden
        return [
            await self._shelf(provider, kind, hidden) for provider in await self._providers.visible(owner)
        ]

    async def of_provider(self, provider_id: str, kind: int) -> Shelf | None:
        """As its own profile sees it; None where the account is gone."""
        provider = await self._providers.get(provider_id)
        if provider is None:
            return None
        return await self._shelf(provider, kind, (await self._store.chosen(provider.owner, kind)).hidden)

    async def _shelf(self, provider: Provider, kind: int, hidden: frozenset[int]) -> Shelf:
        rows = await self._store.categories(provider.number, kind)
        if await self._store.has_unsorted(provider.number, kind):
            rows.append(CategoryRow(0, provider.number, UNSORTED_NAME, 1, 0))
        return Shelf(
            provider,
            tuple(row for row in rows if row.id not in hidden),
            tuple(row for row in rows if row.id in hidden),
        )


def state_of(provider: Provider) -> str:
    """Lists and guide change in runs alone; details, which come between them all the time, are not in any."""
    within = f"r{provider.revision}" if provider.run else ""
    return f"{provider.run_number}{within}.{provider.synced_at}.{provider.guide_synced_at}"


def named(shelves: Sequence[Shelf]) -> list[tuple[CategoryRow, str]]:
    """Categories as players are shown them; what is in none is one category, whosever it is."""
    several = len(shelves) > 1
    return [
        (row, f"{shelf.provider.name or shelf.provider.host}: {row.name}" if several and row.id else row.name)
        for shelf in shelves
        for row in shelf.seen
    ]
