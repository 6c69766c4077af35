"""Whose turn it is at one account of a provider: never its details while it is synced."""

from __future__ import annotations

from typing import Final

from libs.common.clock import Clock
from services.sync.model import SYNC_KINDS, JobRun
from services.sync.store.jobs import Store

DETAILS: Final = "details"
LOOK_S: Final = 0.2
MOST_LOOKS: Final = 300
"""A step that waits for a slow panel ends within a minute."""


class Turns:
    """By the rows of runs, which are the same for every replica."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def is_wanted(self, job: JobRun) -> bool:
        """Whether a sync of the same account waits or runs."""
        return await self._store.is_busy(job.subject, SYNC_KINDS)

    async def make_room(self, job: JobRun) -> None:
        """Wait until nobody asks for details there: whoever does sees this run, and ends."""
        for _ in range(MOST_LOOKS):
            if not await self._store.is_busy(job.subject, (DETAILS,), running=True):
                return
            await self._clock.sleep(LOOK_S)
