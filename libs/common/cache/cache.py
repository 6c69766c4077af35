"""The two tiers as one cache: one load per key, in the process and across replicas, no error of its own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from libs.common.cache.counters import Counters
from libs.common.cache.desk import Desk
from libs.common.cache.entry import Entry, Loaded, Lookup, State, make_entry
from libs.common.cache.memory import MemoryTier
from libs.common.cache.tags import Marks
from libs.common.cache.turns import Turn
from libs.common.clock import Clock
from libs.common.errors import Unavailable, UpstreamTimedOut
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from libs.common.cache.far import Far

MIB = 1024 * 1024
JITTER = 0.1  # an entry's fresh time is cut by up to this share
LOCK_S = 5.0  # how long a dead replica's lock stands in the way; a living one renews it
QUIET_S = 5.0  # after a failed load, an old entry serves this long before the upstream is asked again
QUIET_KEYS = 10_000

Load = Callable[[], Awaitable[Loaded]]


class CacheStopped(Unavailable):
    """The process is stopping, and the load this caller waited for with it."""

    code = "stopping"


class LoadTimedOut(UpstreamTimedOut):
    """The load takes longer than this caller waits; it goes on for those who come after."""


@dataclass(frozen=True, slots=True)
class _Flight:
    task: asyncio.Task[Lookup | Exception]
    changes: int


class Cache:
    """Memory in front of Redis (or memory alone, with `redis=None`). Fails open: without Redis it is slower.

    `name` separates caches that share a Redis and labels the metrics; `version` belongs to the shape of the
    values: raise it when they change. `random` gives the jitter, 0 ≤ x < 1.

    With `near`, entries stay in this process and only invalidations travel: for what nobody who can write to
    Redis may forge, such as who a token belongs to. Each replica then loads for itself.
    """

    def __init__(
        self,
        name: str,
        *,
        clock: Clock,
        tasks: Tasks,
        metrics: Metrics,
        max_bytes: int = 64 * MIB,
        redis: Redis | None = None,
        version: int = 1,
        lock_s: float = LOCK_S,
        near: bool = False,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._near = near
        self._clock = clock
        self._tasks = tasks
        self._random = random
        self._count = Counters(metrics, name)
        self._marks = Marks()
        self._memory = MemoryTier(
            clock=clock, marks=self._marks, max_bytes=max_bytes, evicted=self._count.evicted
        )
        self._count.watch(self._memory)
        self._flights: dict[str, _Flight] = {}
        # By hash: keys may hold whole paths, and a mix-up costs one renewal.
        self._quiet: dict[int, float] = {}
        self._far = None if redis is None else self._far_tier(redis, name, version, lock_s)
        self.desk = Desk(
            name,
            memory=self._memory,
            marks=self._marks,
            far=self._far,
            # Who asks from then on isn't given what was asked for before.
            part=lambda key: self._flights.pop(key, None),
            clock=clock,
            secret=near,
        )

    def _far_tier(self, redis: Redis, name: str, version: int, lock_s: float) -> Far:
        # A household runs without Redis' client in memory: 20 MB, and a seventh of a second at start.
        from libs.common.cache.far import Far  # noqa: PLC0415

        return Far(
            redis,
            name=name,
            version=version,
            memory=self._memory,
            marks=self._marks,
            tasks=self._tasks,
            clock=self._clock,
            lock_s=lock_s,
            failed=self._count.redis_error,
        )

    async def start(self) -> None:
        """Listen to the other replicas. Returns when the first attempt has succeeded or failed."""
        if self._far is not None:
            await self._far.start()

    async def aclose(self) -> None:
        """Stop listening. The Redis client and the tasks belong to whoever made them."""
        if self._far is not None:
            await self._far.aclose()

    @property
    def changes(self) -> int:
        """Goes up with every invalidation heard of, here or elsewhere: for copies kept outside the cache."""
        return self._marks.changes

    def peek(self, key: str) -> Entry | None:
        """The fresh entry in this process' memory. The hot path: no await, about a microsecond."""
        entry = self._memory.fresh(key)
        if entry is not None:
            self._count.hit()
        return entry

    def held(self, key: str) -> Entry | None:
        """The entry in this process' memory, be it so old that it only stands in for a failed load."""
        return self._memory.rescue(key)

    def hits(self, key: str) -> int:
        """How often this process was asked for it and had it fresh, for as long as it holds the key."""
        return self._memory.hits(key)

    async def get(self, key: str) -> Entry | None:
        """The fresh or stale entry of either tier; never loads."""
        entry = self._memory.fresh(key)
        if entry is None and self._far is not None and not self._near:
            entry = await self._far.look(key)
        if entry is None:
            entry = self._memory.servable(key)
        return entry

    async def get_or_load(self, key: str, load: Load, *, wait_s: float | None = None) -> Lookup:
        """Answer from memory, from Redis, or by `load`, which runs once however many ask for the key.

        A stale answer comes at once and is renewed in the background. If `load` raises, an entry within its
        error time stands in (`stale`); if there is none, every waiter gets the exception. A caller that is
        cancelled or waits longer than `wait_s` (LoadTimedOut) doesn't end the load.
        """
        entry = self.peek(key)
        if entry is not None:
            return Lookup(entry, "hit")
        entry = self._memory.servable(key)
        if entry is None and self._is_quiet(key):
            entry = self._memory.rescue(key)
        if entry is None:
            lookup = await self._wait(key, self._fly(key, load, seen=0), wait_s)
        else:
            lookup = Lookup(entry, "stale")
        self._count.lookup[lookup.state, lookup.tier]()
        if lookup.state == "stale":
            self._refresh(key, load, seen=lookup.entry.stamp)
        return lookup

    async def get_ahead(self, key: str, load: Load, *, share: float, wait_s: float | None = None) -> Lookup:
        """As `get_or_load`, for what is to stay fresh: waits for a new answer, though there is one, as soon
        as no more than `share` of its fresh time is left. What can't be loaded is as good as it was.
        """
        entry = await self.get(key)
        if entry is None and self._is_quiet(key):
            entry = self._memory.rescue(key)
        if entry is not None and (self._is_quiet(key) or not self._is_due(entry, share)):
            lookup = Lookup(entry, self._state_of(entry))
        else:
            seen = 0 if entry is None else entry.stamp
            lookup = await self._wait(key, self._fly(key, load, seen=seen), wait_s)
            if lookup.state == "stale":
                lookup = Lookup(lookup.entry, self._state_of(lookup.entry), lookup.tier)
        self._count.lookup[lookup.state, lookup.tier]()
        return lookup

    async def put(self, key: str, loaded: Loaded) -> None:
        """Store an answer that is known to be current: it wins over every load that began before."""
        turn = await self._far.moment() if self._far is not None else Turn(self._marks.next(), shared=False)
        await self._keep(key, self._entry(loaded, turn.stamp), shared=turn.shared)

    async def invalidate(self, *tags: str) -> None:
        """Void every entry of the tags, in all replicas, and every load of them now on its way.

        When this returns no caller of this process sees the old answers, with or without Redis.
        """
        wanted = tuple(dict.fromkeys(tags))
        stamp = self._marks.next()
        for tag in wanted:
            self._marks.invalidate(tag, stamp)
        if self._far is not None and wanted:
            await self._far.invalidate(wanted)

    def _refresh(self, key: str, load: Load, *, seen: int) -> None:
        if key not in self._flights and not self._is_quiet(key):
            with suppress(RuntimeError):  # the app is closing: the stale answer goes out, nothing new begins
                self._fly(key, load, seen=seen)

    def _fly(self, key: str, load: Load, *, seen: int) -> asyncio.Task[Lookup | Exception]:
        flight = self._flights.get(key)
        # Whoever asks after an invalidation must not be given an answer asked for before it.
        if flight is not None and flight.changes == self._marks.changes:
            self._count.coalesced()
            return flight.task
        # The older flight holds the lock, so the new one goes without: its later stamp decides what stays.
        alone = flight is not None or self._near
        task = self._tasks.spawn("cache_load", self._outcome(key, load, seen=seen, alone=alone))
        mine = _Flight(task, self._marks.changes)
        self._flights[key] = mine
        task.add_done_callback(lambda _: self._land(key, mine))
        return task

    def _land(self, key: str, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _wait(self, key: str, task: asyncio.Task[Lookup | Exception], wait_s: float | None) -> Lookup:
        outcome: Lookup | Exception
        try:
            async with asyncio.timeout(wait_s):
                outcome = await asyncio.shield(task)
        except TimeoutError:
            rescue = self._memory.rescue(key)
            outcome = Lookup(rescue, "stale") if rescue is not None else LoadTimedOut()
        except asyncio.CancelledError:
            # Either this caller was cancelled, or the load was because the process ends.
            if not task.cancelled():
                raise
            outcome = CacheStopped()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _outcome(self, key: str, load: Load, *, seen: int, alone: bool) -> Lookup | Exception:
        """The load's end as a value: its error goes to all waiters, and there may be none."""
        try:
            lookup = await self._fill(key, load, seen=seen, alone=alone)
        except Exception as error:
            self._count.load_error()
            self._hush(key)
            rescue = self._memory.rescue(key)
            return Lookup(rescue, "stale") if rescue is not None else error
        self._quiet.pop(hash(key), None)
        return lookup

    async def _fill(self, key: str, load: Load, *, seen: int, alone: bool) -> Lookup:
        if self._far is None:
            return await self._load(key, load, Turn(self._marks.next(), shared=False))
        turn = await self._far.turn(key, seen=seen, alone=alone)
        if isinstance(turn, Turn):
            async with self._far.held(key, turn):
                return await self._load(key, load, turn)
        if turn.entry.fresh_until <= self._clock.time():
            return Lookup(turn.entry, "stale", "redis")
        return Lookup(turn.entry, "miss" if turn.waited else "hit", "redis")

    async def _load(self, key: str, load: Load, turn: Turn) -> Lookup:
        self._count.load()
        loaded = await load()
        entry = self._entry(loaded, turn.stamp)
        if not loaded.store:
            return Lookup(entry, "bypass", "source")
        return Lookup(await self._keep(key, entry, shared=turn.shared), "miss", "source")

    async def _keep(self, key: str, entry: Entry, *, shared: bool) -> Entry:
        """Store the entry; gives the newer one instead if somebody was faster."""
        if entry.dead_at <= self._clock.time():
            return entry
        if self._far is not None and shared and not self._near:
            await self._far.store(key, entry)
        else:
            self._memory.put(key, entry)
        held = self._memory.servable(key)
        return held if held is not None and held.stamp > entry.stamp else entry

    def _entry(self, loaded: Loaded, stamp: int) -> Entry:
        share = 1 - JITTER * self._random() if loaded.spread else 1.0
        return make_entry(loaded, now=self._clock.time(), stamp=stamp, share=share)

    def _is_due(self, entry: Entry, share: float) -> bool:
        left_s = entry.fresh_until - self._clock.time()
        return left_s <= share * (entry.fresh_until - entry.stored_at)

    def _state_of(self, entry: Entry) -> State:
        return "hit" if entry.fresh_until > self._clock.time() else "stale"

    def _is_quiet(self, key: str) -> bool:
        until = self._quiet.get(hash(key))
        return until is not None and self._clock.monotonic() < until

    def _hush(self, key: str) -> None:
        if len(self._quiet) >= QUIET_KEYS:
            self._quiet.clear()
        self._quiet[hash(key)] = self._clock.monotonic() + QUIET_S
