"""The sync service's application: built from settings, working from start to end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial

from aiohttp import web

from libs.common.clock import Clock, SystemClock
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.imdb import ImdbClient
from libs.common.graph import open_own_database, open_registry, open_service
from libs.common.health import Health
from libs.common.http import Fetcher, Guard, make_session
from libs.common.http.figures import watch_connections
from libs.common.metrics import Metrics
from libs.common.secrets import new_token
from libs.common.tasks import Tasks
from libs.common.web import SOJOURNS, STATUS, create_service_app
from services.sync import keys, removals, schedule
from services.sync.imdb import ImdbStatus
from services.sync.jobs import Bells, Jobs
from services.sync.kinds import Kinds
from services.sync.kinds.addons import RefreshAddons
from services.sync.kinds.anime_ids import ImportAnimeIds
from services.sync.kinds.imdb import ImportImdb, sets_wanted
from services.sync.licences import Licences
from services.sync.removals import Removals
from services.sync.routes import ENDPOINTS
from services.sync.schedule import Due, Schedule
from services.sync.settings import Settings
from services.sync.sources.anime_ids import AnimeIdsSource
from services.sync.sources.imdb import ImdbSource
from services.sync.store.jobs import Store
from services.sync.store.licences import LicenceStore
from services.sync.worker import Worker

DAY_S = 24 * 3600


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    clock = clock if clock is not None else SystemClock()
    metrics = Metrics("sync", clock=clock)
    health = Health(clock=clock)
    graph = _Graph(settings, clock=clock, metrics=metrics, health=health)
    app = create_service_app(
        settings=settings.common,
        metrics=metrics,
        clock=clock,
        endpoints=ENDPOINTS,
        context=graph.run,
        health=health,
    )
    app[keys.CLOCK] = clock
    return app


class _Graph:
    """Builds the collaborators when the app starts and closes them, last made first, when it ends."""

    def __init__(self, settings: Settings, *, clock: Clock, metrics: Metrics, health: Health) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._health = health

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            common, clock = self._settings.common, self._clock
            database = await open_own_database(
                stack,
                common,
                "sync",
                health=self._health,
                metrics=self._metrics,
                sojourns=app[SOJOURNS],
                clock=clock,
            )
            store = Store(database, clock)
            registry = open_registry(stack, common, health=self._health, clock=clock)
            opened = partial(
                open_service,
                stack,
                common,
                metrics=self._metrics,
                clock=clock,
                status=app[STATUS],
                registry=registry,
            )
            auth = AuthClient(await opened("auth"))
            catalog = CatalogClient(await opened("catalog"))
            bells, tasks = Bells(), Tasks()
            stack.push_async_callback(tasks.aclose)
            licences = Licences(LicenceStore(database), clock)
            imdb = ImdbClient(catalog.service)
            kinds = await self._kinds(stack, catalog, imdb, licences)
            jobs = Jobs(store, kinds, bells, clock)
            app[keys.IMDB] = ImdbStatus(imdb, jobs, licences, refresh_s=self._settings.imdb_refresh_s)
            app[keys.JOBS] = jobs
            app[keys.BELLS] = bells
            worker = self._worker(store, kinds, bells, tasks)
            worker.start()
            stack.push_async_callback(worker.aclose)
            look = self._schedule(jobs, store).look
            tasks.every("sync_schedule", schedule.LOOK_S, look, clock=clock)
            follow = Removals(auth, [catalog.forget_owner, store.forget_owner], clock).look
            # At once: while this was away, nobody followed any.
            tasks.every("sync_removals", removals.LOOK_S, follow, clock=clock, at_once=True)
            yield

    async def _kinds(
        self, stack: AsyncExitStack, catalog: CatalogClient, imdb: ImdbClient, licences: Licences
    ) -> Kinds:
        settings, clock, fetcher = self._settings, self._clock, await self._fetcher(stack)
        sets = ImdbSource(fetcher, settings.imdb_url, clock)
        names = sets_wanted(akas=settings.imdb_akas)
        anime = AnimeIdsSource(fetcher, settings.anime_ids_url)
        return Kinds(
            [
                RefreshAddons(catalog, clock),
                ImportImdb(sets, imdb, licences, clock, names=names),
                ImportAnimeIds(anime, imdb, licences, clock),
            ]
        )

    async def _fetcher(self, stack: AsyncExitStack) -> Fetcher:
        """For lists and data sets at addresses that the operator chose."""
        # So they may be mirrors at home; no user can choose one.
        guard = Guard(allow_private=True)
        session = await stack.enter_async_context(make_session(guard=guard))
        watch_connections(lambda: [session], "data_sets", self._metrics)
        return Fetcher(session, guard, self._clock)

    def _worker(self, store: Store, kinds: Kinds, bells: Bells, tasks: Tasks) -> Worker:
        return Worker(
            store,
            kinds,
            bells,
            owner=new_token(bytes_=9),
            lease_s=self._settings.job_lease_s,
            tasks=tasks,
            clock=self._clock,
            metrics=self._metrics,
        )

    def _schedule(self, jobs: Jobs, store: Store) -> Schedule:
        due = [
            Due("addons", self._settings.addons_refresh_s),
            Due("imdb", self._settings.imdb_refresh_s),
            Due("anime_ids", self._settings.anime_ids_refresh_s),
        ]
        keep_s = self._settings.job_history_days * DAY_S
        return Schedule(jobs, store, due, self._clock, keep_s=keep_s)
