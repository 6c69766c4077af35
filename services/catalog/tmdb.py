"""What asking TMDB takes, opened at start; the stack closes it again."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from libs.common.clock import Clock
from libs.common.db import Database
from libs.common.graph import open_cache, open_cache_redis
from libs.common.health import Health
from libs.common.http import Fetcher, Guard, make_session
from libs.common.http.figures import watch_connections
from libs.common.metrics import Metrics
from libs.common.ratelimit import Engine
from libs.common.resilience import ResilienceSettings, RetryPolicy, Upstreams
from libs.common.secrets import SecretBox
from libs.common.states import BreakerState
from libs.common.status import Status
from libs.common.tasks import Tasks
from libs.protocols.tmdb.client import TmdbClient
from services.catalog.addons import Registry
from services.catalog.metadata.known import ASKING_S, CACHE_VERSION, DAY_S, Knowledge
from services.catalog.metadata.lookup import TmdbLookup
from services.catalog.metadata.settings import KeyChoices
from services.catalog.settings import Settings
from services.catalog.sources.tmdb import UPSTREAM, Pace, TmdbSource
from services.catalog.store.tmdb_choices import TmdbChoiceStore
from services.catalog.store.tmdb_titles import TmdbTitleStore

CACHE_BYTES: Final = 4 * 1024 * 1024
"""About 2 000 titles; the database has the others."""

LIMITS: Final = ResilienceSettings(attempt_s=ASKING_S, retry=RetryPolicy(attempts=1))
"""Nothing is asked twice: whoever waits has something to show without TMDB, and asks again soon."""


@dataclass(frozen=True, slots=True)
class Tmdb:
    """All that stands on one source."""

    choices: KeyChoices
    knowledge: Knowledge
    lookup: TmdbLookup


async def open_tmdb(
    stack: AsyncExitStack,
    settings: Settings,
    *,
    database: Database,
    registry: Registry,
    box: SecretBox,
    rates: Engine,
    health: Health,
    metrics: Metrics,
    status: Status,
    tasks: Tasks,
    clock: Clock,
) -> Tmdb:
    """`tasks` have to be stopped before the stack closes it."""
    # Where TMDB is, or its mirror, is the operator's word and nobody else's, so it may be anywhere.
    guard = Guard(allow_private=True)
    session = await stack.enter_async_context(make_session(guard=guard))
    watch_connections(lambda: [session], "tmdb", metrics)
    upstreams = Upstreams(clock=clock, metrics=metrics, settings=LIMITS)
    status.add(BreakerState, upstreams.snapshot)
    client = TmdbClient(Fetcher(session, guard, clock), settings.tmdb_url, timeout_s=ASKING_S)
    source = TmdbSource(client, upstreams.get(UPSTREAM), Pace(rates, settings.tmdb_rate, clock))
    cache = await open_cache(
        stack,
        open_cache_redis(stack, settings.common, health=health),
        "tmdb",
        version=CACHE_VERSION,
        max_bytes=CACHE_BYTES,
        tasks=tasks,
        metrics=metrics,
        clock=clock,
        status=status,
    )
    choices = KeyChoices(TmdbChoiceStore(database), source, registry, box=box, clock=clock)
    knowledge = Knowledge(source, TmdbTitleStore(database), cache=cache, clock=clock, refused=choices.refused)
    tasks.every("tmdb_titles_drop", DAY_S, knowledge.forget_old, clock=clock)
    return Tmdb(choices, knowledge, TmdbLookup(source, knowledge, cache=cache, clock=clock))
