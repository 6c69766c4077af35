"""Taking addons over into Headgate's own list, and out of it again."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.catalog import CatalogClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, NotFound, Unavailable
from libs.common.identity import Identity
from services.sync.stremio.plan_body import Taken

AT_ONCE: Final = 4
ADD_S: Final = 40.0
"""An addon that does not answer costs catalog 20 s."""
CALL_S: Final = 20.0
EXISTS: Final = "addon_exists"
FULL: Final = "too_many_addons"
NO_ANSWER: Final = "it did not answer"


@dataclass(frozen=True, slots=True)
class Took:
    """`added`: the ids of what was added, by address; `had`: what was there; `left`: why the others weren't,
    by name."""

    added: Mapping[str, str]
    had: Collection[str]
    left: Mapping[str, str] = field(default_factory=dict)

    @property
    def urls(self) -> set[str]:
        return {*self.added, *self.had}


class Taking:
    """For one profile. Raises Unavailable where catalog is away."""

    def __init__(self, catalog: CatalogClient, identity: Identity, clock: Clock) -> None:
        self._catalog = catalog
        self._identity = identity
        self._clock = clock

    async def held(self) -> dict[str, str]:
        """The ids of Headgate's addons by their addresses; of those that are switched on."""
        sources = await self._catalog.addon_sources(self._identity, deadline=self._within(CALL_S))
        return {source.transport_url: source.id for source in sources.items}

    async def take(self, takes: Sequence[Taken], had: Collection[str]) -> Took:
        """Adds what is missing, in the order of `takes`, behind what is there. May be asked again."""
        before = await self.held()
        told = _Told()
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for take in takes:
                if take.url not in before:
                    group.create_task(self._add(take, gate, told))
        if told.away is not None:
            raise told.away
        held = await self.held()
        urls = [take.url for take in takes]
        added = {url: held[url] for url in urls if url in held and url not in had}
        left = {
            take.name: told.reasons.get(take.url, NO_ANSWER)
            for take in takes
            if take.url not in held and take.url not in told.exist
        }
        await self._order(list(added.values()))
        return Took(added, {url for url in urls if url in had} | told.exist, left)

    async def take_out(self, ids: Collection[str]) -> None:
        """What is gone already is no error."""
        for addon_id in ids:
            try:
                await self._catalog.remove_addon(self._identity, addon_id, deadline=self._within(CALL_S))
            except NotFound:
                continue

    async def _add(self, take: Taken, gate: asyncio.Semaphore, told: _Told) -> None:
        async with gate:
            if told.is_full or told.away is not None:
                told.reasons[take.url] = told.full
                return
            try:
                await self._catalog.add_addon(self._identity, take.url, deadline=self._within(ADD_S))
            except HeadgateError as error:
                told.heed(take.url, error)

    async def _order(self, added: Sequence[str]) -> None:
        """They were added as they answered."""
        if len(added) < 2:
            return
        listed = await self._catalog.addons(self._identity, deadline=self._within(CALL_S))
        others = [addon.id for addon in listed.items if addon.id not in set(added)]
        await self._catalog.order_addons(self._identity, [*others, *added], deadline=self._within(CALL_S))

    def _within(self, seconds: float) -> Deadline:
        return Deadline.after(self._clock, seconds)


@dataclass(slots=True)
class _Told:
    """What catalog said of those that it did not add. `exist`: they are there, switched off."""

    reasons: dict[str, str] = field(default_factory=dict)
    exist: set[str] = field(default_factory=set)
    away: Unavailable | None = None
    is_full: bool = False
    full: str = ""

    def heed(self, url: str, error: HeadgateError) -> None:
        if error.code == EXISTS:
            self.exist.add(url)
            return
        if isinstance(error, Unavailable):
            self.away = error
        if error.code == FULL:
            self.is_full, self.full = True, str(error)
        self.reasons[url] = str(error)
