"""Which profiles' libraries at Stremio are to be read now."""

from __future__ import annotations

import zlib
from typing import Final

from libs.common.clock import Clock, epoch_ms
from services.sync.jobs import Jobs
from services.sync.kinds.stremio import NAME
from services.sync.store.stremio import StremioConnection, StremioStore

LOOK_S: Final = 10.0
AT_ONCE: Final = 50
EVERY_S: Final = 600.0
SPREAD: Final = 0.2
"""Of that time, by which libraries keep apart."""


class StremioSchedule:
    """Called every few seconds; does nothing most of the time. Replicas agree by when each is next due."""

    def __init__(self, jobs: Jobs, store: StremioStore, clock: Clock) -> None:
        self._jobs = jobs
        self._store = store
        self._clock = clock

    async def look(self) -> None:
        now = epoch_ms(self._clock)
        for held in await self._store.due("connected", now=now, limit=AT_ONCE):
            if not await self._store.claim(held, until=now + _every_ms(held)):
                continue
            if held.choices.poll or held.choices.write_back:
                owner = held.owner
                await self._jobs.queue(
                    NAME, "incremental", owner.account_id, profile_id=owner.profile_id, subject=held.id
                )


def _every_ms(held: StremioConnection) -> int:
    apart = zlib.crc32(held.id.encode()) / 2**32 * SPREAD
    return int(EVERY_S * (1 + apart) * 1000)
