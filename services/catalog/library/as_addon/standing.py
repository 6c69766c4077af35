"""Whether the library's addon stands in its owner's list: from the first account to the last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog

from libs.addons.addon import AddressHash
from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from services.catalog.addons import Registry
from services.catalog.model import Owner
from services.catalog.sources.library import address_of
from services.catalog.store.library.providers import ProviderStore

log = structlog.get_logger(__name__)

WITHIN_S = 10.0


class Standing:
    """Puts the addon into lists, keeps what it offers current, and takes it out.

    What was kept of its answers is let go of by `forget`, each by the hash of its address.
    """

    def __init__(
        self,
        registry: Registry,
        providers: ProviderStore,
        *,
        forget: Sequence[Callable[[str], Awaitable[None]]],
        address_hash: AddressHash,
        clock: Clock,
    ) -> None:
        self._registry = registry
        self._providers = providers
        self._forget = forget
        self._address_hash = address_hash
        self._clock = clock

    async def settle(self, owner: Owner) -> None:
        """After accounts came or went. A list that is full, or a database that is away, is no reason for what
        was done to fail."""
        try:
            await self._settle(owner)
        except HeadgateError as error:
            log.warning("library_addon_unsettled", code=error.code)

    async def renew(self, provider_id: str) -> None:
        """After a run of that account: rows come with their first items, and categories change."""
        provider = await self._providers.get(provider_id)
        if provider is None:
            return
        address = address_of(provider.owner)
        try:
            await self._registry.renew_builtin(provider.owner, address)
            await self._forget_answers(address)
        except HeadgateError as error:
            log.warning("library_addon_not_renewed", code=error.code)

    async def _settle(self, owner: Owner) -> None:
        address = address_of(owner)
        if await self._providers.visible(owner):
            deadline = Deadline.after(self._clock, WITHIN_S)
            await self._registry.add_builtin(owner, address, deadline=deadline)
        else:
            await self._registry.remove_builtin(owner, address)
        await self._forget_answers(address)

    async def _forget_answers(self, address: str) -> None:
        for forget in self._forget:
            await forget(self._address_hash(address))
