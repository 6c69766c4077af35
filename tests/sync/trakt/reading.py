"""Profiles' accounts at a Trakt, read into a streaming service, by runs that a worker does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from libs.common.contracts.viewing_handover import ViewingHandoverClient
from libs.common.identity import Identity
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from services.sync.jobs import Bells, Jobs
from services.sync.kinds import Kinds
from services.sync.kinds.trakt import SyncTrakt
from services.sync.model import Counts, JobRun, Mode, Owner
from services.sync.store.jobs import Store
from services.sync.store.trakt_syncs import Held, TraktSyncStore
from services.sync.trakt.taking import Taking
from services.sync.trakt_schedule import TraktSchedule
from services.sync.worker import Worker
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt
from tests.streaming.hub import streaming
from tests.streaming.viewing.conftest import Viewer
from tests.sync.conftest import nobody
from tests.sync.trakt.replicas import ADA, BEN, Replica

T = TypeVar("T")


@dataclass
class Reading:
    """One replica of sync, and what its profiles see."""

    trakt: FakeTrakt
    replica: Replica
    jobs: Jobs
    worker: Worker
    runs: Store
    syncs: TraktSyncStore
    schedule: TraktSchedule
    clock: ManualClock
    ada: Viewer
    ben: Viewer

    async def look(self) -> dict[str, Counts] | None:
        """What the schedule makes of this moment: None for no run, else what the run counted."""
        before = await self._newest()
        await self.schedule.look()
        after = await self._newest()
        if after is None or (before is not None and before.id == after.id):
            return None
        return dict((await self.worked(after)).counts)

    async def later(self) -> dict[str, Counts] | None:
        self.clock.advance(300)
        return await self.look()

    async def run(self, mode: Mode = "incremental", owner: Owner = ADA) -> JobRun:
        """One that somebody asks for."""
        held = await self.replica.held(owner)
        run = await self.jobs.join(
            "trakt", mode, owner.account_id, profile_id=owner.profile_id, subject=held.id
        )
        return await self.worked(run)

    async def worked(self, run: JobRun) -> JobRun:
        await self.timed(self.worker.work_once())
        found = await self.runs.get(run.id)
        assert found is not None
        return found

    async def timed(self, work: Awaitable[T]) -> T:
        """What it comes to, with time going on whenever somebody sleeps."""
        task = asyncio.ensure_future(work)  # noqa: TID251  ends here
        while not task.done():
            if self.clock.sleepers:
                self.clock.advance(0.25)
            await asyncio.sleep(0.001)
        return await task

    async def held(self, owner: Owner = ADA) -> Held:
        sync = await self.syncs.of(owner)
        assert sync is not None
        return sync.held

    def asked(self) -> Mapping[str, int]:
        """What was asked since this was last asked, in short."""
        calls = {name.removeprefix("GET /sync/"): count for name, count in self.trakt.calls.items()}
        self.trakt.calls.clear()
        return calls

    async def _newest(self) -> JobRun | None:
        found = [run for run in await self.runs.latest() if run.kind == "trakt"]
        newest = max(found, key=lambda run: run.created_at, default=None)
        return None if newest is None else await self.runs.get(newest.id)


@asynccontextmanager
async def reading(
    replica: Replica, trakt: FakeTrakt, tmp_path: Path, clock: ManualClock
) -> AsyncIterator[Reading]:
    async with streaming(tmp_path, clock=clock) as service:
        syncs, runs, tasks = TraktSyncStore(replica.database), Store(replica.database, clock), Tasks()
        viewing = ViewingHandoverClient(service.client)
        taking = Taking(replica.store, syncs, replica.access, viewing=viewing, clock=clock)
        kinds, bells = Kinds([SyncTrakt(replica.store, taking)]), Bells()
        jobs = Jobs(runs, kinds, bells, clock, providers=nobody(clock))
        worker = Worker(
            runs, kinds, bells, owner="w1", lease_s=15, tasks=tasks, clock=clock, metrics=Metrics("sync")
        )
        schedule = TraktSchedule(jobs, replica.store, syncs, taking, clock)
        ada, ben = (
            Viewer(service, Identity(owner.account_id, owner.profile_id, "free", ("owner",)))
            for owner in (ADA, BEN)
        )
        try:
            yield Reading(trakt, replica, jobs, worker, runs, syncs, schedule, clock, ada, ben)
        finally:
            await tasks.aclose()
