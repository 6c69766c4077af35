"""Trakt, the Stremio account and the files people bring: what works on them, and what is asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from libs.common.contracts.viewing_upkeep import ViewingUpkeepClient
from libs.common.ground import Ground
from services.sync import stremio_schedule, trakt_schedule
from services.sync.imports import imports as bringing
from services.sync.imports.graph import Importing, importing
from services.sync.imports.imports import Imports
from services.sync.jobs import Jobs
from services.sync.kinds import Kind
from services.sync.kinds.imports import NAME as IMPORT
from services.sync.kinds.imports import CarryOutImport
from services.sync.kinds.stremio import SyncStremio
from services.sync.kinds.stremio_plan import NAME as STREMIO_PLAN
from services.sync.kinds.stremio_plan import CarryOutPlan
from services.sync.kinds.trakt import NAME as TRAKT
from services.sync.kinds.trakt import SyncTrakt
from services.sync.model import JobRun, Mode, Owner
from services.sync.outgoing.graph import OutgoingGraph, outgoing_graph
from services.sync.outgoing.waiting import Waiting
from services.sync.own_rows import OwnRows
from services.sync.reach import Reach
from services.sync.removals import Forget
from services.sync.settings import Settings
from services.sync.store.connections import Connection
from services.sync.store.imports import StoredImport
from services.sync.store.jobs import Store
from services.sync.store.stremio_plans import StoredPlan
from services.sync.store.trakt_syncs import TraktSyncStore
from services.sync.stremio.connections import StremioConnections
from services.sync.stremio.graph import Stremio, open_stremio
from services.sync.stremio.plans import Plans
from services.sync.stremio_schedule import StremioSchedule
from services.sync.trakt.connections import TraktConnections
from services.sync.trakt.graph import Trakt, open_trakt
from services.sync.trakt.single import Singles
from services.sync.trakt.taking import Taking
from services.sync.trakt_schedule import TraktSchedule


class _Held(Protocol):
    """What a profile has, and runs are about."""

    @property
    def id(self) -> str: ...

    @property
    def owner(self) -> Owner: ...


class _Runs:
    """Runs of one kind, at most one unfinished for each of what profiles have."""

    def __init__(self, jobs: Jobs, store: Store, kind: str, mode: Mode) -> None:
        self._jobs = jobs
        self._store = store
        self._kind = kind
        self._mode = mode

    async def join(self, held: _Held) -> JobRun:
        whose = held.owner
        return await self._jobs.join(
            self._kind, self._mode, whose.account_id, profile_id=whose.profile_id, subject=held.id
        )

    async def unfinished(self, held: _Held) -> JobRun | None:
        return await self._store.unfinished(self._kind, held.owner.account_id, held.id)

    async def is_at_work(self, held: _Held) -> bool:
        return await self.unfinished(held) is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about connections and brought files."""

    trakt: TraktConnections
    titles: Singles
    waiting: Waiting
    stremio: StremioConnections
    plans: Plans
    imports: Imports
    forget: Sequence[Forget]
    """What has to be forgotten of whoever goes."""


@dataclass(frozen=True, slots=True)
class Connected:
    ground: Ground
    reach: Reach
    trakt: Trakt
    told_by_trakt: TraktSyncStore
    taking: Taking
    outgoing: OutgoingGraph
    stremio: Stremio
    brought: Importing

    def kinds(self) -> list[Kind]:
        stremio = self.stremio
        return [
            CarryOutPlan(stremio.plan_store, stremio.applying),
            SyncStremio(
                stremio.store, stremio.library(self.reach.handing), stremio.writing(self.reach.viewing)
            ),
            SyncTrakt(self.trakt.store, self.taking),
            CarryOutImport(self.brought.store, self.brought.applying),
        ]

    def begin(self, jobs: Jobs, runs: Store) -> Asked:
        """From now on accounts are read when it is their time, and told what was watched."""
        tasks, clock = self.ground.tasks, self.ground.clock
        self.outgoing.start(tasks, clock)
        asking = TraktSchedule(jobs, self.trakt.store, self.told_by_trakt, self.taking, clock)
        tasks.every("sync_trakt", trakt_schedule.LOOK_S, asking.look, clock=clock)
        libraries = StremioSchedule(jobs, self.stremio.store, clock)
        tasks.every("sync_stremio", stremio_schedule.LOOK_S, libraries.look, clock=clock)
        trakt = self._trakt_connections(jobs, runs)
        return Asked(
            trakt=trakt,
            titles=Singles(self.told_by_trakt, self.trakt.access, tasks, clock),
            waiting=self.outgoing.waiting,
            stremio=self.stremio.connections,
            plans=self._plans(_Runs(jobs, runs, STREMIO_PLAN, "full")),
            imports=self._imports(_Runs(jobs, runs, IMPORT, "full")),
            forget=[
                trakt.forget_owner,
                self.stremio.connections.forget_owner,
                self.outgoing.store.forget_owner,
                self.told_by_trakt.forget_owner,
                self.brought.store.forget_owner,
            ],
        )

    def _trakt_connections(self, jobs: Jobs, runs: Store) -> TraktConnections:
        of_trakt = _Runs(jobs, runs, TRAKT, "incremental")

        async def start(held: Connection) -> JobRun:
            await self.outgoing.waiting.go_on(held.owner)
            return await of_trakt.join(held)

        rows = OwnRows(self.reach.catalog, self.ground.tasks, self.ground.clock)

        async def signed_in(held: Connection) -> None:
            await start(held)
            # Who took them out and signs in again has said what they want.
            if held.connected_at is None:
                rows.show_later(held.owner)

        async def left(gone: Connection) -> None:
            await runs.forget_subject(gone.id)
            await self.outgoing.store.forget(gone.owner, ended=gone.id)
            await self.told_by_trakt.forget(gone.owner, ended=gone.id)

        return self.trakt.connections(
            self.ground.tasks, signed_in=signed_in, start=start, running=of_trakt.unfinished, left=[left]
        )

    def _plans(self, runs: _Runs) -> Plans:
        async def queue(plan: StoredPlan) -> None:
            await runs.join(plan)

        return self.stremio.plans(queue=queue, is_at_work=runs.is_at_work)

    def _imports(self, runs: _Runs) -> Imports:
        async def queue(held: StoredImport) -> None:
            await runs.join(held)

        imports = self.brought.imports(queue=queue, is_at_work=runs.is_at_work)
        clock = self.ground.clock
        self.ground.tasks.every("sync_imports", bringing.SWEEP_S, imports.sweep, clock=clock)
        return imports


async def open_connected(settings: Settings, ground: Ground, reach: Reach) -> Connected:
    clock, database, box = ground.clock, reach.database, reach.box
    trakt = await open_trakt(ground, settings, database=database, box=box)
    told_by_trakt = TraktSyncStore(database)
    return Connected(
        ground=ground,
        reach=reach,
        trakt=trakt,
        told_by_trakt=told_by_trakt,
        taking=Taking(trakt.store, told_by_trakt, trakt.access, viewing=reach.handing, clock=clock),
        outgoing=outgoing_graph(
            database,
            reach.viewing,
            trakt.store,
            trakt.access,
            tasks=ground.tasks,
            clock=clock,
            lease_s=settings.job_lease_s,
            watched_share=settings.watched_share,
            metrics=ground.metrics,
        ),
        stremio=await open_stremio(
            ground, settings, database=database, box=box, auth=reach.auth, catalog=reach.catalog
        ),
        brought=importing(
            database,
            catalog=reach.catalog,
            viewing=reach.viewing,
            upkeep=ViewingUpkeepClient(reach.streaming),
            handing=reach.handing,
            clock=clock,
        ),
    )
