"""The parts that stand for a Stremio account, put together as the service does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.stremio_account import NewPlan, NewStremio, PlanAction, PlanView
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.contracts.viewing_handover import ViewingHandoverClient
from libs.common.db import Database, open_database
from libs.common.deadline import Deadline
from libs.common.http import Fetcher, Guard, make_session
from libs.common.identity import Identity, IdentitySigner
from libs.common.secrets import SecretBox, SecretKey
from libs.common.serve import start_site
from libs.protocols.stremio_api.client import StremioApi
from services.sync.kinds.base import SourceAway
from services.sync.kinds.stremio import SyncStremio
from services.sync.kinds.stremio_plan import CarryOutPlan
from services.sync.model import MAX_ATTEMPTS, JobRun, Mode, Owner, Progress
from services.sync.sign_ins import SignInLimit
from services.sync.store.budgets import BudgetStore
from services.sync.store.stremio import StremioStore
from services.sync.store.stremio_items import StremioItemStore
from services.sync.store.stremio_plans import StoredPlan, StremioPlanStore
from services.sync.stremio.access import StremioAccess
from services.sync.stremio.applying import Applying
from services.sync.stremio.codes import Codes
from services.sync.stremio.connections import StremioConnections
from services.sync.stremio.library import Library
from services.sync.stremio.planning import Planner
from services.sync.stremio.plans import Plans
from services.sync.stremio.sealing import Sealing
from services.sync.stremio.writing import Writing
from tests.fakes.clock import ManualClock
from tests.fakes.settings import SECRET
from tests.fakes.stremio_api import FakeStremio
from tests.sync.stremio.screen import FakeScreen
from tests.sync.stremio.shelf import FakeShelf

ANNA = Identity("anna", "anna-p")
EVA = Identity("anna", "eva-p")
"""Another profile of the same account."""
BASE = "https://hub.example"
PASSWORD = "a password that nobody may see"


@dataclass
class Parts:
    stremio: FakeStremio
    shelf: FakeShelf
    screen: FakeScreen
    database: Database
    clock: ManualClock
    store: StremioStore
    plan_store: StremioPlanStore
    access: StremioAccess
    connections: StremioConnections
    codes: Codes
    plans: Plans
    kind: CarryOutPlan
    library: SyncStremio
    queued: list[str] = field(default_factory=list)
    at_work: set[str] = field(default_factory=set)

    def within(self) -> Deadline:
        return Deadline.after(self.clock, 30)

    async def connect(self, identity: Identity = ANNA, email: str = "anna@example.org") -> None:
        await self.connections.connect(
            owner_of(identity), NewStremio(email, PASSWORD), deadline=self.within()
        )

    async def plan(
        self, action: PlanAction = "move", identity: Identity = ANNA, backup_id: str | None = None
    ) -> PlanView:
        # No two plans of a profile are made in the same moment.
        self.clock.advance(1)
        new = NewPlan(action=action, backup_id=backup_id)
        return await self.plans.make(identity, new, BASE, deadline=self.within())

    async def apply(self, plan: PlanView, identity: Identity = ANNA) -> PlanView:
        """As the worker does it, once."""
        await self.plans.apply(owner_of(identity), plan.id)
        await self.work(plan, identity)
        return await self.plans.get(owner_of(identity), plan.id)

    async def work(self, plan: PlanView, identity: Identity = ANNA, *, attempts: int = 1) -> None:
        run = JobRun(
            id="j",
            kind="stremio_plan",
            mode="full",
            account_id=identity.account_id,
            profile_id=identity.profile_id,
            subject=plan.id,
            state="running",
            attempts=attempts,
            created_at=0,
        )
        try:
            await self.kind.run(run, _no_report)
        finally:
            self.at_work.discard(plan.id)

    async def sync(self, identity: Identity = ANNA, *, mode: Mode = "incremental") -> list[Progress]:
        """One run at the library; what it told on its way."""
        held = await self.store.of(owner_of(identity))
        assert held is not None
        told = list[Progress]()
        run = JobRun(
            id="j",
            kind="stremio",
            mode=mode,
            account_id=identity.account_id,
            profile_id=identity.profile_id,
            subject=held.id,
            state="running",
            created_at=0,
        )

        async def report(progress: Progress) -> None:
            told.append(progress)

        await self.library.run(run, report)
        return told

    async def work_until_given_up(self, plan: PlanView) -> None:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                await self.work(plan, attempts=attempt)
            except SourceAway:
                self.at_work.add(plan.id)


def owner_of(identity: Identity) -> Owner:
    return Owner(identity.account_id, identity.profile_id)


async def _no_report(_progress: Progress) -> None:
    return


@asynccontextmanager
async def running_parts(
    database_url: str, stremio: FakeStremio, clock: ManualClock, *, secret: str = SECRET
) -> AsyncIterator[Parts]:
    signer = IdentitySigner(SecretKey.from_text(SECRET), clock)
    shelf = FakeShelf(signer, clock)
    app = web.Application()
    shelf.add_to(app)
    screen = FakeScreen()
    screen.add_to(app)
    async with AsyncExitStack() as stack:
        running = await start_site(app, "127.0.0.1:0", shutdown_s=0.1)
        stack.push_async_callback(running.aclose)
        address = f"http://127.0.0.1:{running.port}"
        service = await stack.enter_async_context(ServiceClient.connected("catalog", address, signer=signer))
        database = await open_database(database_url, schema="sync", clock=clock)
        stack.push_async_callback(database.aclose)
        guard = Guard(allow_private=True)
        session = await stack.enter_async_context(make_session(guard=guard))
        api = StremioApi(Fetcher(session, guard, clock), stremio.url, stremio.link_url, timeout_s=5.0)
        sealing = Sealing(SecretBox(SecretKey.from_text(secret)))
        yield _parts(stremio, (shelf, screen), database, clock, api=api, service=service, sealing=sealing)


def _parts(
    stremio: FakeStremio,
    fakes: tuple[FakeShelf, FakeScreen],
    database: Database,
    clock: ManualClock,
    *,
    api: StremioApi,
    service: ServiceClient,
    sealing: Sealing,
) -> Parts:
    store, plan_store = StremioStore(database), StremioPlanStore(database)
    catalog = CatalogClient(service)
    access = StremioAccess(store, sealing, api)
    applying = Applying(plan_store, access, sealing, catalog, clock)
    library = Library(
        store,
        StremioItemStore(database),
        access,
        catalog=catalog,
        viewing=ViewingHandoverClient(service),
        clock=clock,
    )
    codes = Codes(store, sealing, api, clock)
    at_work, queued = set[str](), list[str]()

    async def queue(plan: StoredPlan) -> None:
        queued.append(plan.id)
        at_work.add(plan.id)

    async def is_at_work(plan: StoredPlan) -> bool:
        return plan.id in at_work

    return Parts(
        stremio=stremio,
        shelf=fakes[0],
        screen=fakes[1],
        database=database,
        clock=clock,
        store=store,
        plan_store=plan_store,
        access=access,
        connections=StremioConnections(
            store,
            sealing,
            api,
            limit=SignInLimit(BudgetStore(database), clock),
            begun=codes.looks.begun,
            clock=clock,
        ),
        codes=codes,
        plans=Plans(
            plan_store,
            store,
            access,
            Planner(plan_store, sealing),
            sealing,
            auth=AuthClient(service),
            catalog=catalog,
            queue=queue,
            is_at_work=is_at_work,
            clock=clock,
        ),
        kind=CarryOutPlan(plan_store, applying),
        library=SyncStremio(store, library, Writing(store, access, ViewingClient(service), clock)),
        queued=queued,
        at_work=at_work,
    )
