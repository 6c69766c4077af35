"""What a Stremio account takes, opened at start; the stack closes it again."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.contracts.viewing_handover import ViewingHandoverClient
from libs.common.db import Database
from libs.common.graph import open_fetcher
from libs.common.ground import Ground
from libs.common.outbound import operators_guard
from libs.common.secrets import SecretBox
from libs.protocols.stremio_api.client import StremioApi
from services.sync.settings import Settings
from services.sync.sign_ins import SignInLimit
from services.sync.store.budgets import BudgetStore
from services.sync.store.stremio import StremioStore
from services.sync.store.stremio_items import StremioItemStore
from services.sync.store.stremio_plans import StremioPlanStore
from services.sync.stremio.access import StremioAccess
from services.sync.stremio.applying import Applying
from services.sync.stremio.codes import Codes
from services.sync.stremio.connections import StremioConnections
from services.sync.stremio.library import Library
from services.sync.stremio.planning import Planner
from services.sync.stremio.plans import IsAtWork, Plans, Queue
from services.sync.stremio.sealing import Sealing
from services.sync.stremio.writing import Writing


@dataclass(frozen=True, slots=True)
class Stremio:
    """What others ask Stremio by: `access`; what they find of connections and plans: the stores."""

    store: StremioStore
    plan_store: StremioPlanStore
    connections: StremioConnections
    access: StremioAccess
    applying: Applying
    sealing: Sealing
    auth: AuthClient
    catalog: CatalogClient
    database: Database
    clock: Clock

    def library(self, viewing: ViewingHandoverClient) -> Library:
        return Library(
            self.store,
            StremioItemStore(self.database),
            self.access,
            catalog=self.catalog,
            viewing=viewing,
            clock=self.clock,
        )

    def writing(self, viewing: ViewingClient) -> Writing:
        return Writing(self.store, self.access, viewing, self.clock)

    def plans(self, *, queue: Queue, is_at_work: IsAtWork) -> Plans:
        return Plans(
            self.plan_store,
            self.store,
            self.access,
            Planner(self.plan_store, self.sealing),
            self.sealing,
            auth=self.auth,
            catalog=self.catalog,
            queue=queue,
            is_at_work=is_at_work,
            clock=self.clock,
        )


async def open_stremio(
    ground: Ground,
    settings: Settings,
    *,
    database: Database,
    box: SecretBox,
    auth: AuthClient,
    catalog: CatalogClient,
) -> Stremio:
    """Asks about codes from now on."""
    clock = ground.clock
    fetcher = await open_fetcher(ground, "stremio", operators_guard())
    api = StremioApi(fetcher, settings.stremio_api_url, settings.stremio_link_url)
    store, plan_store = StremioStore(database), StremioPlanStore(database)
    sealing = Sealing(box)
    access = StremioAccess(store, sealing, api)
    asking = Codes(store, sealing, api, clock)
    ground.tasks.spawn("stremio_codes", asking.looks.run())
    return Stremio(
        store=store,
        plan_store=plan_store,
        connections=StremioConnections(
            store,
            sealing,
            api,
            limit=SignInLimit(BudgetStore(database), clock),
            begun=asking.looks.begun,
            clock=clock,
        ),
        access=access,
        applying=Applying(plan_store, access, sealing, catalog, clock),
        sealing=sealing,
        auth=auth,
        catalog=catalog,
        database=database,
        clock=clock,
    )
