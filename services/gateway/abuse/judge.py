"""Signals in, blocks out: counted in batches, by all gateways together where they share a Redis."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import structlog

from libs.common.clock import Clock
from libs.common.metrics import Metrics
from libs.common.networks import neighbourhood_of, network_of, parse_network
from libs.common.redis import RedisOut
from libs.common.tasks import Tasks
from services.gateway.abuse.blocks import Blocks
from services.gateway.abuse.model import Mode, new_block
from services.gateway.abuse.redis_store import RedisDecisions
from services.gateway.abuse.scenarios import NEIGHBOURS, Scenario, Signal, block_s
from services.gateway.abuse.scores import Points, Shares, Subjects
from services.gateway.abuse.store import MemoryStore, Store
from services.gateway.abuse.told import Told

log = structlog.get_logger(__name__)

BATCH_S = 0.25
"""How long signals gather before Redis hears of them; in memory they count at once."""
MOST_WAITING = 10_000
T = TypeVar("T")


class Judge:
    """Counts what is noted against an address, and blocks it, or its neighbourhood, when that runs over."""

    def __init__(
        self,
        known: Blocks,
        told: Told,
        *,
        mode: Mode,
        clock: Clock,
        tasks: Tasks,
        metrics: Metrics,
        shared: RedisDecisions | None,
    ) -> None:
        self._known = known
        self._told = told
        self._mode = mode
        self._clock = clock
        self._tasks = tasks
        self._shared = shared
        self._alone = MemoryStore(clock)
        self._subjects = Subjects()
        self._shares = Shares()
        self._waiting: dict[tuple[str, str], Points] = {}
        self._is_counting = False
        self._signals = metrics.counter(
            "abuse_signals_total", "Refused requests that count against an address.", ("scenario",)
        )

    def note(self, address: str, signal: Signal) -> None:
        """Count a signal soon. Whoever is blocked already is not counted on."""
        if self._known.is_exempt(address) or self._known.find(address) is not None:
            return
        network, scenario, now = network_of(address), signal.scenario, self._clock.monotonic()
        if scenario.distinct and not self._subjects.is_new(scenario, network, signal.subject, now):
            return
        self._signals.labels(scenario.name).inc()
        self._gather(scenario, network, signal.points, scenario.capacity)
        neighbourhood = neighbourhood_of(address)
        if neighbourhood != network:
            share = self._shares.take(scenario, network, signal.points, now)
            self._gather(scenario, neighbourhood, share, scenario.capacity * NEIGHBOURS)
        if not self._is_counting:
            self._is_counting = True
            self._tasks.spawn("abuse_signals", self._count())

    def _gather(self, scenario: Scenario, network: str, points: float, capacity: float) -> None:
        key = (scenario.name, network)
        held = self._waiting.get(key)
        if held is not None:
            points += held.points
        elif len(self._waiting) >= MOST_WAITING:
            return
        self._waiting[key] = Points(scenario, network, points, capacity)

    async def _count(self) -> None:
        try:
            await self._clock.sleep(BATCH_S if self._shared is not None else 0)
        finally:
            self._is_counting = False
        batch, self._waiting = list(self._waiting.values()), {}
        scores = await self._counted(lambda store: store.score(batch))
        for points, score in zip(batch, scores, strict=True):
            if score:
                await self._decide(points, score)
        if self._told.owes:
            await self._told.look()

    async def _counted(self, count: Callable[[Store], Awaitable[T]]) -> T:
        """By all gateways together, or here alone while Redis is out, which its gate tells once."""
        if self._shared is not None:
            with suppress(RedisOut):
                return await count(self._shared)
        return await count(self._alone)

    async def _decide(self, points: Points, score: float) -> None:
        network = parse_network(points.network)
        if self._known.touches_exempt(network):
            return
        times = await self._counted(lambda store: store.times_blocked(points.network))
        block = new_block(
            network,
            points.scenario.name,
            score=round(score, 1),
            now=self._clock.now(),
            lasts_s=block_s(times),
        )
        self._told.put_soon(block)
        log.warning(
            "abuse_blocked" if self._mode == "on" else "abuse_would_block",
            id=block.id,
            network=block.network,
            scenario=block.scenario,
            score=block.score,
            times=times,
            expires_in_s=block_s(times),
        )
