"""Signals in, decisions out: what the edge asks on every request and administrators rule."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog

from libs.common.clock import Clock
from libs.common.errors import NotFound
from libs.common.metrics import Metrics
from libs.common.networks import IPNetwork, neighbourhood_of, network_of
from libs.common.redis import RedisOut
from libs.common.secrets import new_token
from libs.common.tasks import Tasks
from services.gateway.abuse.blocks import Blocks
from services.gateway.abuse.model import (
    MANUAL,
    WIDEST,
    Allowed,
    Block,
    CannotBlock,
    FixedNetwork,
    Mode,
    name_of,
    parse_network,
    scope_of,
)
from services.gateway.abuse.redis_store import RedisDecisions
from services.gateway.abuse.scenarios import NEIGHBOURS, SCENARIOS, Scenario, Signal, block_s
from services.gateway.abuse.scores import Points, Shares, Subjects
from services.gateway.abuse.store import MemoryStore, Store
from services.gateway.errors import Blocked

log = structlog.get_logger(__name__)

BATCH_S = 0.25
"""How long signals gather before Redis hears of them; in memory they count at once."""
LOOK_S = 0.4
"""Between two looks whether another gateway decided something; with the batch it has to stay below 1 s."""
MOST_WAITING = 10_000
MOST_UNSENT = 10_000
"""Decisions kept for a Redis that is out; past it only an administrator's are, the others stay local."""
T = TypeVar("T")
Send = Callable[[RedisDecisions], Awaitable[None]]


class Protection:
    """Knows who is blocked, and decides it. `shared` is the store all gateways have, if there is one.

    While `shared` is out, scores and decisions go on here, and are handed over when it is back.
    """

    def __init__(
        self,
        *,
        mode: Mode,
        exempt: Sequence[IPNetwork],
        clock: Clock,
        tasks: Tasks,
        metrics: Metrics,
        shared: RedisDecisions | None = None,
    ) -> None:
        self.mode = mode
        self._clock = clock
        self._tasks = tasks
        self._known = Blocks(exempt, clock=clock)
        self._fixed = [
            Allowed(f"fixed-{number}", name_of(network), "", fixed=True)
            for number, network in enumerate(exempt, 1)
        ]
        self._alone = MemoryStore(clock)
        self._shared = shared
        self._subjects = Subjects()
        self._shares = Shares()
        self._waiting: dict[tuple[str, str], Points] = {}
        self._is_counting = False
        self._unsent: dict[str, Send] = {}
        self._revision = ""
        self._turn = asyncio.Lock()
        self._signals = metrics.counter(
            "abuse_signals_total", "Refused requests that count against an address.", ("scenario",)
        )
        self._refusals = metrics.counter(
            "abuse_refusals_total", "Requests refused because of a block.", ("scenario",)
        )
        active = metrics.gauge("abuse_blocks", "Blocks that hold now.", ("scenario",))
        for name in (*(scenario.name for scenario in SCENARIOS), MANUAL):
            active.labels(name).set_function(partial(self._active, name))

    async def start(self) -> None:
        """Learn what was decided before, and go on listening where others decide too."""
        if self._shared is not None and self.mode != "off":
            await self.look()
            self._tasks.every("abuse_decisions", LOOK_S, self.look, clock=self._clock)

    @property
    def has_blocks(self) -> bool:
        """False spares every request of a quiet hub the look at its address."""
        return self._known.has_any

    def blocks_now(self, address: str) -> bool:
        return self.mode == "on" and self._known.find(address) is not None

    def check(self, address: str) -> None:
        """Raises Blocked. On the way of every request, so it waits for nothing."""
        block = self._known.find(address)
        if block is None or self.mode != "on":
            return
        self._refusals.labels(block.scenario).inc()
        left_s = (block.expires_at - self._clock.now()).total_seconds()
        raise Blocked(
            "Requests from your network are refused until this block ends.",
            retry_after_s=left_s,
            extra={"expires_at": block.expires_at.isoformat()},
        )

    def note(self, address: str, signal: Signal) -> None:
        """Count a signal soon. Whoever is blocked already is not counted on."""
        if self.mode == "off" or self._known.is_exempt(address) or self._known.find(address) is not None:
            return
        network, scenario = network_of(address), signal.scenario
        if scenario.distinct and not self._subjects.is_new(
            scenario, network, signal.subject, self._clock.monotonic()
        ):
            return
        self._signals.labels(scenario.name).inc()
        self._gather(scenario, network, signal.points, scenario.capacity)
        neighbourhood = neighbourhood_of(address)
        if neighbourhood != network:
            share = self._shares.take(scenario, network, signal.points, self._clock.monotonic())
            self._gather(scenario, neighbourhood, share, scenario.capacity * NEIGHBOURS)
        if not self._is_counting:
            self._is_counting = True
            self._tasks.spawn("abuse_signals", self._count())

    def blocks(self) -> list[Block]:
        """What holds now, the latest decision first."""
        return self._known.blocks()

    def allowed(self) -> list[Allowed]:
        """Networks that are never blocked: the settings' own first."""
        return [*self._fixed, *self._known.allowed()]

    async def block(
        self, address: str, *, reason: str, expires_in_s: float, made_by: str, asked_from: str = ""
    ) -> Block:
        """Block an address or a network by hand. Raises InvalidInput, CannotBlock."""
        network = parse_network(address)
        self._check_blockable(network, asked_from)
        block = self._decided(network, MANUAL, 0.0, expires_in_s)
        block = replace(block, reason=reason, made_by=made_by)
        await self._change(
            block.network, lambda store: store.put_block(block), lambda: self._known.put(block)
        )
        log.info(
            "abuse_block_made", id=block.id, network=block.network, by=made_by, expires_in_s=expires_in_s
        )
        return block

    async def revoke(self, block_id: str, *, made_by: str = "") -> Block:
        """End a block now, on every gateway; what it was. Raises NotFound."""
        block = self._known.block_by_id(block_id)
        if block is None and self._shared is not None:
            await self.look()
            block = self._known.block_by_id(block_id)
        if block is None:
            raise NotFound("There is no such block, or it has ended.")
        network = block.network
        await self._change(
            network, lambda store: store.drop_block(network), lambda: self._known.drop(network)
        )
        log.info("abuse_block_revoked", id=block_id, network=network, scenario=block.scenario, by=made_by)
        return block

    async def allow(self, network: str, *, reason: str, made_by: str) -> Allowed:
        """Never block this network, and end what holds for it. Raises InvalidInput."""
        name = name_of(parse_network(network))
        found = next((one for one in self.allowed() if one.network == name), None)
        if found is not None:
            return found
        allowed = Allowed(new_token(bytes_=9), name, reason, self._clock.now(), made_by)
        await self._change(
            allowed.id, lambda store: store.put_allowed(allowed), lambda: self._known.put_allowed(allowed)
        )
        log.info("abuse_network_allowed", id=allowed.id, network=name, by=made_by)
        return allowed

    async def disallow(self, allowed_id: str, *, made_by: str = "") -> None:
        """Raises NotFound, FixedNetwork."""
        if any(one.id == allowed_id for one in self._fixed):
            raise FixedNetwork("It stands in the settings of this hub; change them there.")
        allowed = self._known.allowed_by_id(allowed_id)
        if allowed is None:
            raise NotFound("There is no such network on the list.")
        await self._change(
            allowed_id,
            lambda store: store.drop_allowed(allowed_id),
            lambda: self._known.drop_allowed(allowed_id),
        )
        log.info("abuse_network_disallowed", id=allowed_id, network=allowed.network, by=made_by)

    async def look(self) -> None:
        """Hand over what others have not heard, and learn what they decided. Goes on alone without Redis."""
        shared = self._shared
        if shared is None:
            return
        async with self._turn:
            try:
                revision = await shared.revision()
                if self._unsent or (self._revision and not revision):
                    if not revision:
                        await self._restore(shared)
                    await self._send(shared)
                    revision = await shared.revision()
                if revision != self._revision:
                    decided = await shared.load()
                    self._known.replace(decided.blocks, decided.allowed)
                    self._revision = revision
            except RedisOut:
                return

    async def _send(self, shared: RedisDecisions) -> None:
        while self._unsent:
            subject, send = next(iter(self._unsent.items()))
            await send(shared)
            if self._unsent.get(subject) is send:
                del self._unsent[subject]

    async def _restore(self, shared: RedisDecisions) -> None:
        """A Redis that kept nothing on disk has forgotten what every gateway still knows."""
        for block in self._known.blocks():
            await shared.put_block(block)
        for allowed in self._known.allowed():
            await shared.put_allowed(allowed)

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
        if self._unsent:
            await self.look()

    async def _counted(self, count: Callable[[Store], Awaitable[T]]) -> T:
        """By all gateways together, or here alone while Redis is out, which its gate tells once."""
        if self._shared is not None:
            with suppress(RedisOut):
                return await count(self._shared)
        return await count(self._alone)

    async def _decide(self, points: Points, score: float) -> None:
        network = ipaddress.ip_network(points.network)
        if self._known.touches_exempt(network):
            return
        times = await self._counted(lambda store: store.times_blocked(points.network))
        block = self._decided(network, points.scenario.name, round(score, 1), block_s(times))
        self._known.put(block)
        if block.network in self._unsent or len(self._unsent) < MOST_UNSENT:
            self._owe(block.network, lambda store: store.put_block(block))
        log.warning(
            "abuse_blocked" if self.mode == "on" else "abuse_would_block",
            id=block.id,
            network=block.network,
            scenario=block.scenario,
            score=block.score,
            times=times,
            expires_in_s=block_s(times),
        )

    def _decided(self, network: IPNetwork, scenario: str, score: float, lasts_s: float) -> Block:
        now = self._clock.now()
        return Block(
            id=new_token(bytes_=9),
            network=name_of(network),
            scope=scope_of(network),
            scenario=scenario,
            score=score,
            created_at=now,
            expires_at=now + timedelta(seconds=lasts_s),
        )

    async def _change(self, subject: str, send: Send, apply: Callable[[], None]) -> None:
        """Here at once; at the others by the store, or as soon as it answers again."""
        apply()
        self._owe(subject, send)
        await self.look()

    def _owe(self, subject: str, send: Send) -> None:
        """Only the newest change of a network is worth telling, and it is told last."""
        if self._shared is not None:
            self._unsent.pop(subject, None)
            self._unsent[subject] = send

    def _check_blockable(self, network: IPNetwork, asked_from: str) -> None:
        if network.prefixlen < WIDEST[network.version]:
            raise CannotBlock(f"A block is no wider than /{WIDEST[network.version]}.")
        if self._known.touches_exempt(network):
            raise CannotBlock("It is on the list of allowed networks, or holds one that is.")
        asker = network_of(asked_from)
        if asker:
            own = ipaddress.ip_network(asker)
            if own.version == network.version and own.overlaps(network):
                raise CannotBlock("That would lock you out.")

    def _active(self, scenario: str) -> float:
        return float(sum(block.scenario == scenario for block in self._known.blocks()))
