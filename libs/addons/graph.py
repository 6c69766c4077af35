"""What a service that asks addons opens at start; the ground's stack closes it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from libs.addons.addon import Source
from libs.addons.answers import STORED_VERSION, Answers, HealthListener
from libs.addons.patience import Patience
from libs.addons.resting import Resting
from libs.addons.settings import AddonSettings
from libs.common.graph import open_cache, open_fetcher
from libs.common.ground import Ground
from libs.common.hops import own_name
from libs.common.outbound import hub_guard
from libs.common.resilience import ResilienceSettings, Upstreams
from libs.common.states import BreakerState
from libs.protocols.stremio.client import StremioClient

if TYPE_CHECKING:
    from redis.asyncio import Redis


async def open_client(ground: Ground, settings: AddonSettings) -> StremioClient:
    """The client for addons out there, kept away from the hub's own sockets."""
    guard = hub_guard(ground.settings, gateway_port=settings.gateway_port)
    return StremioClient(
        await open_fetcher(ground, "addons", guard),
        timeout_s=settings.timeout_s,
        hop_name=own_name(ground.settings.secret_key),
    )


async def open_answers(
    ground: Ground,
    source: Source,
    redis: Redis | None,
    *,
    cache_name: str,
    settings: AddonSettings,
    waits_s: Mapping[str, float],
    health: HealthListener,
    resting: Resting,
) -> Answers:
    """Answers with a cache of their own.

    `waits_s` is how long callers wait for each resource they ask for.
    """
    cache = await open_cache(
        ground,
        redis,
        cache_name,
        version=STORED_VERSION,
        max_bytes=settings.cache_bytes,
    )
    limits = ResilienceSettings(attempt_s=settings.timeout_s, max_concurrent=settings.concurrency)
    upstreams = Upstreams(clock=ground.clock, metrics=ground.metrics, settings=limits)
    ground.status.add(BreakerState, upstreams.snapshot)
    return Answers(
        source,
        cache=cache,
        upstreams=upstreams,
        health=health,
        patience=Patience(waits_s),
        resting=resting,
        clock=ground.clock,
        timeout_s=settings.timeout_s,
        wishes=settings.wishes,
    )
