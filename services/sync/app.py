"""The sync service's application: built from settings, working from start to end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from libs.common.clock import Clock
from libs.common.contracts.accounts import AccountsClient
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.handover import HandoverClient
from libs.common.contracts.imdb import ImdbClient
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.contracts.viewing_handover import ViewingHandoverClient
from libs.common.graph import open_box, open_own_database, open_registry, open_service
from libs.common.ground import Ground
from libs.common.hops import own_name
from libs.common.http import ClientSession, Fetcher, Guard, make_session
from libs.common.http.figures import watch_connections
from libs.common.outbound import hub_guard
from libs.common.secrets import new_token
from libs.common.tasks import Tasks
from libs.common.web import create_service_app
from services.sync import account_schedule, keys, removals, schedule, stremio_schedule, trakt_schedule
from services.sync.account_schedule import AccountSchedule
from services.sync.account_settings import AccountSettings
from services.sync.imdb import ImdbStatus
from services.sync.imports import imports as bringing
from services.sync.imports.graph import Importing, importing
from services.sync.imports.imports import Imports
from services.sync.jobs import Bells, Jobs
from services.sync.kinds import Kind, Kinds
from services.sync.kinds.addons import RefreshAddons
from services.sync.kinds.anime_ids import ImportAnimeIds
from services.sync.kinds.details import FillDetails
from services.sync.kinds.imdb import ImportImdb, sets_wanted
from services.sync.kinds.imports import NAME as IMPORT
from services.sync.kinds.imports import CarryOutImport
from services.sync.kinds.m3u import SyncList
from services.sync.kinds.stremio import SyncStremio
from services.sync.kinds.stremio_plan import NAME as STREMIO_PLAN
from services.sync.kinds.stremio_plan import CarryOutPlan
from services.sync.kinds.trakt import SyncTrakt
from services.sync.kinds.turns import Turns
from services.sync.kinds.xtream import SyncPanel
from services.sync.licences import Licences
from services.sync.model import JobRun
from services.sync.moving.exporting import Exports
from services.sync.notices import Notices
from services.sync.outgoing.graph import OutgoingGraph, outgoing_graph
from services.sync.providers import Providers
from services.sync.removals import Removals
from services.sync.routes import ENDPOINTS
from services.sync.schedule import Due, Schedule
from services.sync.settings import Settings
from services.sync.sources.anime_ids import AnimeIdsSource
from services.sync.sources.imdb import ImdbSource
from services.sync.sources.providers import ProviderSource
from services.sync.sources.webhooks import Webhooks
from services.sync.store.account_settings import AccountSettingsStore
from services.sync.store.connections import Connection
from services.sync.store.imports import StoredImport
from services.sync.store.jobs import Store
from services.sync.store.licences import LicenceStore
from services.sync.store.moving import MovingStore
from services.sync.store.standing import StandingStore
from services.sync.store.stremio_plans import StoredPlan
from services.sync.store.trakt_syncs import TraktSyncStore
from services.sync.stremio.graph import Stremio, open_stremio
from services.sync.stremio.plans import Plans
from services.sync.stremio_schedule import StremioSchedule
from services.sync.trakt.connections import TraktConnections
from services.sync.trakt.graph import Trakt, open_trakt
from services.sync.trakt.single import Singles
from services.sync.trakt.taking import Taking
from services.sync.trakt_schedule import TraktSchedule
from services.sync.worker import Worker

DAY_S = 24 * 3600


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    return create_service_app(settings.common, ENDPOINTS, partial(_build, settings), clock=clock)


async def _build(settings: Settings, app: web.Application, ground: Ground) -> None:
    clock, tasks = ground.clock, ground.tasks
    database = await open_own_database(ground)
    store = Store(database, clock)
    registry = open_registry(ground)
    auth = AuthClient(await open_service(ground, "auth", registry=registry))
    catalog = CatalogClient(await open_service(ground, "catalog", registry=registry))
    streaming = await open_service(ground, "streaming", registry=registry)
    viewing = ViewingClient(streaming)
    bells = Bells()
    licences = Licences(LicenceStore(database), clock)
    imdb = ImdbClient(catalog.service)
    box = await open_box(ground, database)
    stremio = await open_stremio(ground, settings, database=database, box=box, auth=auth, catalog=catalog)
    handover = HandoverClient(catalog.service)
    outside = await _outside(settings, ground)
    trakt = await open_trakt(ground, settings, database=database, box=box)
    told_by_trakt = TraktSyncStore(database)
    handing = ViewingHandoverClient(streaming)
    taking = Taking(trakt.store, told_by_trakt, trakt.access, viewing=handing, clock=clock)
    brought = importing(database, catalog=catalog, viewing=viewing, handing=handing, clock=clock)
    kinds = Kinds(
        [
            *await _kinds(settings, ground, catalog, imdb, licences),
            *_library_kinds(settings, ground, outside, handover, store),
            CarryOutPlan(stremio.plan_store, stremio.applying),
            SyncStremio(stremio.store, stremio.library(handing), stremio.writing(viewing)),
            SyncTrakt(trakt.store, taking),
            CarryOutImport(brought.store, brought.applying),
        ]
    )
    providers = Providers(handover, clock)
    jobs = Jobs(store, kinds, bells, clock, providers=providers)
    app[keys.IMDB] = ImdbStatus(imdb, jobs, licences, refresh_s=settings.imdb_refresh_s)
    app[keys.JOBS], app[keys.BELLS] = jobs, bells
    outgoing = outgoing_graph(
        database,
        viewing,
        trakt.store,
        trakt.access,
        tasks=tasks,
        clock=clock,
        lease_s=settings.job_lease_s,
        watched_share=settings.watched_share,
        metrics=ground.metrics,
    )
    outgoing.start(tasks, clock)
    app[keys.OUTGOING_WAITING] = outgoing.waiting
    app[keys.TRAKT] = _trakt_connections(
        trakt, jobs, store, tasks, outgoing=outgoing, told_by_trakt=told_by_trakt
    )
    app[keys.STREMIO_CONNECTIONS] = stremio.connections
    app[keys.STREMIO_PLANS] = _stremio_plans(stremio, jobs, store)
    app[keys.EXPORTS] = Exports(
        AccountsClient(auth.service), (catalog.service, streaming), MovingStore(database), box, clock
    )
    app[keys.STANDING] = StandingStore(database)
    app[keys.IMPORTS] = _imports(brought, jobs, store, tasks)
    app[keys.CONNECTIONS] = (app[keys.TRAKT].brief, stremio.connections.brief)
    settled = AccountSettingsStore(database)
    app[keys.ACCOUNT_SETTINGS] = AccountSettings(
        settled, store, providers, box=box, guard=outside.guard, clock=clock
    )
    notices = Notices(store, settled, Webhooks(outside.session, outside.guard), box, tasks)
    _work(settings, ground, store, kinds, bells, ended=notices.ended)
    tasks.every("sync_schedule", schedule.LOOK_S, _schedule(settings, jobs, store, clock).look, clock=clock)
    accounts = AccountSchedule(jobs, store, settled, providers, clock)
    tasks.every("sync_accounts", account_schedule.LOOK_S, accounts.look, clock=clock)
    app[keys.TRAKT_SINGLES] = Singles(told_by_trakt, trakt.access, tasks, clock)
    asking = TraktSchedule(jobs, trakt.store, told_by_trakt, taking, clock)
    tasks.every("sync_trakt", trakt_schedule.LOOK_S, asking.look, clock=clock)
    libraries = StremioSchedule(jobs, stremio.store, clock)
    tasks.every("sync_stremio", stremio_schedule.LOOK_S, libraries.look, clock=clock)
    forget = [
        catalog.forget_owner,
        viewing.forget_owner,
        store.forget_owner,
        settled.forget_owner,
        app[keys.TRAKT].forget_owner,
        stremio.connections.forget_owner,
        outgoing.store.forget_owner,
        told_by_trakt.forget_owner,
        brought.store.forget_owner,
    ]
    follow = Removals(auth, forget, clock).look
    # At once: while this was away, nobody followed any.
    tasks.every("sync_removals", removals.LOOK_S, follow, clock=clock, at_once=True)


def _stremio_plans(stremio: Stremio, jobs: Jobs, runs: Store) -> Plans:
    async def queue(plan: StoredPlan) -> None:
        whose = plan.owner
        await jobs.join(STREMIO_PLAN, "full", whose.account_id, profile_id=whose.profile_id, subject=plan.id)

    async def is_at_work(plan: StoredPlan) -> bool:
        return await runs.unfinished(STREMIO_PLAN, plan.owner.account_id, plan.id) is not None

    return stremio.plans(queue=queue, is_at_work=is_at_work)


def _imports(brought: Importing, jobs: Jobs, runs: Store, tasks: Tasks) -> Imports:
    async def queue(held: StoredImport) -> None:
        whose = held.owner
        await jobs.join(IMPORT, "full", whose.account_id, profile_id=whose.profile_id, subject=held.id)

    async def is_at_work(held: StoredImport) -> bool:
        return await runs.unfinished(IMPORT, held.owner.account_id, held.id) is not None

    imports = brought.imports(queue=queue, is_at_work=is_at_work)
    tasks.every("sync_imports", bringing.SWEEP_S, imports.sweep, clock=brought.clock)
    return imports


def _trakt_connections(
    trakt: Trakt,
    jobs: Jobs,
    runs: Store,
    tasks: Tasks,
    *,
    outgoing: OutgoingGraph,
    told_by_trakt: TraktSyncStore,
) -> TraktConnections:
    async def start(held: Connection) -> JobRun:
        whose = held.owner
        await outgoing.waiting.go_on(whose)
        return await jobs.join(
            "trakt", "incremental", whose.account_id, profile_id=whose.profile_id, subject=held.id
        )

    async def running(held: Connection) -> JobRun | None:
        return await runs.unfinished("trakt", held.owner.account_id, held.id)

    async def left(gone: Connection) -> None:
        await runs.forget_subject(gone.id)
        await outgoing.store.forget(gone.owner)
        await told_by_trakt.forget(gone.owner)

    return trakt.connections(tasks, start=start, running=running, left=[left])


async def _kinds(
    settings: Settings, ground: Ground, catalog: CatalogClient, imdb: ImdbClient, licences: Licences
) -> list[Kind]:
    clock, fetcher = ground.clock, await _fetcher(ground)
    sets = ImdbSource(fetcher, settings.imdb_url, clock)
    names = sets_wanted(akas=settings.imdb_akas)
    anime = AnimeIdsSource(fetcher, settings.anime_ids_url)
    return [
        RefreshAddons(catalog, clock),
        ImportImdb(sets, imdb, licences, clock, names=names),
        ImportAnimeIds(anime, imdb, licences, clock),
    ]


@dataclass(frozen=True, slots=True)
class Outside:
    """How servers are asked that users named."""

    session: ClientSession
    guard: Guard


async def _outside(settings: Settings, ground: Ground) -> Outside:
    """Kept away from the hub's own sockets."""
    guard = hub_guard(settings.common, gateway_port=settings.gateway_port)
    session = await ground.stack.enter_async_context(make_session(guard=guard))
    watch_connections(lambda: [session], "providers", ground.metrics)
    return Outside(session, guard)


def _library_kinds(
    settings: Settings, ground: Ground, outside: Outside, handover: HandoverClient, store: Store
) -> list[Kind]:
    clock, tasks = ground.clock, ground.tasks
    source = ProviderSource(
        Fetcher(outside.session, outside.guard, clock),
        clock,
        hop_name=own_name(settings.common.secret_key),
    )
    turns = Turns(store, clock)
    return [
        SyncPanel(source, handover, clock, tasks, turns=turns),
        SyncList(source, handover, clock, tasks),
        FillDetails(handover, clock, turns),
    ]


async def _fetcher(ground: Ground) -> Fetcher:
    """For lists and data sets at addresses that the operator chose."""
    # So they may be mirrors at home; no user can choose one.
    guard = Guard(allow_private=True)
    session = await ground.stack.enter_async_context(make_session(guard=guard))
    watch_connections(lambda: [session], "data_sets", ground.metrics)
    return Fetcher(session, guard, ground.clock)


def _work(
    settings: Settings,
    ground: Ground,
    store: Store,
    kinds: Kinds,
    bells: Bells,
    *,
    ended: Callable[[JobRun], None],
) -> None:
    # Tasks of its own: the worker hands back what it does before they are stopped.
    tasks = Tasks()
    ground.stack.push_async_callback(tasks.aclose)
    worker = Worker(
        store,
        kinds,
        bells,
        owner=new_token(bytes_=9),
        lease_s=settings.job_lease_s,
        tasks=tasks,
        clock=ground.clock,
        metrics=ground.metrics,
        ended=ended,
    )
    worker.start()
    ground.stack.push_async_callback(worker.aclose)


def _schedule(settings: Settings, jobs: Jobs, store: Store, clock: Clock) -> Schedule:
    due = [
        Due("addons", settings.addons_refresh_s),
        Due("imdb", settings.imdb_refresh_s),
        Due("anime_ids", settings.anime_ids_refresh_s),
    ]
    return Schedule(jobs, store, due, clock, keep_s=settings.job_history_days * DAY_S)
