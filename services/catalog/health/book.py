"""How each addon has been answering: gathered in memory, written in batches, kept over restarts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final, Protocol

import structlog

from libs.addons.resting import Resting
from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.addon_health import HealthObservation
from libs.common.errors import HeadgateError, Unavailable
from services.catalog.health_model import Change, Figures, Key, Rules, applied, change_of, judged

log = structlog.get_logger(__name__)

MAX_PENDING: Final = 10_000
"""Unwritten figures; beyond it the oldest waiting are given up. Only figures are lost."""

WRITTEN_EVERY_S: Final = 10.0
LOOK_S: Final = 1.0
"""Failures are written so soon: whether an addon rests is decided where it is written, for all replicas."""

ByOperation = Mapping[str, Figures]
Judge = Callable[[Figures, Change, bool], Figures]
"""What becomes of figures by a change, for an addon that is pinned or not."""


class HealthKeeper(Protocol):
    """Where health is kept."""

    async def figures_of(self, addon_ids: Iterable[str]) -> Mapping[str, ByOperation]: ...

    async def add(self, changes: Mapping[Key, Change], judge: Judge) -> Mapping[Key, Figures]:
        """What is known of each after it; addons that have gone are left out."""
        ...


class HealthBook:
    """Takes observations without waiting; `flush` writes what has gathered."""

    def __init__(
        self,
        store: HealthKeeper,
        resting: Resting,
        *,
        rules: Rules,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._resting = resting
        self._rules = rules
        self._clock = clock
        self._chance = chance
        self._pending: dict[Key, Change] = {}
        self._failed = False
        self._written_at = clock.monotonic()

    def note(self, seen: HealthObservation) -> None:
        key = (seen.addon_id, seen.operation)
        self._pending[key] = self._pending.get(key, Change()).merged(change_of(seen))
        self._failed = self._failed or not seen.ok
        while len(self._pending) > MAX_PENDING:
            self._pending.pop(next(iter(self._pending)))

    async def look(self) -> None:
        """Writes what must not wait, or has waited long enough."""
        if self._failed or self._clock.monotonic() - self._written_at >= WRITTEN_EVERY_S:
            await self.flush()

    async def flush(self) -> None:
        """Writes the pending observations; on failure they stay pending and the error goes on."""
        writing, self._pending = self._pending, {}
        self._failed, self._written_at = False, self._clock.monotonic()
        if not writing:
            return
        try:
            written = await self._store.add(writing, partial(self._judged, epoch_ms(self._clock)))
        except BaseException:
            for key, change in self._pending.items():
                writing[key] = writing.get(key, Change()).merged(change)
            self._pending = writing
            raise
        for (addon_id, operation), figures in written.items():
            self._resting.heard(addon_id, operation, _seconds(figures.probe_at))

    async def close(self) -> None:
        """The last write. What it can't write is lost: figures don't make a stop a crash."""
        try:
            await self.flush()
        except HeadgateError as error:
            log.warning("addon_health_lost", addons=len(self._pending), code=error.code)

    async def known(self, addon_ids: Iterable[str]) -> dict[str, dict[str, Figures]]:
        """What is known now of each addon by resource, unwritten observations included.

        Where the database is away it is these alone: figures don't keep a list from being shown.
        """
        wanted = dict.fromkeys(addon_ids)
        stored: Mapping[str, ByOperation] = {}
        with suppress(Unavailable):
            stored = await self._store.figures_of(wanted)
        known = {addon_id: dict(stored.get(addon_id, {})) for addon_id in wanted}
        for (addon_id, operation), change in self._pending.items():
            if addon_id in known:
                figures = known[addon_id].get(operation, Figures())
                known[addon_id][operation] = applied(figures, change)
        return known

    def _judged(self, now: int, known: Figures, change: Change, pinned: bool) -> Figures:
        figures = applied(known, change)
        return judged(figures, change, rules=self._rules, pinned=pinned, now=now, shorter=self._chance())


def _seconds(at_ms: int | None) -> float | None:
    return None if at_ms is None else at_ms / 1000
