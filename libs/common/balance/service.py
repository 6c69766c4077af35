"""The instances of one service, followed wherever they are said to be, and calls to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from libs.common.balance.addresses import Fixed, Named, Registered, parse_whereabouts
from libs.common.balance.calls import Calls
from libs.common.balance.checks import Checks
from libs.common.balance.dns import DnsInstances, Resolve
from libs.common.balance.figures import Figures
from libs.common.balance.hedge import Hedging
from libs.common.balance.model import BalancePolicy
from libs.common.balance.pool import Pool
from libs.common.balance.registry import Registry
from libs.common.clock import Clock, SystemClock
from libs.common.http.figures import watch_connections
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancing:
    """What calls to several instances take beside their addresses."""

    clock: Clock
    metrics: Metrics | None = None
    registry: Registry | None = None
    hedge: bool = False
    policy: BalancePolicy = field(default_factory=BalancePolicy)
    resolve: Resolve | None = None


@asynccontextmanager
async def open_calls(
    service: str, where: str, balancing: Balancing | None = None
) -> AsyncIterator[tuple[Calls, Pool]]:
    """Calls to `service`, whose instances are `where` the setting says.

    One fixed instance costs nothing beside its connections: no task, no check.
    """
    balancing = balancing or Balancing(clock=SystemClock())
    tasks = Tasks()
    figures = Figures(service, balancing.metrics) if balancing.metrics is not None else None
    pool = Pool(service, clock=balancing.clock, tasks=tasks, policy=balancing.policy, figures=figures)
    if balancing.metrics is not None:
        watch_connections(lambda: [member.session for member in pool.members], service, balancing.metrics)
    hedging = Hedging() if balancing.hedge else None
    try:
        await _follow(pool, where, balancing, tasks)
        yield Calls(pool, hedging=hedging), pool
    finally:
        await tasks.aclose()
        await pool.aclose()


async def _follow(pool: Pool, where: str, balancing: Balancing, tasks: Tasks) -> None:
    clock = balancing.clock
    match parse_whereabouts(where):
        case Fixed(urls):
            pool.set(urls)
            if len(urls) == 1:
                return
        case Named() as named:
            instances = DnsInstances(named, pool, resolve=balancing.resolve)
            await instances.look()
            every_s = balancing.policy.resolve_every_s
            tasks.every(f"resolve_{pool.service}", every_s, instances.look, clock=clock)
        case Registered():
            if balancing.registry is None:
                raise ValueError("redis: needs a registry")
            balancing.registry.watch(pool.service, pool.set)
            await balancing.registry.look()
    Checks(pool, clock=clock, tasks=tasks).start()
