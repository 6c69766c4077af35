"""What a service that asks addons opens at start; the stack closes it again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack

from libs.addons.addon import Source
from libs.addons.answers import STORED_VERSION, Answers, HealthListener
from libs.addons.patience import Patience
from libs.addons.settings import AddonSettings
from libs.common.clock import Clock
from libs.common.graph import open_cache, open_cache_redis
from libs.common.health import Health
from libs.common.hops import own_name
from libs.common.http import Fetcher, make_session
from libs.common.http.figures import watch_connections
from libs.common.metrics import Metrics
from libs.common.outbound import hub_guard
from libs.common.resilience import ResilienceSettings, Upstreams
from libs.common.settings import CommonSettings
from libs.common.states import BreakerState
from libs.common.status import Status
from libs.common.tasks import Tasks
from libs.protocols.stremio.client import StremioClient


async def open_client(
    stack: AsyncExitStack, common: CommonSettings, settings: AddonSettings, *, metrics: Metrics, clock: Clock
) -> StremioClient:
    """The client for addons out there, kept away from the hub's own sockets."""
    guard = hub_guard(common, gateway_port=settings.gateway_port)
    session = await stack.enter_async_context(make_session(guard=guard))
    watch_connections(lambda: [session], "addons", metrics)
    return StremioClient(
        Fetcher(session, guard, clock), timeout_s=settings.timeout_s, hop_name=own_name(common.secret_key)
    )


async def open_answers(
    stack: AsyncExitStack,
    source: Source,
    *,
    cache_name: str,
    common: CommonSettings,
    settings: AddonSettings,
    waits_s: Mapping[str, float],
    health: HealthListener,
    checks: Health,
    tasks: Tasks,
    metrics: Metrics,
    clock: Clock,
    status: Status,
) -> Answers:
    """Answers with a cache of their own, fetched by `tasks`, which have to be stopped first.

    `waits_s` is how long callers wait for each resource they ask for.
    """
    cache = await open_cache(
        stack,
        open_cache_redis(stack, common, health=checks),
        cache_name,
        version=STORED_VERSION,
        max_bytes=settings.cache_bytes,
        tasks=tasks,
        metrics=metrics,
        clock=clock,
        status=status,
    )
    limits = ResilienceSettings(attempt_s=settings.timeout_s, max_concurrent=settings.concurrency)
    upstreams = Upstreams(clock=clock, metrics=metrics, settings=limits)
    status.add(BreakerState, upstreams.snapshot)
    return Answers(
        source,
        cache=cache,
        upstreams=upstreams,
        health=health,
        patience=Patience(waits_s),
        clock=clock,
        timeout_s=settings.timeout_s,
        wishes=settings.wishes,
    )
