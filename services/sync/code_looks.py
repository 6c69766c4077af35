"""When codes that people confirm elsewhere are asked about: at their turn, and at once where one begins here.

A look of any replica may ask about any code: the row says when it is next asked about, and whoever moves that
time asks. So closing the page changes nothing, nor does a replica that ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.tasks import heeding

IDLE_S: Final = 15.0
"""How soon codes show that another replica, which ended meanwhile, was asking about."""
SOONEST_S: Final = 0.2

log = structlog.get_logger(__name__)


class CodeLooks:
    """`look` asks about every code whose turn it is, and says when the next one's is, if there is any."""

    def __init__(self, look: Callable[[], Awaitable[int | None]], clock: Clock) -> None:
        self._look = look
        self._clock = clock
        self._begun = asyncio.Event()

    def begun(self) -> None:
        """A code waits from now on."""
        self._begun.set()

    async def run(self) -> None:
        """For as long as the process lives."""
        failing = False
        while True:
            self._begun.clear()
            try:
                wait_s = self._until(await heeding(self._look()))
                failing = False
            except Exception:
                # The database is away: what waits is still there when it is back.
                if not failing:
                    log.exception("codes_failed")
                failing, wait_s = True, IDLE_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._begun.wait()
            except TimeoutError:
                continue

    def _until(self, next_at: int | None) -> float:
        if next_at is None:
            return IDLE_S
        return min(IDLE_S, max(SOONEST_S, (next_at - epoch_ms(self._clock)) / 1000))
