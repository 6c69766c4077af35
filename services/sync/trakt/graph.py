"""What asking Trakt takes, opened at start; the stack closes it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from libs.common.clock import Clock
from libs.common.db import Database
from libs.common.graph import open_fetcher
from libs.common.ground import Ground
from libs.common.outbound import operators_guard
from libs.common.secrets import SecretBox
from libs.common.tasks import Tasks
from libs.protocols.trakt.auth import TraktAuth
from services.sync.settings import Settings
from services.sync.sign_ins import SignInLimit
from services.sync.store.budgets import BudgetStore
from services.sync.store.connections import ConnectionStore
from services.sync.store.trakt_codes import CodeStore
from services.sync.trakt.access import Access
from services.sync.trakt.budget import Budget, rates
from services.sync.trakt.connections import SWEEP_S, Left, Running, Start, TraktConnections
from services.sync.trakt.device import SignedIn, SignIns
from services.sync.trakt.sealing import Sealing
from services.sync.trakt.tokens import TokenKeeper

TIDY_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Trakt:
    """What others ask Trakt by: `access`; what they find of connections: `store`."""

    store: ConnectionStore
    codes: CodeStore
    auth: TraktAuth
    sealing: Sealing
    keeper: TokenKeeper
    access: Access
    limit: SignInLimit
    clock: Clock

    def connections(
        self, tasks: Tasks, *, signed_in: SignedIn, start: Start, running: Running, left: Sequence[Left]
    ) -> TraktConnections:
        """What owners do with connections; asks about codes from now on."""
        sign_ins = SignIns(
            self.codes, self.auth, self.keeper, self.sealing, clock=self.clock, signed_in=signed_in
        )
        tasks.spawn("trakt_codes", sign_ins.looks.run())
        connections = TraktConnections(
            self.store,
            sign_ins,
            self.keeper,
            self.sealing,
            start=start,
            running=running,
            left=left,
            limit=self.limit,
            clock=self.clock,
        )
        tasks.every("trakt_leaving", SWEEP_S, connections.sweep, clock=self.clock)
        return connections


async def open_trakt(ground: Ground, settings: Settings, *, database: Database, box: SecretBox) -> Trakt:
    clock = ground.clock
    fetcher = await open_fetcher(ground, "trakt", operators_guard())
    auth, store = TraktAuth(fetcher, settings.trakt_auth_url), ConnectionStore(database)
    sealing = Sealing(box)
    paces = rates(write_every_s=settings.trakt_write_every_s)
    counts = BudgetStore(database)
    budget = Budget(counts, clock, rates=paces)
    # Tasks of their own: what is being renewed when this ends is waited for.
    tasks = Tasks()
    ground.stack.push_async_callback(tasks.aclose)
    keeper = TokenKeeper(store, auth, sealing, tasks=tasks, clock=clock)
    ground.stack.push_async_callback(keeper.aclose)
    access = Access(store, keeper, budget, sealing, fetcher, base_url=settings.trakt_url, clock=clock)
    ground.tasks.every("trakt_budgets", TIDY_S, budget.forget_rested, clock=clock)
    return Trakt(store, CodeStore(database), auth, sealing, keeper, access, SignInLimit(counts, clock), clock)
