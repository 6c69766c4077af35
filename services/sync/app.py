"""The sync service's application: built from settings, working from start to end."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from libs.common.clock import Clock
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.imdb import ImdbClient
from libs.common.graph import open_own_database, open_registry, open_service
from libs.common.ground import Ground
from libs.common.http import Fetcher, Guard, make_session
from libs.common.http.figures import watch_connections
from libs.common.secrets import new_token
from libs.common.tasks import Tasks
from libs.common.web import create_service_app
from services.sync import keys, removals, schedule
from services.sync.imdb import ImdbStatus
from services.sync.jobs import Bells, Jobs
from services.sync.kinds import Kinds
from services.sync.kinds.addons import RefreshAddons
from services.sync.kinds.imdb import ImportImdb, sets_wanted
from services.sync.licences import Licences
from services.sync.removals import Removals
from services.sync.routes import ENDPOINTS
from services.sync.schedule import Due, Schedule
from services.sync.settings import Settings
from services.sync.sources.imdb import ImdbSource
from services.sync.store.jobs import Store
from services.sync.store.licences import LicenceStore
from services.sync.worker import Worker

DAY_S = 24 * 3600


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    return create_service_app(settings.common, ENDPOINTS, partial(_build, settings), clock=clock)


async def _build(settings: Settings, app: web.Application, ground: Ground) -> None:
    clock = ground.clock
    database = await open_own_database(ground)
    store = Store(database, clock)
    registry = open_registry(ground)
    auth = AuthClient(await open_service(ground, "auth", registry=registry))
    catalog = CatalogClient(await open_service(ground, "catalog", registry=registry))
    bells, tasks = Bells(), Tasks()
    ground.stack.push_async_callback(tasks.aclose)
    licences = Licences(LicenceStore(database), clock)
    imdb = ImdbClient(catalog.service)
    names = sets_wanted(akas=settings.imdb_akas)
    importing = ImportImdb(await _imdb_source(settings, ground), imdb, licences, clock, names=names)
    kinds = Kinds([RefreshAddons(catalog, clock), importing])
    jobs = Jobs(store, kinds, bells, clock)
    app[keys.IMDB] = ImdbStatus(imdb, jobs, licences, refresh_s=settings.imdb_refresh_s)
    app[keys.JOBS] = jobs
    app[keys.BELLS] = bells
    worker = Worker(
        store,
        kinds,
        bells,
        owner=new_token(bytes_=9),
        lease_s=settings.job_lease_s,
        tasks=tasks,
        clock=clock,
        metrics=ground.metrics,
    )
    worker.start()
    ground.stack.push_async_callback(worker.aclose)
    tasks.every("sync_schedule", schedule.LOOK_S, _schedule(settings, jobs, store, clock).look, clock=clock)
    follow = Removals(auth, [catalog.forget_owner, store.forget_owner], clock).look
    # At once: while this was away, nobody followed any.
    tasks.every("sync_removals", removals.LOOK_S, follow, clock=clock, at_once=True)


async def _imdb_source(settings: Settings, ground: Ground) -> ImdbSource:
    # The operator chose the address, so it may be a mirror at home; no user can.
    guard = Guard(allow_private=True)
    session = await ground.stack.enter_async_context(make_session(guard=guard))
    watch_connections(lambda: [session], "imdb", ground.metrics)
    return ImdbSource(Fetcher(session, guard, ground.clock), settings.imdb_url, ground.clock)


def _schedule(settings: Settings, jobs: Jobs, store: Store, clock: Clock) -> Schedule:
    due = [Due("addons", settings.addons_refresh_s), Due("imdb", settings.imdb_refresh_s)]
    return Schedule(jobs, store, due, clock, keep_s=settings.job_history_days * DAY_S)
