"""Decisions as all gateways have them: handed over by whoever makes one, heard by the others."""

import asyncio
from collections.abc import Awaitable, Callable

from libs.common.redis import RedisOut
from services.gateway.abuse.blocks import Blocks
from services.gateway.abuse.model import Allowed, Block
from services.gateway.abuse.redis_store import RedisDecisions

MOST_UNSENT = 10_000
"""Decisions kept for a Redis that is out; past it only an administrator's are, the others stay local."""
Send = Callable[[RedisDecisions], Awaitable[None]]


class Told:
    """A change holds here at once; at the others by the store, or as soon as it answers again.

    Without `shared`, the store all gateways have, there are no others.
    """

    def __init__(self, known: Blocks, shared: RedisDecisions | None) -> None:
        self._known = known
        self._shared = shared
        self._unsent: dict[str, Send] = {}
        self._revision = ""
        self._turn = asyncio.Lock()

    @property
    def is_shared(self) -> bool:
        return self._shared is not None

    @property
    def owes(self) -> bool:
        """Whether there is something the others have not heard."""
        return bool(self._unsent)

    def put_soon(self, block: Block) -> None:
        """For many at a time: the next look hands them over."""
        self._known.put(block)
        if block.network in self._unsent or len(self._unsent) < MOST_UNSENT:
            self._owe(block.network, lambda store: store.put_block(block))

    async def put(self, block: Block) -> None:
        self._known.put(block)
        self._owe(block.network, lambda store: store.put_block(block))
        await self.look()

    async def drop(self, network: str) -> None:
        self._known.drop(network)
        self._owe(network, lambda store: store.drop_block(network))
        await self.look()

    async def put_allowed(self, allowed: Allowed) -> None:
        self._known.put_allowed(allowed)
        self._owe(allowed.id, lambda store: store.put_allowed(allowed))
        await self.look()

    async def drop_allowed(self, allowed_id: str) -> None:
        self._known.drop_allowed(allowed_id)
        self._owe(allowed_id, lambda store: store.drop_allowed(allowed_id))
        await self.look()

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

    def _owe(self, subject: str, send: Send) -> None:
        """Only the newest change of a network is worth telling, and it is told last."""
        if self._shared is not None:
            self._unsent.pop(subject, None)
            self._unsent[subject] = send
