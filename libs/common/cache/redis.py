"""The far tier: Redis, shared by the replicas of a service. It may vanish; nobody waits for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, NamedTuple, cast

import structlog
from redis.asyncio import Redis

from libs.common.cache import scripts
from libs.common.cache.entry import Entry, EnvelopeBroken, decode, encode
from libs.common.redis.client import guarded
from libs.common.redis.gate import Gate, RedisOut

# Longer than any entry lives. A mark that ends early costs a miss, never a wrong answer.
MARK_MS = 60 * 24 * 3600 * 1000

REMOVED_MS = 60_000
"""Longer than any load takes."""
SCANNED = 1000
"""Names looked at in one step, some 0.2 ms of Redis' time."""

log = structlog.get_logger(__name__)


class Found(NamedTuple):
    """What Redis holds under a key: its stamp, and the entry unless it is void or unreadable."""

    stamp: int
    entry: Entry | None
    marks: dict[str, int]


class Grip(NamedTuple):
    """The answer to asking for the lock; `stamp` is the load's own moment, or the newer entry's."""

    state: Literal["locked", "busy", "newer"]
    stamp: int


class RedisTier:
    """Entries, locks and marks in Redis. Every method raises RedisOut at once or after `TIMEOUT_S`."""

    def __init__(
        self, redis: Redis, *, prefix: str, gate: Gate, failed: Callable[[], None] = lambda: None
    ) -> None:
        self.channel = f"{prefix}news"
        self._redis = redis
        self._prefix = prefix
        self._gate = gate
        self._failed = failed
        self._counter = f"{prefix}seq"
        self._moment = redis.register_script(scripts.MOMENT)
        self._acquire = redis.register_script(scripts.ACQUIRE)
        self._renew = redis.register_script(scripts.RENEW)
        self._release = redis.register_script(scripts.RELEASE)
        self._store = redis.register_script(scripts.STORE)
        self._remove = redis.register_script(scripts.REMOVE)
        self._invalidate = redis.register_script(scripts.INVALIDATE)

    async def read(self, key: str) -> Found | None:
        """What is stored under the key, with the marks of its tags as they are now."""
        held = await self._call(lambda: self._redis.hmget(self._entry(key), ["s", "e"]))
        if held[0] is None or held[1] is None:
            return None
        stamp = int(held[0])
        try:
            entry = decode(held[1])
        except EnvelopeBroken as error:
            log.warning("cache_entry_unreadable", reason=str(error))
            return Found(stamp, None, {})
        if not entry.tags:
            return Found(stamp, entry, {})
        texts = await self._call(lambda: self._redis.mget([self._mark(tag) for tag in entry.tags]))
        marks = {tag: int(text) for tag, text in zip(entry.tags, texts, strict=True) if text is not None}
        whole = len(marks) == len(set(entry.tags)) and all(mark <= stamp for mark in marks.values())
        return Found(stamp, entry if whole else None, marks)

    async def moment(self) -> int:
        """A stamp for something that begins now."""
        return int(await self._call(lambda: self._moment(keys=[self._counter])))

    async def acquire(self, key: str, *, token: str, lock_ms: int, seen: int) -> Grip:
        """Take the key's lock, unless somebody has it or stored an entry newer than `seen`."""
        keys = [self._entry(key), self._lock(key), self._counter]
        state, stamp = await self._call(lambda: self._acquire(keys=keys, args=[token, lock_ms, seen]))
        return Grip(cast(Literal["locked", "busy", "newer"], state.decode()), int(stamp))

    async def renew(self, key: str, *, token: str, lock_ms: int) -> bool:
        """Hold the lock for longer; False if it is no longer ours."""
        return bool(await self._call(lambda: self._renew(keys=[self._lock(key)], args=[token, lock_ms])))

    async def release(self, key: str, *, token: str) -> None:
        """Give the lock back if it is still ours, and wake who waits for it on other replicas."""
        args = [token, self.channel, f"r 0 {key}"]
        await self._call(lambda: self._release(keys=[self._lock(key)], args=args))

    async def store(self, key: str, entry: Entry, *, lasts_s: float) -> dict[str, int] | None:
        """Write the entry and give its tags' marks; None if it is void or a newer one is there."""
        envelope = encode(entry)
        keys = [self._entry(key), *(self._mark(tag) for tag in entry.tags)]
        news = f"k {entry.stamp} {key}"
        args: list[Any] = [entry.stamp, envelope, max(1, int(lasts_s * 1000)), MARK_MS, self.channel, news]
        texts = await self._call(lambda: self._store(keys=keys, args=args))
        if texts is None:
            return None
        return {tag: int(text) for tag, text in zip(entry.tags, texts, strict=True)}

    async def invalidate(self, tags: Sequence[str]) -> int:
        """Void all entries of the tags, here and (through the channel) in every replica's memory."""
        keys = [self._counter, *(self._mark(tag) for tag in tags)]
        return int(await self._call(lambda: self._invalidate(keys=keys, args=[MARK_MS, self.channel, *tags])))

    async def remove(self, key: str) -> None:
        """Void one entry, here and (through the channel) in every replica's memory."""
        keys = [self._entry(key), self._counter]
        await self._call(lambda: self._remove(keys=keys, args=[REMOVED_MS, self.channel, key]))

    async def clear(self) -> None:
        """Delete all entries, and have every replica let go of what it holds."""
        place = 0
        while True:
            asked = place
            place, names = await self._call(
                lambda: self._redis.scan(asked, match=self._entry("*"), count=SCANNED)  # noqa: B023  at once
            )
            if names:
                await self._call(lambda: self._redis.unlink(*names))  # noqa: B023  at once
            if not place:
                break
        stamp = await self.moment()
        await self._call(lambda: self._redis.publish(self.channel, f"a {stamp} "))

    async def _call(self, command: Callable[[], Awaitable[Any]]) -> Any:
        try:
            return await guarded(self._gate, command)
        except RedisOut as out:
            if out.__cause__ is not None:  # asked, and not merely left alone
                self._failed()
            raise

    def _entry(self, key: str) -> str:
        return f"{self._prefix}e:{key}"

    def _lock(self, key: str) -> str:
        return f"{self._prefix}l:{key}"

    def _mark(self, tag: str) -> str:
        return f"{self._prefix}m:{tag}"
