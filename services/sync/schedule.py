"""What is due when. A period makes one run, whichever replica sees it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from libs.common.clock import Clock
from libs.common.errors import Conflict
from services.sync.jobs import Jobs
from services.sync.model import slot_of
from services.sync.store.jobs import Store

LOOK_S = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A kind for the whole installation, to be run once in every period."""

    kind: str
    every_s: float


class Schedule:
    """Called every few seconds; does nothing most of the time."""

    def __init__(self, jobs: Jobs, store: Store, due: Sequence[Due], clock: Clock, *, keep_s: float) -> None:
        self._jobs = jobs
        self._store = store
        self._due = due
        self._clock = clock
        self._keep_s = keep_s
        self._seen: set[str] = set()

    async def look(self) -> None:
        """Queue what this period still lacks; give up dead runs and forget old ones.

        A run of the former period that isn't finished stands for this one too.
        """
        for kind in await self._store.bury():
            log.error("job_given_up", kind=kind)
        slots = {slot_of(due.kind, self._clock.time(), due.every_s): due for due in self._due}
        self._seen &= set(slots)
        for slot, due in slots.items():
            if slot not in self._seen and await self._may_run(due.kind):
                await self._jobs.queue(due.kind, "incremental", "", slot=slot)
                await self._store.forget(older_than_s=self._keep_s)
                self._seen.add(slot)

    async def _may_run(self, kind: str) -> bool:
        """What may not be started yet, as without a licence accepted, is looked at again the next time."""
        try:
            await self._jobs.check(kind)
        except Conflict:
            return False
        return True
