"""Accounts elsewhere, read from their beginnings: sync does it."""

from __future__ import annotations

from libs.common.contracts.sync import NewJob, SyncClient
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.identity import Identity


class Resync:
    def __init__(self, sync: SyncClient) -> None:
        self._sync = sync

    async def begin(self, identity: Identity, *, deadline: Deadline) -> str | None:
        """The job; None where nothing is connected."""
        try:
            job = await self._sync.start(identity, NewJob(kind="trakt", mode="full"), deadline=deadline)
        except NotFound:
            return None
        return job.id
