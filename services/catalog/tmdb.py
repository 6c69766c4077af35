"""What asking TMDB takes, opened at start; the stack closes it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from libs.common.db import Database
from libs.common.graph import open_cache, open_fetcher
from libs.common.ground import Ground
from libs.common.outbound import operators_guard
from libs.common.ratelimit import Engine
from libs.common.resilience import ResilienceSettings, RetryPolicy, Upstreams
from libs.common.secrets import SecretBox
from libs.common.states import BreakerState
from libs.protocols.tmdb.client import TmdbClient
from services.catalog.addons import Registry
from services.catalog.metadata.known import ASKING_S, CACHE_VERSION, DAY_S, Knowledge
from services.catalog.metadata.lookup import TmdbLookup
from services.catalog.metadata.settings import KeyChoices
from services.catalog.settings import Settings
from services.catalog.sources.tmdb import UPSTREAM, Pace, TmdbSource
from services.catalog.store.title_ids import TitleIdStore
from services.catalog.store.tmdb_choices import TmdbChoiceStore
from services.catalog.store.tmdb_titles import TmdbTitleStore

if TYPE_CHECKING:
    from redis.asyncio import Redis

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
    ground: Ground,
    settings: Settings,
    redis: Redis | None,
    *,
    database: Database,
    registry: Registry,
    box: SecretBox,
    rates: Engine,
) -> Tmdb:
    clock, metrics = ground.clock, ground.metrics
    fetcher = await open_fetcher(ground, "tmdb", operators_guard())
    upstreams = Upstreams(clock=clock, metrics=metrics, settings=LIMITS)
    ground.status.add(BreakerState, upstreams.snapshot)
    client = TmdbClient(fetcher, settings.tmdb_url, timeout_s=ASKING_S)
    source = TmdbSource(client, upstreams.get(UPSTREAM), Pace(rates, settings.tmdb_rate, clock))
    cache = await open_cache(ground, redis, "tmdb", version=CACHE_VERSION, max_bytes=CACHE_BYTES)
    choices = KeyChoices(TmdbChoiceStore(database), source, registry, box=box, clock=clock)
    knowledge = Knowledge(
        source,
        TmdbTitleStore(database),
        TitleIdStore(database),
        cache=cache,
        clock=clock,
        refused=choices.refused,
    )
    ground.tasks.every("tmdb_titles_drop", DAY_S, knowledge.forget_old, clock=clock)
    return Tmdb(choices, knowledge, TmdbLookup(source, knowledge, cache=cache, clock=clock))
