"""What accounts that are gone have left, taken out in steps so that nobody waits for it."""

from __future__ import annotations

from typing import Final

from libs.common.clock import Clock, epoch_ms
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.library.removal import RemovalStore

LOOK_S: Final = 5.0
PAUSE_S: Final = 0.2
"""Others write meanwhile."""
CLAIM_MS: Final = 60_000
"""Whoever is silent for so long has ended, and another replica goes on."""


class Removals:
    def __init__(self, store: RemovalStore, providers: ProviderStore, clock: Clock) -> None:
        self._store = store
        self._providers = providers
        self._clock = clock

    async def look(self) -> None:
        for number in await self._store.removed():
            if await self._providers.claim_removed(
                number, now=epoch_ms(self._clock), until=epoch_ms(self._clock) + CLAIM_MS
            ):
                await self._remove(number)

    async def _remove(self, number: int) -> None:
        while await self._store.step(number):
            await self._clock.sleep(PAUSE_S)
            await self._providers.claim_removed(number, until=epoch_ms(self._clock) + CLAIM_MS)
