"""What the library takes, opened at start; the stack closes it again."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from libs.addons.addon import AddressHash
from libs.common.db import Database
from libs.common.graph import open_fetcher
from libs.common.ground import Ground
from libs.common.hops import own_name
from libs.common.outbound import hub_guard
from libs.common.ratelimit import Engine
from libs.common.resilience import ResilienceSettings, RetryPolicy, Upstreams
from libs.common.secrets import SecretBox
from libs.common.states import BreakerState
from services.catalog import keys
from services.catalog.library.as_addon.addon import LibraryAddon
from services.catalog.library.as_addon.rows import Rows
from services.catalog.library.as_addon.streams import Streams
from services.catalog.library.details import Details
from services.catalog.library.face_players import Players
from services.catalog.library.indexing import SILENT_S
from services.catalog.library.playable import Playables
from services.catalog.library.providers import Providers
from services.catalog.library.reading import reading_of
from services.catalog.library.removals import LOOK_S as REMOVALS_LOOK_S
from services.catalog.library.removals import Removals
from services.catalog.library.single import Single
from services.catalog.library.taking import taking_of
from services.catalog.library.upkeep import LOOK_S as UPKEEP_LOOK_S
from services.catalog.matching.graph import matching_of
from services.catalog.matching.keeping import LOOK_S as MATCHES_LOOK_S
from services.catalog.settings import Settings
from services.catalog.sources.panel import LONGEST_REST_S, Panels
from services.catalog.store.library.guide import GuideStore
from services.catalog.store.library.items import ItemStore
from services.catalog.store.library.lists import ListStore
from services.catalog.store.library.matched import MatchedStore
from services.catalog.store.library.playable import PlayableStore
from services.catalog.store.library.providers import ProviderStore
from services.catalog.store.library.removal import RemovalStore

PANEL_LIMITS: Final = ResilienceSettings(
    attempt_s=60.0,
    retry=RetryPolicy(attempts=1),
    fail_max=3,
    reset_s=60.0,
    max_rest_s=LONGEST_REST_S,
    max_concurrent=2,
)
"""Panels ban whoever asks much: nothing is asked twice, and what fails is left alone for minutes."""


async def open_library(
    app: web.Application,
    ground: Ground,
    settings: Settings,
    *,
    database: Database,
    box: SecretBox,
    rates: Engine,
) -> None:
    """Puts the library's collaborators where handlers find them."""
    store = ProviderStore(database)
    panels = await _panels(ground, settings, rates)
    app[keys.PROVIDERS] = Providers(
        store,
        panels,
        box=box,
        address_hash=AddressHash(settings.common.secret_key),
        clock=ground.clock,
        max_providers=settings.max_providers,
    )
    app[keys.PLAYABLES] = Playables(PlayableStore(database), app[keys.PROVIDERS], box, ground.clock)
    removals = Removals(RemovalStore(database, ItemStore(database)), store, ground.clock)
    ground.tasks.every("library_removals", REMOVALS_LOOK_S, removals.look, clock=ground.clock)
    app[keys.DETAILS] = Details(
        database,
        store,
        panels,
        opened=app[keys.PROVIDERS].opened,
        tasks=ground.tasks,
        clock=ground.clock,
    )
    _taking(app, ground, database, box, max_removed=settings.library_max_removed)
    _reading(app, ground, database)
    matched = matching_of(database, app[keys.BROWSE], ground.clock)
    app[keys.MATCHING], app[keys.REVIEWS] = matched.matching, matched.reviews
    ground.tasks.every("matches", MATCHES_LOOK_S, matched.keeping.look, clock=ground.clock)
    app[keys.PLAYERS] = Players.made(database, app[keys.DETAILS], clock=ground.clock, tasks=ground.tasks)


def _taking(
    app: web.Application, ground: Ground, database: Database, box: SecretBox, *, max_removed: float
) -> None:
    parts = taking_of(database, box, ground.clock, tasks=ground.tasks, max_removed=max_removed)
    app[keys.TAKING], app[keys.CLEARING] = parts.taking, parts.clearing
    app[keys.UPKEEP], app[keys.HOLDINGS] = parts.upkeep, parts.holdings
    ground.tasks.every("library_upkeep", UPKEEP_LOOK_S, parts.upkeep.look, clock=ground.clock)
    ground.tasks.every("library_indexes", SILENT_S, parts.indexing.look, clock=ground.clock)


def _reading(app: web.Application, ground: Ground, database: Database) -> None:
    reading = reading_of(database, ground.clock)
    app[keys.BROWSE], app[keys.FIND], app[keys.LIBRARY_CHOICES] = (
        reading.browse,
        reading.find,
        reading.choices,
    )
    app[keys.SINGLE] = single = Single(reading.browse, app[keys.DETAILS], GuideStore(database), ground.clock)
    streams = Streams(reading.browse, single, ListStore(database), MatchedStore(database))
    app[keys.LIBRARY_ADDON] = LibraryAddon(
        reading.browse, single, Rows(reading.browse, reading.find, single), streams
    )


async def _panels(ground: Ground, settings: Settings, rates: Engine) -> Panels:
    guard = hub_guard(ground.settings, gateway_port=settings.addons.gateway_port)
    upstreams = Upstreams(clock=ground.clock, metrics=ground.metrics, settings=PANEL_LIMITS)
    ground.status.add(BreakerState, upstreams.snapshot)
    return Panels(
        await open_fetcher(ground, "panels", guard),
        upstreams,
        rates,
        ground.clock,
        hop_name=own_name(ground.settings.secret_key),
    )
