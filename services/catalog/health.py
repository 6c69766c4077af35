"""How each addon has been answering: gathered in memory, written in batches, kept over restarts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Protocol

import structlog

from libs.common.contracts.catalog import HealthObservation
from libs.common.errors import HeadgateError, Unavailable
from services.catalog.model import Health, HealthChange, applied

log = structlog.get_logger(__name__)

MAX_PENDING = 10_000
"""Addons with unwritten observations; beyond it the oldest waiting are given up. Only figures are lost."""


class HealthKeeper(Protocol):
    """Where health is kept."""

    async def health_of(self, addon_ids: Iterable[str]) -> Mapping[str, Health]: ...

    async def add_health(self, changes: Mapping[str, HealthChange]) -> None: ...


class HealthBook:
    """Takes observations without waiting; `flush` writes what has gathered."""

    def __init__(self, store: HealthKeeper) -> None:
        self._store = store
        self._pending: dict[str, HealthChange] = {}

    def note(self, seen: HealthObservation) -> None:
        change = self._pending.get(seen.addon_id, HealthChange())
        self._pending[seen.addon_id] = change.plus(seen)
        while len(self._pending) > MAX_PENDING:
            self._pending.pop(next(iter(self._pending)))

    async def flush(self) -> None:
        """Writes the pending observations; on failure they stay pending and the error goes on."""
        writing, self._pending = self._pending, {}
        if not writing:
            return
        try:
            await self._store.add_health(writing)
        except BaseException:
            for addon_id, change in self._pending.items():
                writing[addon_id] = writing.get(addon_id, HealthChange()).merged(change)
            self._pending = writing
            raise

    async def close(self) -> None:
        """The last write. What it can't write is lost: figures don't make a stop a crash."""
        try:
            await self.flush()
        except HeadgateError as error:
            log.warning("addon_health_lost", addons=len(self._pending), code=error.code)

    async def known(self, addon_ids: Iterable[str]) -> dict[str, Health]:
        """What is known now of each addon, unwritten observations included.

        Where the database is away it is these alone: figures don't keep a list from being shown.
        """
        wanted = tuple(addon_ids)
        stored: Mapping[str, Health] = {}
        with suppress(Unavailable):
            stored = await self._store.health_of(wanted)
        return {
            addon_id: applied(stored.get(addon_id, Health()), self._pending.get(addon_id, HealthChange()))
            for addon_id in wanted
        }
