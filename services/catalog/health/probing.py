"""Asking addons that rest whether they are back: in the background, one replica at a time, with one small
question. No viewer ever waits for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

import structlog

from libs.addons.failures import EXPECTED, described, knows_nothing
from libs.addons.resting import Resting
from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.addon_health import HealthObservation
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.protocols.stremio.errors import InvalidPath
from libs.protocols.stremio.paths import ResourcePath, parse_resource_path
from services.catalog.health.book import Judge
from services.catalog.health_model import (
    DAY_MS,
    HOUR_MS,
    Change,
    Figures,
    Key,
    Rules,
    applied,
    change_of,
    probed,
)
from services.catalog.model import AddonRow
from services.catalog.sources.base import Source
from services.catalog.store.health import Rest

log = structlog.get_logger(__name__)

LOOK_S: Final = 1.0
HEAR_S: Final = 5.0
"""How often a replica looks what the others have found out."""

WITHIN_S: Final = 10.0
CLAIM_MS: Final = 30_000
"""How long whoever took an addon to ask may need before another replica takes over."""

AT_ONCE: Final = 8
HOURS_KEPT: Final = 48
DAYS_KEPT: Final = 30
SWEPT_EVERY_S: Final = 3600.0


class RestStore(Protocol):
    async def resting(self) -> Mapping[str, Mapping[str, int]]: ...

    async def due(self, *, now: int, limit: int) -> list[Rest]: ...

    async def claim(self, rest: Rest, *, until: int) -> bool: ...

    async def add(self, changes: Mapping[Key, Change], judge: Judge) -> Mapping[Key, Figures]: ...

    async def sweep(self, *, hours_before: int, days_before: int) -> None: ...


class Probing:
    """Looks every second into memory, and into the store when somebody is due or news may have come."""

    def __init__(
        self,
        store: RestStore,
        source: Source,
        resting: Resting,
        *,
        open_url: Callable[[AddonRow], str],
        rules: Rules,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._source = source
        self._resting = resting
        self._open_url = open_url
        self._rules = rules
        self._clock = clock
        self._chance = chance
        self._heard_at = 0.0

    async def look(self) -> None:
        if self._clock.monotonic() - self._heard_at >= HEAR_S:
            await self.hear()
        if self._resting.any_due():
            await self.probe()

    async def hear(self) -> None:
        """What all replicas know."""
        self._heard_at = self._clock.monotonic()
        stored = await self._store.resting()
        self._resting.heard_all(
            {addon: {name: at / 1000 for name, at in until.items()} for addon, until in stored.items()}
        )

    async def probe(self) -> None:
        """Asks those whose time has come. The same question to the same address is put once for all lists
        that hold it."""
        sharing: dict[tuple[str, str], list[Rest]] = {}
        for rest in await self._store.due(now=epoch_ms(self._clock), limit=AT_ONCE * 4):
            if await self._store.claim(rest, until=epoch_ms(self._clock) + CLAIM_MS):
                sharing.setdefault((rest.addon.transport_hash, rest.asked), []).append(rest)
        at_once = asyncio.Semaphore(AT_ONCE)

        async def ask(rests: list[Rest]) -> None:
            async with at_once:
                await self._ask(rests)

        await asyncio.gather(*map(ask, sharing.values()))
        await self.hear()

    async def sweep(self) -> None:
        now = epoch_ms(self._clock)
        await self._store.sweep(hours_before=now - HOURS_KEPT * HOUR_MS, days_before=now - DAYS_KEPT * DAY_MS)

    async def _ask(self, rests: Iterable[Rest]) -> None:
        first, *_ = rests
        began = self._clock.monotonic()
        error: HeadgateError | None = None
        try:
            await self._put(self._open_url(first.addon), first)
        except HeadgateError as unreadable:  # an address sealed with a lost key
            error = unreadable
        except EXPECTED as failure:
            error = described(failure)
        took_ms = (self._clock.monotonic() - began) * 1000
        for rest in rests:
            await self._settle(rest, error, took_ms)
        if error is None:
            log.info("addon_back", addon_id=first.addon.id, operation=first.operation)

    async def _put(self, transport_url: str, rest: Rest) -> None:
        deadline = Deadline.after(self._clock, WITHIN_S)
        path = _path_of(rest)
        if path is None:
            await self._source.manifest(transport_url, deadline=deadline)
            return
        try:
            await self._source.resource(transport_url, path, deadline=deadline)
        except EXPECTED as failure:
            if not knows_nothing(path, failure):
                raise

    async def _settle(self, rest: Rest, error: HeadgateError | None, took_ms: float) -> None:
        seen = HealthObservation(
            addon_id=rest.addon.id,
            operation=rest.operation,
            ok=error is None,
            latency_ms=took_ms,
            at=self._clock.time(),
            error=None if error is None else str(error),
        )

        def judge(known: Figures, change: Change, _pinned: bool) -> Figures:
            figures = applied(known, change)
            return probed(
                figures,
                answered=error is None,
                rules=self._rules,
                now=epoch_ms(self._clock),
                shorter=self._chance(),
            )

        await self._store.add({(rest.addon.id, rest.operation): change_of(seen)}, judge)


def _path_of(rest: Rest) -> ResourcePath | None:
    """The question to put again; None for the manifest."""
    try:
        return parse_resource_path(rest.asked) if rest.asked else None
    except InvalidPath:
        return None
