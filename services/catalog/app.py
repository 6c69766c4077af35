"""The catalog service's application: built from settings, its graph made at start."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from libs.addons.addon import BUILTIN_SCHEME, LIBRARY, VIEWING, AddressHash
from libs.addons.answers import Answers
from libs.addons.graph import open_answers, open_client
from libs.common.balance.registry import Registry as Instances
from libs.common.clock import Clock
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.db import Database
from libs.common.graph import (
    open_box,
    open_cache,
    open_cache_redis,
    open_own_database,
    open_registry,
    open_service,
    open_state_redis,
)
from libs.common.ground import Ground
from libs.common.moving import Telling
from libs.common.ratelimit import Engine, MemoryEngine, RedisEngine
from libs.common.secrets import SecretBox
from libs.common.web import PRESSURE, create_service_app
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
from services.catalog.health.graph import HealthParts, open_health, open_probing
from services.catalog.library.as_addon.standing import Standing
from services.catalog.library_graph import open_library
from services.catalog.manifests import Manifests
from services.catalog.metadata.answers import CompletedAnswers
from services.catalog.metadata.known import Knowledge
from services.catalog.metadata.pictures import Pictures
from services.catalog.moving import SEALED
from services.catalog.moving_in import Parts as MovingIn
from services.catalog.rated.answers import RatedAnswers
from services.catalog.ratings import Ratings
from services.catalog.rows.settings import RowSettings
from services.catalog.rows.several import RowPages
from services.catalog.settings import Settings
from services.catalog.sources.demo import DemoSource
from services.catalog.sources.library import LibrarySource
from services.catalog.sources.stremio import Addons
from services.catalog.sources.viewing import ViewingSource
from services.catalog.store.addons import AddonStore
from services.catalog.store.imdb import ImdbStore
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.manifests import ManifestStore
from services.catalog.store.moving import MovingStore
from services.catalog.store.rating_choices import RatingChoiceStore
from services.catalog.store.ratings import RatingStore
from services.catalog.store.row_choices import RowStore
from services.catalog.store.title_choices import TitleChoiceStore
from services.catalog.store.title_ids import TitleIdStore
from services.catalog.store.viewing_choices import ViewingChoiceStore
from services.catalog.tmdb import open_tmdb
from services.catalog.viewed.known_as import KnownAs
from services.catalog.viewed.rows import ViewedRows
from services.catalog.warming import LOOK_S as WARM_UP_LOOK_S
from services.catalog.warming import WarmUp

if TYPE_CHECKING:
    from libs.common.redis.client import StateRedis

ROW_CUTS_BYTES = 1024 * 1024
"""What replicas have to agree on about merged rows: a few hundred bytes for each that went wrong."""
RENEWED_SHARE = 0.5
"""What is made ahead of time is made of answers of which more than this share of their fresh time is left."""


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    app = create_service_app(
        settings.common,
        routes.ENDPOINTS,
        lambda app, ground: _Graph(settings, app, ground).build(),
        clock=clock,
    )
    app[keys.SETTINGS] = settings
    return app


class _Graph:
    """Makes the collaborators when the app starts."""

    def __init__(self, settings: Settings, app: web.Application, ground: Ground) -> None:
        self._settings = settings
        self._app = app
        self._ground = ground
        self._cache_redis = open_cache_redis(ground)

    async def build(self) -> None:
        app, ground, settings = self._app, self._ground, self._settings
        database = await open_own_database(ground)
        box = await open_box(ground, database)
        state = open_state_redis(ground, used_for="rates")
        instances = open_registry(ground, state=state)
        rates = self._rates(state, instances)
        app[keys.DEMO] = DemoAddon.load()
        health = open_health(ground, database, settings.health)
        app[keys.HEALTH_BOOK], app[keys.HEALTH_RECORDS] = health.book, health.records
        await open_library(app, ground, settings, database=database, box=box, rates=rates)
        viewing = ViewingClient(await open_service(ground, "streaming", registry=instances))
        source = await self._source(viewing)
        app[keys.REGISTRY] = registry = self._registry(database, source, box)
        open_probing(ground, health, source, open_url=registry.open_url)
        tmdb = await open_tmdb(
            ground,
            settings,
            self._cache_redis,
            database=database,
            registry=registry,
            box=box,
            rates=rates,
        )
        app[keys.KEY_CHOICES], app[keys.TMDB_LOOKUP] = tmdb.choices, tmdb.lookup
        self._chosen(database, registry)
        version = await self._ratings(database)
        answers = await self._answers(source, health)
        app[keys.AGGREGATOR] = Aggregator(answers, tasks=ground.tasks)
        app[keys.ENRICHED] = enriched = await self._enriched(answers, tmdb.knowledge, version)
        app[keys.KNOWN_AS] = KnownAs(TitleIdStore(database))
        app[keys.VIEWED] = ViewedRows(enriched, viewing)
        app[keys.STANDING] = Standing(
            registry,
            ProviderStore(database),
            forget=(answers.forget, enriched.forget),
            address_hash=AddressHash(settings.common.secret_key),
            clock=ground.clock,
        )
        self._moving(MovingStore(database), registry, box)
        self._warm_up(AddonStore(database))

    async def _source(self, viewing: ViewingClient) -> Addons:
        app = self._app
        return Addons(
            await open_client(self._ground, self._settings.addons),
            {
                LIBRARY: LibrarySource(app[keys.LIBRARY_ADDON]),
                VIEWING: ViewingSource(viewing),
                BUILTIN_SCHEME: DemoSource(app[keys.DEMO]),
            },
        )

    def _chosen(self, database: Database, registry: Registry) -> None:
        """What people have chosen of how titles and rows are shown."""
        app = self._app
        app[keys.PICTURES] = Pictures(self._settings.image_url)
        app[keys.TITLE_CHOICES] = TitleChoices(TitleChoiceStore(database), self._ground.clock)
        app[keys.RATING_CHOICES] = RatingChoiceStore(database)
        app[keys.VIEWING_CHOICES] = ViewingChoiceStore(database)
        app[keys.ROW_SETTINGS] = RowSettings(RowStore(database), registry)

    def _moving(self, store: MovingStore, registry: Registry, box: SecretBox) -> None:
        app = self._app
        app[keys.MOVING] = Telling(store, SEALED, box)
        app[keys.MOVING_IN] = MovingIn(
            store,
            registry,
            app[keys.PROVIDERS],
            app[keys.STANDING],
            app[keys.KEY_CHOICES],
            max_addons=self._settings.max_addons,
            clock=self._ground.clock,
        )

    async def _ratings(self, database: Database) -> RatingsVersion:
        app, clock = self._app, self._ground.clock
        version = RatingsVersion(RatingStore(database))
        await version.start()
        self._ground.tasks.every("ratings_version", RATINGS_LOOK_S, version.look, clock=clock)
        app[keys.DATA_SETS] = DataSets(
            ImdbStore(database), clock, max_removed=self._settings.imdb_max_removed, swapped=version.look
        )
        app[keys.RATINGS] = ratings = Ratings(RatingStore(database))
        app[keys.RATED] = RatedAnswers(ratings, clock=clock)
        return version

    async def _answers(self, source: Addons, health: HealthParts) -> Answers:
        settings = self._settings
        waits_s = {
            "catalog": settings.catalog_deadline_s,
            "addon_catalog": settings.catalog_deadline_s,
            "meta": settings.meta_deadline_s,
        }
        return await open_answers(
            self._ground,
            source,
            self._cache_redis,
            cache_name="addon_answers",
            settings=settings.addons,
            waits_s=waits_s,
            health=health.book,
            resting=health.resting,
        )

    async def _enriched(
        self, answers: Answers, knowledge: Knowledge, version: RatingsVersion
    ) -> EnrichedAnswers:
        """What players are answered, and its two ways to ask addons: as it comes, and ahead of time."""
        app, ground, settings = self._app, self._ground, self._settings
        opened = partial(open_cache, ground, self._cache_redis)
        cuts = await opened("row_cuts", max_bytes=ROW_CUTS_BYTES)
        kept = await opened("enriched", max_bytes=settings.addons.cache_bytes // 2, version=CACHE_VERSION)

        def making(asked: Answers) -> Making:
            aggregator = Aggregator(asked, tasks=ground.tasks)
            completed = CompletedAnswers(
                aggregator, knowledge, wait_s=settings.tmdb_deadline_s, metrics=ground.metrics
            )
            rows = RowPages(aggregator, app[keys.RATINGS], cuts)
            return Making(rows, completed, app[keys.RATED], app[keys.PICTURES])

        return EnrichedAnswers(
            making(answers),
            making(answers.ahead(RENEWED_SHARE)),
            cache=kept,
            version=version,
            tasks=ground.tasks,
            clock=ground.clock,
            ahead_s=settings.catalog_deadline_s,
            rules=app[keys.PICTURES].name,
        )

    def _warm_up(self, addons: AddonStore) -> None:
        app, ground, every_s = self._app, self._ground, self._settings.warm_up_s
        if not every_s:
            return
        warm = WarmUp(
            addons,
            app[keys.REGISTRY],
            app[keys.ENRICHED],
            app[PRESSURE],
            clock=ground.clock,
            every_s=every_s,
        )
        ground.tasks.every("warm_up", WARM_UP_LOOK_S, warm.look, clock=ground.clock)

    def _rates(self, state: StateRedis | None, instances: Instances | None) -> Engine:
        """What counts how often all replicas together ask somebody."""
        ground = self._ground
        if state is None or instances is None:
            return MemoryEngine(ground.clock)
        service = ground.settings.service
        instances.watch(service)
        return RedisEngine(state, ground.clock, replicas=partial(instances.count, service))

    def _registry(self, database: Database, source: Addons, box: SecretBox) -> Registry:
        settings, clock = self._settings, self._ground.clock
        manifests = ManifestStore(database)
        return Registry(
            AddonStore(database),
            Manifests(manifests, source, clock=clock, timeout_s=settings.addons.timeout_s),
            box=box,
            address_hash=AddressHash(settings.common.secret_key),
            clock=clock,
            max_addons=settings.max_addons,
        )
