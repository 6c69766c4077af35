"""The streaming application: built from settings, connected to catalog and the world at start."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from aiohttp import web

from libs.addons.answers import Answers
from libs.addons.graph import open_answers, open_client
from libs.addons.resting import Resting
from libs.common.clock import Clock
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.catalog import CatalogClient
from libs.common.contracts.client import SERVICE
from libs.common.contracts.names import NamesClient
from libs.common.contracts.playing import PlayingClient
from libs.common.contracts.sync import SyncClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, Unavailable
from libs.common.graph import (
    open_box,
    open_cache,
    open_cache_redis,
    open_own_database,
    open_registry,
    open_service,
    open_session,
    open_state_redis,
)
from libs.common.ground import Ground
from libs.common.http import Fetcher, Guard
from libs.common.media import MediaPaths
from libs.common.moving import Telling
from libs.common.outbound import hub_guard
from libs.common.serve import start_site
from libs.common.web import create_service_app
from services.streaming.aggregate import Aggregate
from services.streaming.health import REPORT_EVERY_S, HealthReporter
from services.streaming.hls.graph import open_hls
from services.streaming.keys import (
    AGGREGATE,
    CROWD,
    EMBEDDING,
    FIGURES,
    HLS,
    LINKS,
    LOCAL_FOLDER,
    MEDIA_PATHS,
    MOVING,
    MOVING_IN,
    PLAY,
    PREFERENCES,
    STANDING,
    SUBTITLES,
    VIEWING,
)
from services.streaming.listing import Listing
from services.streaming.media.connections import MemoryPlaces, Places
from services.streaming.media.crowd import Crowd
from services.streaming.media.figures import Figures
from services.streaming.media.holding import Connections
from services.streaming.media.play import Play
from services.streaming.media.standing import Standing
from services.streaming.moving import SEALED
from services.streaming.moving_in import Parts as MovingIn
from services.streaming.preferences import Preferences
from services.streaming.providers.graph import open_providers
from services.streaming.ranking.rank import Ranking
from services.streaming.routes import ENDPOINTS
from services.streaming.routes.feed import feed_app
from services.streaming.schemas import RESOURCES
from services.streaming.settings import Settings
from services.streaming.sources.addons import Addons
from services.streaming.sources.media import MediaSource
from services.streaming.sources.names import TitleNames
from services.streaming.sources.subtitles import SubtitleSource
from services.streaming.starts import Starts
from services.streaming.store.moving import MovingStore
from services.streaming.store.source_settings import SourceSettingsStore
from services.streaming.store.starts import StartStore
from services.streaming.subtitles.offered import Subtitles
from services.streaming.titles import Titles
from services.streaming.viewing.graph import open_viewing

CATALOG_WITHIN_S = 1.5
CALLERS_BYTES = 1024 * 1024
LOOKED_BYTES = 4 * 1024 * 1024
NAMES_BYTES = 1024 * 1024


def create_app(settings: Settings, *, clock: Clock | None = None) -> web.Application:
    return create_service_app(settings.common, ENDPOINTS, partial(_build, settings), clock=clock)


async def _build(settings: Settings, app: web.Application, ground: Ground) -> None:
    # What plays goes on while the database is away; only what is kept of viewers waits for it.
    database = await open_own_database(ground, required=False)
    box = await open_box(ground, database)
    registry = open_registry(ground)
    catalog = CatalogClient(await open_service(ground, "catalog", registry=registry))
    ground.health.add("catalog", alive(catalog, ground.clock), required=False)
    resting = Resting(ground.clock)
    answers = await _open_answers(settings, ground, catalog, resting)
    guard = hub_guard(settings.common, gateway_port=settings.addons.gateway_port)
    providers = await open_providers(
        ground, settings, catalog=catalog.service, database=database, box=box, guard=guard
    )
    app[EMBEDDING], app[LINKS] = providers.embedding, providers.links
    if providers.folder is not None:
        app[LOCAL_FOLDER] = providers.folder
    app[MOVING] = Telling(MovingStore(database), SEALED, box)
    app[PREFERENCES] = Preferences(SourceSettingsStore(database), clock=ground.clock)
    names = await open_cache(ground, None, "title_names", max_bytes=NAMES_BYTES)
    starts = Starts(StartStore(database), clock=ground.clock, tasks=ground.tasks)
    app[AGGREGATE] = Aggregate(
        Listing(catalog, settings.common.secret_key, resting, clock=ground.clock),
        answers,
        providers.own,
        ranking=Ranking(),
        preferences=app[PREFERENCES],
        titles=Titles(
            TitleNames(NamesClient(catalog.service), catalog), names, clock=ground.clock, tasks=ground.tasks
        ),
        starts=starts,
        tasks=ground.tasks,
        deadline_s=settings.streams_deadline_s,
    )
    sync = SyncClient(await open_service(ground, "sync", registry=registry))
    app[VIEWING] = open_viewing(ground, database, catalog, sync, watched_share=settings.watched_share)
    app[MOVING_IN] = MovingIn(app[VIEWING].moving_in, app[LINKS], app[PREFERENCES])
    source = await _open_media(settings, app, ground, catalog, guard)
    await _open_hls(settings, app, ground, source, guard, starts=starts)
    auth = AuthClient(await open_service(ground, "auth", registry=registry))
    callers = await open_cache(ground, None, "callers", max_bytes=CALLERS_BYTES, near=True)
    app[STANDING] = Standing(auth, callers, clock=ground.clock, tasks=ground.tasks)


async def _open_answers(
    settings: Settings, ground: Ground, catalog: CatalogClient, resting: Resting
) -> Answers:
    """What addons answer, and how they are is told to catalog."""
    reporter = HealthReporter(catalog, ground.clock)
    answers = await open_answers(
        ground,
        Addons(await open_client(ground, settings.addons), catalog),
        open_cache_redis(ground),
        cache_name="streams",
        settings=settings.addons,
        waits_s=dict.fromkeys(RESOURCES, settings.streams_deadline_s),
        health=reporter,
        resting=resting,
    )
    ground.tasks.every("report_addon_health", REPORT_EVERY_S, reporter.send, clock=ground.clock)
    ground.stack.push_async_callback(_send_the_last, reporter)
    return answers


async def _open_media(
    settings: Settings, app: web.Application, ground: Ground, catalog: CatalogClient, guard: Guard
) -> MediaSource:
    # What is played stays open for hours: providers bound it, not the hub.
    session = await open_session(ground, "media", guard, bounded=False)
    fetcher = Fetcher(session, guard, ground.clock)
    source = MediaSource(fetcher, start_s=settings.media_start_s, stall_s=settings.media_stall_s)
    app[MEDIA_PATHS] = MediaPaths(settings.common.secret_key, ground.clock)
    app[SUBTITLES] = Subtitles(app[AGGREGATE], SubtitleSource(fetcher), app[MEDIA_PATHS])
    app[CROWD] = Crowd()
    app[FIGURES] = Figures(ground.metrics)
    app[PLAY] = Play(
        PlayingClient(catalog.service),
        source,
        Connections(_places(ground), clock=ground.clock, tasks=ground.tasks),
        clock=ground.clock,
    )
    return source


async def _open_hls(
    settings: Settings,
    app: web.Application,
    ground: Ground,
    source: MediaSource,
    guard: Guard,
    *,
    starts: Starts,
) -> None:
    looked = await open_cache(ground, open_cache_redis(ground), "looked_films", max_bytes=LOOKED_BYTES)
    hls = app[HLS] = open_hls(
        ground,
        settings,
        aggregate=app[AGGREGATE],
        source=source,
        paths=app[MEDIA_PATHS],
        folder=app.get(LOCAL_FOLDER),
        looked=looked,
        starts=starts,
    )
    feeds = await start_site(feed_app(hls.feeds, hls.origins), "127.0.0.1:0", shutdown_s=0.1)
    ground.stack.push_async_callback(feeds.aclose)
    guard.refuse_own("127.0.0.1", feeds.port)
    hls.feeds.address = f"http://127.0.0.1:{feeds.port}"


def _places(ground: Ground) -> Places:
    state = open_state_redis(ground, used_for="media_places")
    if state is None:
        return MemoryPlaces(ground.clock)
    from services.streaming.media.redis_places import RedisPlaces  # noqa: PLC0415  loaded where there is one

    return RedisPlaces(state, ground.clock)


async def _send_the_last(reporter: HealthReporter) -> None:
    with suppress(HeadgateError):  # figures only; catalog may be gone already
        await reporter.send()


def alive(catalog: CatalogClient, clock: Clock) -> Callable[[], Awaitable[None]]:
    """Only a warning: the lists last known are good for a while, and every replica would leave at once."""

    async def check() -> None:
        deadline = Deadline.after(clock, CATALOG_WITHIN_S)
        answer = await catalog.service.raw("GET", "/readyz", identity=SERVICE, deadline=deadline)
        if answer.status != 200:
            raise Unavailable("not ready")

    return check
