"""Who is shut out: what the edge asks on every request, and what administrators rule."""

from collections.abc import Sequence
from functools import partial

import structlog

from libs.common.clock import Clock
from libs.common.errors import NotFound
from libs.common.metrics import Metrics
from libs.common.networks import IPNetwork, network_of, parse_network
from libs.common.secrets import new_token
from libs.common.tasks import Tasks
from services.gateway.abuse.blocks import Blocks
from services.gateway.abuse.judge import Judge
from services.gateway.abuse.model import (
    MANUAL,
    MOST_ALLOWED,
    WIDEST,
    Allowed,
    Block,
    CannotBlock,
    FixedNetwork,
    ListFull,
    Mode,
    name_of,
    network_given,
    new_block,
)
from services.gateway.abuse.redis_store import RedisDecisions
from services.gateway.abuse.scenarios import SCENARIOS, Signal
from services.gateway.abuse.told import Told
from services.gateway.errors import Blocked

log = structlog.get_logger(__name__)

LOOK_S = 0.4
"""Between two looks whether another gateway decided something; with a batch of the judge's below 1 s."""


class Protection:
    """Knows who is blocked, and has it decided. `shared` is the store all gateways have, if there is one.

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
        self._known = known = Blocks(exempt, clock=clock)
        self._told = told = Told(known, shared)
        self._judge = Judge(known, told, mode=mode, clock=clock, tasks=tasks, metrics=metrics, shared=shared)
        self._fixed = [
            Allowed(f"fixed-{number}", name_of(network), "", fixed=True)
            for number, network in enumerate(exempt, 1)
        ]
        self._refusals = metrics.counter(
            "abuse_refusals_total", "Requests refused because of a block.", ("scenario",)
        )
        active = metrics.gauge("abuse_blocks", "Blocks that hold now.", ("scenario",))
        for name in (*(scenario.name for scenario in SCENARIOS), MANUAL):
            active.labels(name).set_function(partial(self._active, name))

    async def start(self) -> None:
        """Learn what was decided before, and go on listening where others decide too."""
        if self._told.is_shared and self.mode != "off":
            await self.look()
            self._tasks.every("abuse_decisions", LOOK_S, self.look, clock=self._clock)

    async def look(self) -> None:
        """Tell the other gateways what they have not heard, and learn what they decided."""
        await self._told.look()

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
        """Count what speaks against an address; soon, and nobody waits for it."""
        if self.mode != "off":
            self._judge.note(address, signal)

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
        network = network_given(address)
        self._check_blockable(network, asked_from)
        now = self._clock.now()
        block = new_block(network, MANUAL, now=now, lasts_s=expires_in_s, reason=reason, made_by=made_by)
        await self._told.put(block)
        log.info(
            "abuse_block_made", id=block.id, network=block.network, by=made_by, expires_in_s=expires_in_s
        )
        return block

    async def revoke(self, block_id: str, *, made_by: str = "") -> Block:
        """End a block now, on every gateway; what it was. Raises NotFound."""
        block = self._known.block_by_id(block_id)
        if block is None and self._told.is_shared:
            await self.look()
            block = self._known.block_by_id(block_id)
        if block is None:
            raise NotFound("There is no such block, or it has ended.")
        await self._told.drop(block.network)
        log.info(
            "abuse_block_revoked", id=block_id, network=block.network, scenario=block.scenario, by=made_by
        )
        return block

    async def allow(self, network: str, *, reason: str, made_by: str) -> Allowed:
        """Never block this network, and end what holds for it. Raises InvalidInput, ListFull."""
        name = name_of(network_given(network))
        found = next((one for one in self.allowed() if one.network == name), None)
        if found is not None:
            return found
        if len(self._known.allowed()) >= MOST_ALLOWED:
            raise ListFull(f"There are {MOST_ALLOWED} networks on the list. Take one off first.")
        allowed = Allowed(new_token(bytes_=9), name, reason, self._clock.now(), made_by)
        await self._told.put_allowed(allowed)
        log.info("abuse_network_allowed", id=allowed.id, network=name, by=made_by)
        return allowed

    async def disallow(self, allowed_id: str, *, made_by: str = "") -> None:
        """Raises NotFound, FixedNetwork."""
        if any(one.id == allowed_id for one in self._fixed):
            raise FixedNetwork("It stands in the settings of this hub; change them there.")
        allowed = self._known.allowed_by_id(allowed_id)
        if allowed is None:
            raise NotFound("There is no such network on the list.")
        await self._told.drop_allowed(allowed_id)
        log.info("abuse_network_disallowed", id=allowed_id, network=allowed.network, by=made_by)

    def _check_blockable(self, network: IPNetwork, asked_from: str) -> None:
        if network.prefixlen < WIDEST[network.version]:
            raise CannotBlock(f"A block is no wider than /{WIDEST[network.version]}.")
        if self._known.touches_exempt(network):
            raise CannotBlock("It is on the list of allowed networks, or holds one that is.")
        asker = network_of(asked_from)
        if asker:
            own = parse_network(asker)
            if own.version == network.version and own.overlaps(network):
                raise CannotBlock("That would lock you out.")

    def _active(self, scenario: str) -> float:
        return float(sum(block.scenario == scenario for block in self._known.blocks()))
