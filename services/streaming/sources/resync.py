"""Accounts elsewhere, read from their beginnings: sync does it."""

from __future__ import annotations

from typing import Final

from libs.common.contracts.sync import NewJob, SyncClient
from libs.common.deadline import Deadline
from libs.common.errors import Conflict, NotFound
from libs.common.identity import Identity

KINDS: Final = ("trakt", "stremio")
NOT_CONNECTED: Final = ("connection_not_found", "stremio_not_connected")


class Resync:
    def __init__(self, sync: SyncClient) -> None:
        self._sync = sync

    async def begin(self, identity: Identity, *, deadline: Deadline) -> tuple[str, ...]:
        """The jobs; none of what is not connected. Raises Conflict, RateLimited."""
        jobs = list[str]()
        for kind in KINDS:
            try:
                job = await self._sync.start(identity, NewJob(kind=kind, mode="full"), deadline=deadline)
            except (NotFound, Conflict) as error:
                if error.code not in NOT_CONNECTED:
                    raise
                continue
            jobs.append(job.id)
        return tuple(jobs)
