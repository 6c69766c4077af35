"""Accounts at providers: which an owner has, and how they are asked."""

from __future__ import annotations

from services.catalog.library_model import Provider
from services.catalog.model import Owner
from services.catalog.store.library.providers import ProviderStore


class Providers:
    """Reads and changes the accounts of owners."""

    def __init__(self, store: ProviderStore) -> None:
        self._store = store

    async def listed(self, owner: Owner) -> list[Provider]:
        return await self._store.visible(owner)
