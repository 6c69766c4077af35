"""How long sources take to begin, measured whenever the hub itself opens one to be played.

Nothing waits for it: while the database is away nothing is known, and what is measured is lost.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.tasks import Tasks
from services.streaming.starts_model import HALF_LIFE_S, NOTHING_KNOWN, Start, StartTimes, source_of
from services.streaming.store.starts import StartStore

log = structlog.get_logger(__name__)

WITHIN_S: Final = 0.1
KNOWN_FOR_S: Final = 5 * HALF_LIFE_S


class Starts:
    def __init__(self, store: StartStore, *, clock: Clock, tasks: Tasks) -> None:
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._away = False

    async def of(self, owner: Identity) -> StartTimes:
        now_ms = epoch_ms(self._clock)
        try:
            async with asyncio.timeout(WITHIN_S):
                starts = await self._store.since(owner, now_ms - round(KNOWN_FOR_S * 1000))
        except (HeadgateError, TimeoutError) as error:
            self._gone(error)
            return NOTHING_KNOWN
        self._away = False
        return StartTimes.of(starts, now_ms)

    def note(self, owner: Identity, addon_id: str, address: str, took_s: float) -> None:
        """Written beside whatever else goes on."""
        start = Start(source_of(addon_id, address), epoch_ms(self._clock), round(took_s * 1000))
        self._tasks.spawn("source_start", self._add(owner, start))

    async def _add(self, owner: Identity, start: Start) -> None:
        try:
            await self._store.add(owner, start)
        except HeadgateError as error:
            self._gone(error)

    def _gone(self, error: Exception) -> None:
        if not self._away:
            log.warning("source_starts_away", reason=type(error).__name__)
        self._away = True
