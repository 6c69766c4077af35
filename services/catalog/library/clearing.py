"""Everything of an account taken out while the account stays: the next run is like a first."""

from __future__ import annotations

import asyncio

from libs.common.tasks import Tasks
from services.catalog.errors import NotConfirmed, ProviderNotFound, RunEnded
from services.catalog.library.gone import GoneItems
from services.catalog.library.noted import Noted
from services.catalog.library_model import KINDS, Provider
from services.catalog.model import Owner
from services.catalog.store.library.batches import Writer
from services.catalog.store.library.programmes import ProgrammeStore
from services.catalog.store.library.providers import ProviderStore, RunLost
from services.catalog.store.library.runs import RunStore

RUN = "clearing"


class Clearing:
    """It is a run itself: it ends one that is under way, and a sync that begins ends it."""

    def __init__(
        self,
        providers: ProviderStore,
        runs: RunStore,
        gone: GoneItems,
        guide: ProgrammeStore,
        *,
        tasks: Tasks,
    ) -> None:
        self._tasks = tasks
        self._providers = providers
        self._runs = runs
        self._gone = gone
        self._guide = guide

    async def confirmed(self, owner: Owner, provider_id: str, confirm: str) -> Provider:
        """Raises ProviderNotFound, NotConfirmed."""
        provider = await self._providers.owned(owner, provider_id)
        if provider is None:
            raise ProviderNotFound("You have no such account.")
        if confirm.strip() != provider.name.strip():
            raise NotConfirmed("Write the account's name out, exactly as it is shown.")
        return provider

    async def clear(self, provider: Provider) -> None:
        """Goes on when whoever waits has left: half of it is of no use. Raises ProviderNotFound, RunEnded."""
        await asyncio.shield(self._tasks.spawn("library_clear", self._clear(provider)))

    async def _clear(self, provider: Provider) -> None:
        begun = await self._providers.begin(provider.id, RUN)
        if begun is None:
            raise ProviderNotFound("You have no such account.")
        noted = Noted({}, 0)
        try:
            for kind in KINDS.values():
                writer = Writer(begun.number, RUN, begun.run_number, kind)
                await self._gone.remove_all(writer, noted)
            while await self._guide.remove_some(begun.number, RUN):
                pass
            await self._runs.start_over(begun.number, RUN)
        except RunLost:
            raise RunEnded("A sync of this account has begun meanwhile; clear it again after it.") from None
