"""Looks whose things wait, and sends those of several owners at once."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.tasks import Tasks
from services.sync.model import Owner
from services.sync.outgoing.sending import Sending
from services.sync.outgoing_model import KEPT_MS
from services.sync.store.outgoing import OutgoingStore
from services.sync.store.outgoing_senders import SenderStore

LOOK_S: Final = 1.0
UPKEEP_S: Final = 3600.0
AT_ONCE: Final = 16

log = structlog.get_logger(__name__)


class Lanes:
    """One for the process. What is cut off with it is left marked, and looked for before it is sent again."""

    def __init__(
        self, sending: Sending, store: OutgoingStore, senders: SenderStore, *, tasks: Tasks, clock: Clock
    ) -> None:
        self._sending = sending
        self._store = store
        self._senders = senders
        self._tasks = tasks
        self._clock = clock
        self._busy = dict[Owner, asyncio.Task[None]]()

    async def look(self) -> None:
        room = AT_ONCE - len(self._busy)
        if room <= 0:
            return
        for owner in await self._senders.due(epoch_ms(self._clock), room):
            if owner not in self._busy:
                self._busy[owner] = self._tasks.spawn("outgoing_send", self._send(owner))

    async def upkeep(self) -> None:
        await self._store.forget_done(epoch_ms(self._clock) - KEPT_MS)

    async def settled(self) -> None:
        """Returns when nobody's things are being sent here."""
        while self._busy:
            await asyncio.wait(self._busy.values())

    async def _send(self, owner: Owner) -> None:
        try:
            await self._sending.send_all(owner)
        except Exception:
            # The database is away, or something of ours is wrong: the lease ends by itself, and the next look
            # comes.
            log.exception("outgoing_failed")
        finally:
            del self._busy[owner]
