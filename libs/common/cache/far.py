"""The far side of the cache: Redis, the link to the other replicas, and what to do while they are away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress

from redis.asyncio import Redis

from libs.common.cache.entry import Entry
from libs.common.cache.link import Link
from libs.common.cache.memory import MemoryTier
from libs.common.cache.redis import RedisTier
from libs.common.cache.tags import Marks
from libs.common.cache.turns import Answer, Known, Turn, Turns
from libs.common.clock import Clock
from libs.common.redis.gate import RESET_S, Gate, RedisOut
from libs.common.tasks import Tasks

NOTHING = Known(0, None)


class Far:
    """Keeps memory and marks in step with Redis. RedisOut ends here: without Redis, memory goes on alone."""

    def __init__(
        self,
        redis: Redis,
        *,
        name: str,
        version: int,
        memory: MemoryTier,
        marks: Marks,
        tasks: Tasks,
        clock: Clock,
        lock_s: float,
        failed: Callable[[], None],
    ) -> None:
        self._memory = memory
        self._marks = marks
        self._tasks = tasks
        self._clock = clock
        self._gate = Gate(name, clock)
        self._tier = RedisTier(redis, prefix=f"v{version}:{name}:", gate=self._gate, failed=failed)
        self._turns = Turns(self._tier, tasks=tasks, clock=clock, lock_s=lock_s)
        self._link = Link(redis, self._tier.channel, self, clock)
        self._listening: asyncio.Task[None] | None = None
        self._owed: set[str] = set()
        self._paying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._listening = self._tasks.spawn("cache_link", self._link.run())
        await self._link.tried.wait()

    async def aclose(self) -> None:
        for task in (self._listening, self._paying):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def look(self, key: str) -> Entry | None:
        """What Redis has that can be served, now also held in memory."""
        with suppress(RedisOut):
            return (await self._read(key)).entry
        return None

    async def turn(self, key: str, *, seen: int, alone: bool) -> Turn | Answer:
        """The turn to load, or an answer newer than `seen`. `alone` doesn't ask for the lock."""
        try:
            if alone:
                return Turn(await self._stamp(), shared=True)
            taken = await self._turns.take(key, seen=seen, read=lambda: self._read(key))
        except RedisOut:
            return Turn(self._marks.next(), shared=False)
        if isinstance(taken, Turn):
            self._marks.saw(taken.stamp)
        return taken

    async def moment(self) -> Turn:
        """A turn for what needs no load."""
        try:
            return Turn(await self._stamp(), shared=True)
        except RedisOut:
            return Turn(self._marks.next(), shared=False)

    def held(self, key: str, turn: Turn) -> AbstractAsyncContextManager[None]:
        return self._turns.held(key, turn)

    async def store(self, key: str, entry: Entry) -> None:
        """Put the entry in both tiers; if Redis refuses it, take over the newer one in its way."""
        try:
            marks = await self._tier.store(key, entry, lasts_s=entry.dead_at - self._clock.time())
        except RedisOut:
            self._memory.put(key, entry)
            return
        if marks is None:
            await self.look(key)
            return
        self._learn(marks)
        self._memory.put(key, entry)

    async def invalidate(self, tags: Sequence[str]) -> None:
        """Tell Redis and the other replicas, now or as soon as Redis is back."""
        try:
            await self._announce(tags)
        except RedisOut:
            self._owed.update(tags)
            if self._paying is None or self._paying.done():
                self._paying = self._tasks.spawn("cache_owed_invalidations", self._pay())

    async def remove(self, key: str) -> None:
        with suppress(RedisOut):  # without Redis there is nothing of it to remove there
            await self._tier.remove(key)

    async def clear(self) -> bool:
        """False when Redis is away: it keeps what it has, and the other replicas what they have."""
        with suppress(RedisOut):
            await self._tier.clear()
            return True
        return False

    async def link_up(self) -> None:
        """Whatever was said while the link was down was missed, so nothing held may be trusted."""
        self._gate.passed()
        if self._owed:
            await self._settle()
        self._memory.clear()
        self._marks.forget()

    def link_down(self, error: BaseException) -> None:
        self._gate.shut(error)

    def news(self, kind: str, stamp: int, text: str) -> None:
        if kind == "t":
            self._marks.invalidate(text, stamp)
        elif kind == "k":
            self._memory.drop(text, older_than=stamp)
        elif kind == "a":
            self._memory.clear()
            self._marks.forget()
        if kind in {"k", "r"}:
            self._turns.wake(text)

    async def _read(self, key: str) -> Known:
        found = await self._tier.read(key)
        if found is None:
            return NOTHING
        self._marks.saw(found.stamp)
        self._learn(found.marks)
        entry = found.entry
        if entry is None or not self._marks.valid(entry.tags, entry.stamp):
            return Known(found.stamp, None)
        self._memory.put(key, entry)
        servable = self._clock.time() < max(entry.fresh_until, entry.stale_until)
        return Known(found.stamp, entry if servable else None)

    async def _stamp(self) -> int:
        stamp = await self._tier.moment()
        self._marks.saw(stamp)
        return stamp

    def _learn(self, marks: dict[str, int]) -> None:
        for tag, stamp in marks.items():
            self._marks.learn(tag, stamp)

    async def _announce(self, tags: Sequence[str]) -> None:
        stamp = await self._tier.invalidate(tags)
        for tag in tags:
            self._marks.invalidate(tag, stamp)

    async def _settle(self) -> None:
        owed = tuple(self._owed)
        await self._announce(owed)
        self._owed.difference_update(owed)

    async def _pay(self) -> None:
        while self._owed:
            await self._clock.sleep(RESET_S)
            with suppress(RedisOut):
                await self._settle()
