"""Telling catalog how addons answered: gathered in memory, sent in batches, lost rather than in the way."""

from __future__ import annotations

from collections import deque
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.addon_health import HealthObservation, HealthReport
from libs.common.contracts.catalog import CatalogClient
from libs.common.deadline import Deadline

REPORT_EVERY_S: Final = 2.0
MAX_PENDING: Final = 5000
MAX_BATCH: Final = 500
_SEND_WITHIN_S: Final = 5.0


class HealthReporter:
    """Takes observations without waiting.

    Beyond `MAX_PENDING` the oldest are given up: only figures are lost.
    """

    def __init__(self, catalog: CatalogClient, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock
        self._pending: deque[HealthObservation] = deque(maxlen=MAX_PENDING)

    def note(self, observation: HealthObservation) -> None:
        self._pending.append(observation)

    async def send(self) -> None:
        """Sends what has gathered; on failure it stays gathered and the error goes on."""
        while self._pending:
            batch = [self._pending.popleft() for _ in range(min(MAX_BATCH, len(self._pending)))]
            try:
                deadline = Deadline.after(self._clock, _SEND_WITHIN_S)
                await self._catalog.report_health(HealthReport(tuple(batch)), deadline=deadline)
            except BaseException:
                room = MAX_PENDING - len(self._pending)
                self._pending.extendleft(reversed(batch[max(0, len(batch) - room) :]))
                raise
