"""The catalog service's application: built from settings, its graph made at start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial

from aiohttp import web

from libs.addons.addon import AddressHash
from libs.addons.answers import Answers
from libs.addons.graph import open_answers, open_client
from libs.common.clock import Clock, SystemClock
from libs.common.db import Database
from libs.common.graph import (
    open_box,
    open_cache,
    open_cache_redis,
    open_own_database,
    open_registry,
    open_state_redis,
)
from libs.common.health import Health
from libs.common.metrics import Metrics
from libs.common.ratelimit import Engine, MemoryEngine, RedisEngine
from libs.common.secrets import SecretBox
from libs.common.tasks import Tasks
from libs.common.web import PRESSURE, SOJOURNS, STATUS, create_service_app
from services.catalog import keys, routes
from services.catalog.addons import Registry
from services.catalog.aggregate import Aggregator
from services.catalog.chosen import TitleChoices
from services.catalog.datasets import DataSets
from services.catalog.demo import DemoAddon
from services.catalog.enriched.answers import CACHE_VERSION, EnrichedAnswers
from services.catalog.enriched.making import Making
from services.catalog.enriched.version import LOOK_S as RATINGS_LOOK_S
from services.catalog.enriched.version import RatingsVersion
from services.catalog.health import HealthBook
from services.catalog.manifests import Manifests
from services.catalog.metadata.answers import CompletedAnswers
from services.catalog.metadata.known import Knowledge
from services.catalog.metadata.pictures import Pictures
from services.catalog.rated.answers import RatedAnswers
from services.catalog.ratings import Ratings
from services.catalog.rows.settings import RowSettings
from services.catalog.rows.several import RowPages
from services.catalog.settings import Settings
from services.catalog.sources.demo import DemoSource
from services.catalog.sources.stremio import Addons
from services.catalog.store.addons import AddonStore
from services.catalog.store.health import HealthStore
from services.catalog.store.imdb import ImdbStore
from services.catalog.store.manifests import ManifestStore
from services.catalog.store.rating_choices import RatingChoiceStore
from services.catalog.store.ratings import RatingStore
from services.catalog.store.row_choices import RowStore
from services.catalog.store.title_choices import TitleChoiceStore
from services.catalog.tmdb import open_tmdb
from services.catalog.warming import LOOK_S as WARM_UP_LOOK_S
from services.catalog.warming import WarmUp

SERVICE = "catalog"
HEALTH_WRITTEN_EVERY_S = 10.0
ROW_CUTS_BYTES = 1024 * 1024
RENEWED_SHARE = 0.5
"""What is made ahead of time is made of answers of which more than this share of their fresh time is left."""


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    clock = clock if clock is not None else SystemClock()
    metrics = Metrics(SERVICE, clock=clock)
    health = Health(clock=clock)
    graph = _Graph(settings, clock=clock, metrics=metrics, health=health)
    app = create_service_app(
        settings=settings.common,
        metrics=metrics,
        clock=clock,
        endpoints=routes.ENDPOINTS,
        context=graph.run,
        health=health,
    )
    app[keys.SETTINGS] = settings
    return app


class _Graph:
    """Builds the collaborators when the app starts and closes them, last made first, when it ends."""

    def __init__(self, settings: Settings, *, clock: Clock, metrics: Metrics, health: Health) -> None:
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._health = health

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        settings, clock = self._settings, self._clock
        async with AsyncExitStack() as stack:
            tasks = Tasks()
            database = await open_own_database(
                stack,
                settings.common,
                SERVICE,
                health=self._health,
                metrics=self._metrics,
                sojourns=app[SOJOURNS],
                clock=clock,
            )
            rates = self._rates(stack)
            box = await open_box(database, settings.common, SERVICE)
            demo = DemoAddon.load()
            book = HealthBook(HealthStore(database))
            stack.push_async_callback(book.close)
            client = await open_client(
                stack, settings.common, settings.addons, metrics=self._metrics, clock=clock
            )
            source = Addons(client, DemoSource(demo))
            answers = await open_answers(
                stack,
                source,
                cache_name="addon_answers",
                common=settings.common,
                settings=settings.addons,
                waits_s={
                    "catalog": settings.catalog_deadline_s,
                    "addon_catalog": settings.catalog_deadline_s,
                    "meta": settings.meta_deadline_s,
                },
                health=book,
                checks=self._health,
                tasks=tasks,
                metrics=self._metrics,
                clock=clock,
                status=app[STATUS],
            )
            app[keys.REGISTRY] = self._registry(database, source, box)
            tmdb = await open_tmdb(
                stack,
                settings,
                database=database,
                registry=app[keys.REGISTRY],
                box=box,
                rates=rates,
                health=self._health,
                metrics=self._metrics,
                status=app[STATUS],
                tasks=tasks,
                clock=clock,
            )
            # The last to be pushed is the first to end: what runs is stopped before what it uses.
            stack.push_async_callback(tasks.aclose)
            app[keys.KEY_CHOICES], app[keys.TMDB_LOOKUP] = tmdb.choices, tmdb.lookup
            app[keys.PICTURES] = Pictures(settings.image_url)
            app[keys.TITLE_CHOICES] = TitleChoices(TitleChoiceStore(database), clock)
            app[keys.AGGREGATOR] = Aggregator(answers, tasks=tasks)
            app[keys.HEALTH_BOOK] = book
            app[keys.DEMO] = demo
            version = RatingsVersion(RatingStore(database))
            await version.start()
            tasks.every("ratings_version", RATINGS_LOOK_S, version.look, clock=clock)
            app[keys.DATA_SETS] = DataSets(
                ImdbStore(database), clock, max_removed=settings.imdb_max_removed, swapped=version.look
            )
            app[keys.RATINGS] = Ratings(RatingStore(database))
            app[keys.RATED] = RatedAnswers(app[keys.RATINGS], clock=clock)
            app[keys.RATING_CHOICES] = RatingChoiceStore(database)
            app[keys.ROW_SETTINGS] = RowSettings(RowStore(database), app[keys.REGISTRY])
            app[keys.ENRICHED] = await self._enriched(
                stack, app, answers, knowledge=tmdb.knowledge, version=version, tasks=tasks
            )
            if settings.warm_up_s:
                warm = WarmUp(
                    AddonStore(database),
                    app[keys.REGISTRY],
                    app[keys.ENRICHED],
                    app[PRESSURE],
                    clock=clock,
                    every_s=settings.warm_up_s,
                )
                tasks.every("warm_up", WARM_UP_LOOK_S, warm.look, clock=clock)
            tasks.every("addon_health_write", HEALTH_WRITTEN_EVERY_S, book.flush, clock=clock)
            yield

    async def _enriched(
        self,
        stack: AsyncExitStack,
        app: web.Application,
        answers: Answers,
        *,
        knowledge: Knowledge,
        version: RatingsVersion,
        tasks: Tasks,
    ) -> EnrichedAnswers:
        """What players are answered, and its two ways to ask addons: as it comes, and ahead of time."""
        settings, clock = self._settings, self._clock
        redis = open_cache_redis(stack, settings.common, health=self._health)
        opened = partial(
            open_cache,
            stack,
            redis,
            tasks=tasks,
            metrics=self._metrics,
            clock=clock,
            status=app[STATUS],
        )
        # What replicas have to agree on about merged rows: a few hundred bytes for each that went wrong.
        cuts = await opened("row_cuts", max_bytes=ROW_CUTS_BYTES)
        kept = await opened("enriched", max_bytes=settings.addons.cache_bytes // 2, version=CACHE_VERSION)

        def making(asked: Answers) -> Making:
            aggregator = Aggregator(asked, tasks=tasks)
            completed = CompletedAnswers(
                aggregator, knowledge, wait_s=settings.tmdb_deadline_s, metrics=self._metrics
            )
            rows = RowPages(aggregator, app[keys.RATINGS], cuts)
            return Making(rows, completed, app[keys.RATED], app[keys.PICTURES])

        return EnrichedAnswers(
            making(answers),
            making(answers.ahead(RENEWED_SHARE)),
            cache=kept,
            version=version,
            tasks=tasks,
            clock=clock,
            ahead_s=settings.catalog_deadline_s,
            rules=app[keys.PICTURES].name,
        )

    def _rates(self, stack: AsyncExitStack) -> Engine:
        """What counts how often all replicas together ask somebody."""
        common, clock = self._settings.common, self._clock
        state = open_state_redis(stack, common, health=self._health, clock=clock, used_for="rates")
        registry = open_registry(stack, common, health=self._health, clock=clock, state=state)
        if state is None or registry is None:
            return MemoryEngine(clock)
        registry.watch(SERVICE)
        return RedisEngine(state, clock, replicas=partial(registry.count, SERVICE))

    def _registry(self, database: Database, source: Addons, box: SecretBox) -> Registry:
        settings, clock = self._settings, self._clock
        manifests = ManifestStore(database)
        return Registry(
            AddonStore(database),
            Manifests(manifests, source, clock=clock, timeout_s=settings.addons.timeout_s),
            box=box,
            address_hash=AddressHash(settings.common.secret_key),
            clock=clock,
            max_addons=settings.max_addons,
        )
