"""The sync service's application: built from settings, working from start to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from aiohttp import web

from libs.common.clock import Clock
from libs.common.contracts.imdb import ImdbClient
from libs.common.ground import Ground
from libs.common.secrets import new_token
from libs.common.tasks import Tasks
from libs.common.web import create_service_app
from services.sync import account_schedule, keys, removals, schedule
from services.sync.account_schedule import AccountSchedule
from services.sync.account_settings import AccountSettings
from services.sync.connected import Asked, open_connected
from services.sync.imdb import ImdbStatus
from services.sync.jobs import Bells, Jobs
from services.sync.kinds import Kinds
from services.sync.kinds.graph import library_kinds, open_data_sets, open_outside
from services.sync.licences import Licences
from services.sync.model import JobRun
from services.sync.moving.graph import moving_graph
from services.sync.notices import Notices
from services.sync.providers import Providers
from services.sync.reach import Reach, open_reach
from services.sync.removals import Forget, Removals
from services.sync.routes import ENDPOINTS
from services.sync.schedule import Due, Schedule
from services.sync.settings import Settings
from services.sync.sources.webhooks import Webhooks
from services.sync.store.account_settings import AccountSettingsStore
from services.sync.store.jobs import Store
from services.sync.store.licences import LicenceStore
from services.sync.store.standing import StandingStore
from services.sync.worker import Worker

DAY_S = 24 * 3600


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    return create_service_app(settings.common, ENDPOINTS, partial(_build, settings), clock=clock)


async def _build(settings: Settings, app: web.Application, ground: Ground) -> None:
    clock = ground.clock
    reach = await open_reach(ground)
    store, bells = Store(reach.database, clock), Bells()
    settled, licences = AccountSettingsStore(reach.database), Licences(LicenceStore(reach.database), clock)
    imdb, providers = ImdbClient(reach.catalog.service), Providers(reach.handover, clock)
    outside = await open_outside(settings, ground)
    connected = await open_connected(settings, ground, reach)
    app[keys.ACCOUNT_SETTINGS] = AccountSettings(
        settled, store, providers, box=reach.box, guard=outside.guard, clock=clock
    )
    moving = moving_graph(reach, connected.brought, app[keys.ACCOUNT_SETTINGS], clock)
    kinds = Kinds(
        [
            *await open_data_sets(settings, ground, reach, imdb=imdb, licences=licences),
            *library_kinds(settings, ground, reach, outside=outside, runs=store),
            *connected.kinds(),
            *moving.kinds(),
        ]
    )
    jobs = Jobs(store, kinds, bells, clock, providers=providers)
    asked = connected.begin(jobs, store)
    app[keys.JOBS], app[keys.BELLS] = jobs, bells
    app[keys.IMDB] = ImdbStatus(imdb, jobs, licences, refresh_s=settings.imdb_refresh_s)
    app[keys.STANDING] = StandingStore(reach.database)
    app[keys.EXPORTS], app[keys.MOVES] = moving.exports(), moving.moves(jobs, store)
    _serve(app, asked)
    notices = Notices(store, settled, Webhooks(outside.session, outside.guard), reach.box, ground.tasks)
    _work(settings, ground, store, kinds, bells, ended=notices.ended)
    scheduled = _schedule(settings, jobs, store, clock)
    ground.tasks.every("sync_schedule", schedule.LOOK_S, scheduled.look, clock=clock)
    accounts = AccountSchedule(jobs, store, settled, providers, clock)
    ground.tasks.every("sync_accounts", account_schedule.LOOK_S, accounts.look, clock=clock)
    _follow_removals(ground, reach, [store.forget_owner, settled.forget_owner, *asked.forget])


def _serve(app: web.Application, asked: Asked) -> None:
    """What accounts ask for of what they have elsewhere."""
    app[keys.TRAKT], app[keys.TRAKT_SINGLES] = asked.trakt, asked.titles
    app[keys.OUTGOING_WAITING] = asked.waiting
    app[keys.STREMIO_CONNECTIONS], app[keys.STREMIO_PLANS] = asked.stremio, asked.plans
    app[keys.IMPORTS] = asked.imports
    app[keys.CONNECTIONS] = (asked.trakt.brief, asked.stremio.brief)


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


def _follow_removals(ground: Ground, reach: Reach, own: Sequence[Forget]) -> None:
    forget = [reach.catalog.forget_owner, reach.viewing.forget_owner, *own]
    follow = Removals(reach.auth, forget, ground.clock)
    # At once: while this was away, nobody followed any.
    ground.tasks.every("sync_removals", removals.LOOK_S, follow.look, clock=ground.clock, at_once=True)


def _schedule(settings: Settings, jobs: Jobs, store: Store, clock: Clock) -> Schedule:
    due = [
        Due("addons", settings.addons_refresh_s),
        Due("imdb", settings.imdb_refresh_s),
        Due("anime_ids", settings.anime_ids_refresh_s),
    ]
    return Schedule(jobs, store, due, clock, keep_s=settings.job_history_days * DAY_S)
