"""Lists for players, made when a run has ended: the first who asks afterwards finds them made."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from libs.common.clock import Clock
from libs.common.tasks import Tasks
from services.catalog.library.face import Face
from services.catalog.library_model import KINDS, Provider
from services.catalog.store.library.providers import ProviderStore


class FaceReady:
    """Makes only what players have asked for lately: a library that nobody lists costs nothing."""

    def __init__(self, face: Face, providers: ProviderStore, tasks: Tasks, clock: Clock) -> None:
        self._face = face
        self._providers = providers
        self._tasks = tasks
        self._clock = clock
        self._turn = asyncio.Lock()

    def begin(self, provider_id: str) -> None:
        """After a run of that account; comes back at once."""
        # While the app closes, nothing new begins.
        with suppress(RuntimeError):
            self._tasks.spawn("player_lists_ready", self.make(provider_id))

    async def make(self, provider_id: str) -> None:
        """One account at a time, however many runs end together."""
        async with self._turn:
            for kind in KINDS.values():
                # Its state is read anew for each kind: the next run may have begun meanwhile.
                provider = await self._providers.get(provider_id)
                if provider is None or provider.run:
                    return
                if await self._face.was_listed(provider, kind):
                    await self._make(provider, kind)

    async def _make(self, provider: Provider, kind: int) -> None:
        for shelf in await self._face.shelves(provider.owner, kind):
            if shelf.provider.number != provider.number:
                continue
            began = self._clock.monotonic()
            async for _ in self._face.kept(shelf, kind):
                # Half of the time is others'.
                await self._clock.sleep(self._clock.monotonic() - began)
                began = self._clock.monotonic()
