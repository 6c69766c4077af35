"""Which profiles' accounts at Trakt are to be asked now whether something has changed there."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.protocols.trakt.errors import TraktError
from services.sync.jobs import Jobs
from services.sync.kinds.trakt import NAME
from services.sync.store.connections import Connection, ConnectionStore
from services.sync.store.trakt_syncs import TraktSyncStore
from services.sync.trakt.pages import Refused
from services.sync.trakt.taking import Taking

LOOK_S: Final = 5.0
AT_ONCE: Final = 8

log = structlog.get_logger(__name__)


class TraktSchedule:
    """Called every few seconds; does nothing most of the time. Asking costs one call, and only what has
    changed makes a run. Replicas agree by when somebody last asked."""

    def __init__(
        self,
        jobs: Jobs,
        connections: ConnectionStore,
        syncs: TraktSyncStore,
        taking: Taking,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._connections = connections
        self._syncs = syncs
        self._taking = taking
        self._clock = clock

    async def look(self) -> None:
        looked, now = await self._syncs.looked(), epoch_ms(self._clock)
        due = [
            held
            for held in await self._connections.connected()
            if held.choices.enabled
            and not now - held.choices.every_s * 1000 < looked.get(held.owner, 0) <= now
        ]
        room = asyncio.Semaphore(AT_ONCE)

        async def one(held: Connection) -> None:
            async with room:
                await self._ask(held)

        for outcome in await asyncio.gather(*(one(held) for held in due), return_exceptions=True):
            # One that can't be noted must not keep the others from being asked.
            if isinstance(outcome, BaseException):
                raise outcome

    async def _ask(self, held: Connection) -> None:
        """A run reads what has changed, where something has. Where Trakt can't be asked the connection says
        so, and it is asked again in time."""
        try:
            if await self._taking.look(held, apart_s=held.choices.every_s) is None:
                return
        except (Refused, TraktError) as error:
            log.info("trakt_not_asked", connection=held.id, reason=getattr(error, "reason", "refused"))
            return
        owner = held.owner
        await self._jobs.queue(
            NAME, "incremental", owner.account_id, profile_id=owner.profile_id, subject=held.id
        )
