"""What taking everything along takes, and bringing it here, opened at start."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock
from libs.common.contracts.accounts import AccountsClient
from services.sync.account_settings import AccountSettings
from services.sync.imports.graph import Importing
from services.sync.jobs import Jobs
from services.sync.kinds import Kind
from services.sync.moving.carrying_out import NAME, CarryOutMove
from services.sync.moving.exporting import Exports
from services.sync.moving.moves import Moves
from services.sync.moving.profiles import Profiles
from services.sync.moving.taking_in import TakingIn
from services.sync.reach import Reach
from services.sync.store.imports import StoredImport
from services.sync.store.jobs import Store
from services.sync.store.moving import MovingStore


@dataclass(frozen=True, slots=True)
class MovingGraph:
    reach: Reach
    brought: Importing
    taking: TakingIn
    profiles: Profiles
    clock: Clock

    def kinds(self) -> list[Kind]:
        return [CarryOutMove(self.brought.store, self.taking)]

    def exports(self) -> Exports:
        services = (self.reach.catalog.service, self.reach.streaming)
        own = MovingStore(self.reach.database)
        return Exports(AccountsClient(self.reach.auth.service), services, own, self.reach.box, self.clock)

    def moves(self, jobs: Jobs, runs: Store) -> Moves:
        async def queue(held: StoredImport) -> None:
            await jobs.join(NAME, "full", held.owner.account_id, subject=held.id)

        async def is_at_work(held: StoredImport) -> bool:
            return await runs.unfinished(NAME, held.owner.account_id, held.id) is not None

        return Moves(
            self.brought.store,
            self.brought.files,
            self.taking,
            self.profiles,
            box=self.reach.box,
            queue=queue,
            is_at_work=is_at_work,
            clock=self.clock,
        )


def moving_graph(reach: Reach, brought: Importing, settings: AccountSettings, clock: Clock) -> MovingGraph:
    services = (reach.catalog.service, reach.streaming)
    own = MovingStore(reach.database)
    profiles = Profiles(AccountsClient(reach.auth.service), clock)
    taking = TakingIn(brought.store, services, own, settings, profiles, box=reach.box, clock=clock)
    return MovingGraph(reach, brought, taking, profiles, clock)
