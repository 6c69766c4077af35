"""The catalog service's application: built from settings, its graph made at start."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from libs.addons.addon import AddressHash
from libs.addons.answers import Answers
from libs.addons.graph import open_answers, open_client
from libs.common.clock import Clock
from libs.common.db import Database
from libs.common.graph import open_box, open_cache, open_cache_redis, open_own_database, open_registry
from libs.common.ground import Ground
from libs.common.secrets import SecretBox
from libs.common.tasks import Tasks
from libs.common.web import create_service_app
from services.catalog import keys, routes
from services.catalog.addons import Registry
from services.catalog.aggregate import Aggregator
from services.catalog.chosen import TitleChoices
from services.catalog.datasets import DataSets
from services.catalog.demo import DemoAddon
from services.catalog.health import HealthBook
from services.catalog.manifests import Manifests
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

HEALTH_WRITTEN_EVERY_S = 10.0
ROW_CUTS_BYTES = 1024 * 1024
"""What replicas have to agree on about merged rows: a few hundred bytes for each that went wrong."""


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    app = create_service_app(settings.common, routes.ENDPOINTS, partial(_build, settings), clock=clock)
    app[keys.SETTINGS] = settings
    return app


async def _build(settings: Settings, app: web.Application, ground: Ground) -> None:
    clock, stack, tasks = ground.clock, ground.stack, Tasks()
    database = await open_own_database(ground)
    open_registry(ground)
    box = await open_box(ground, database)
    demo = DemoAddon.load()
    book = HealthBook(HealthStore(database))
    stack.push_async_callback(book.close)
    source = Addons(await open_client(ground, settings.addons), DemoSource(demo))
    answers = await _answers(settings, ground, source, book, tasks)
    row_cuts = await open_cache(
        ground, open_cache_redis(ground), "row_cuts", max_bytes=ROW_CUTS_BYTES, tasks=tasks
    )
    # The last to be pushed is the first to end: what runs is stopped before what it uses.
    stack.push_async_callback(tasks.aclose)
    app[keys.REGISTRY] = _registry(settings, ground, database, source, box)
    app[keys.TITLE_CHOICES] = TitleChoices(TitleChoiceStore(database), clock)
    app[keys.AGGREGATOR] = Aggregator(answers, tasks=tasks)
    app[keys.HEALTH_BOOK] = book
    app[keys.DEMO] = demo
    app[keys.DATA_SETS] = DataSets(ImdbStore(database), clock, max_removed=settings.imdb_max_removed)
    app[keys.RATINGS] = Ratings(RatingStore(database))
    app[keys.RATED] = RatedAnswers(app[keys.RATINGS], clock=clock)
    app[keys.RATING_CHOICES] = RatingChoiceStore(database)
    app[keys.ROW_SETTINGS] = RowSettings(RowStore(database), app[keys.REGISTRY])
    app[keys.ROW_PAGES] = RowPages(app[keys.AGGREGATOR], app[keys.RATINGS], row_cuts)
    tasks.every("addon_health_write", HEALTH_WRITTEN_EVERY_S, book.flush, clock=clock)


async def _answers(
    settings: Settings, ground: Ground, source: Addons, book: HealthBook, tasks: Tasks
) -> Answers:
    waits_s = {
        "catalog": settings.catalog_deadline_s,
        "addon_catalog": settings.catalog_deadline_s,
        "meta": settings.meta_deadline_s,
    }
    return await open_answers(
        ground,
        source,
        cache_name="addon_answers",
        settings=settings.addons,
        waits_s=waits_s,
        health=book,
        tasks=tasks,
    )


def _registry(
    settings: Settings, ground: Ground, database: Database, source: Addons, box: SecretBox
) -> Registry:
    manifests = ManifestStore(database)
    return Registry(
        AddonStore(database),
        Manifests(manifests, source, clock=ground.clock, timeout_s=settings.addons.timeout_s),
        box=box,
        address_hash=AddressHash(settings.common.secret_key),
        clock=ground.clock,
        max_addons=settings.max_addons,
    )
