"""One addon's answers, cached per question: what is kept, how long, and what counts against its health.

A key is made of the addon's address (hashed) and the whole question, every extra included, so that an
answer serves everybody who has the same addon and nobody who asked something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Protocol

import msgspec

from libs.addons.addon import BUILTIN_SCHEME, Addon, Source, is_personal
from libs.addons.errors import AddonResting, AddonTimedOut
from libs.addons.failures import EXPECTED, NOT_YET, RESTING, RecentFailures, described, knows_nothing
from libs.addons.freshness import Freshness, freshness_of
from libs.addons.items import Item, read_items
from libs.addons.lives import EMPTY, Wishes
from libs.addons.patience import BRIEF_S, Patience, Watch
from libs.addons.resting import Resting
from libs.common.cache import Cache, Lives, Load, Loaded, LoadTimedOut, Lookup
from libs.common.clock import Clock
from libs.common.contracts.addon_health import HealthObservation
from libs.common.contracts.catalog import CacheState
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.resilience import Upstreams
from libs.protocols.stremio.answers import AddonAnswer
from libs.protocols.stremio.paths import ResourcePath, canonical_key, encode_resource_path

DEFAULTS = Wishes()

STORED_VERSION = 2
"""Of `Stored`, raised when its shape changes: what older programs keep in Redis is then not read."""

_SPARE_S = 0.05
"""A caller stops waiting so long before its deadline, to have time to use what others answered."""

_LISTS = frozenset({"catalog", "addon_catalog"})


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """What stands in the cache: items, or a meta."""

    kind: str
    items: tuple[Item, ...] = ()
    meta: bytes | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An addon's answer with what may be claimed about its age. `kind` is the member it came in."""

    kind: str
    items: tuple[Item, ...]
    meta: bytes | None
    freshness: Freshness
    state: CacheState

    @property
    def empty(self) -> bool:
        """The addon answered, and has nothing."""
        return not self.items and self.meta is None


def addon_tag(transport_hash: str) -> str:
    """The tag of whatever was made of what that addon said."""
    return f"addon:{transport_hash}"


def bounding(parts: Sequence[Kept]) -> Sequence[Kept]:
    """The parts that say how long an answer made of all of them holds: those that have something.

    An addon that has nothing is asked again by itself when its own short time is over; only where nobody
    has anything is that the time of the whole.
    """
    return [part for part in parts if not part.empty] or parts


class HealthListener(Protocol):
    """Whoever keeps count of how addons answer. Told at once, so it may not wait."""

    def note(self, seen: HealthObservation) -> None: ...


class Answers:
    """Asks addons through cache, breaker and limit. Raises only HeadgateError for what addons do."""

    def __init__(
        self,
        source: Source,
        *,
        cache: Cache,
        upstreams: Upstreams,
        health: HealthListener,
        patience: Patience,
        resting: Resting,
        clock: Clock,
        timeout_s: float,
        wishes: Wishes = DEFAULTS,
    ) -> None:
        self._source = source
        self._cache = cache
        self._upstreams = upstreams
        self._health = health
        self._patience = patience
        self._resting = resting
        self._clock = clock
        self._timeout_s = timeout_s
        self._wishes = wishes
        self._failures = RecentFailures(clock)
        self._decoder = msgspec.msgpack.Decoder(Stored)
        self._ahead: float | None = None

    def ahead(self, share: float) -> Answers:
        """The same, for whoever makes answers before they are needed: what has no more than `share` of its
        fresh time left is fetched anew and waited for.
        """
        ahead = copy(self)
        ahead._ahead = share
        return ahead

    async def forget(self, transport_hash: str) -> None:
        """Lets go of all that the addon of that address said."""
        await self._cache.invalidate(addon_tag(transport_hash))

    async def ask(self, addon: Addon, path: ResourcePath, *, deadline: Deadline) -> Kept:
        """The answer kept or fetched. The fetch outlives `deadline` and fills the cache when it ends.

        Raises AddonTimedOut at the deadline, and long before for an addon that keeps being late.
        """
        key = f"{addon.transport_hash}:{canonical_key(path)}"

        async def load() -> Loaded:
            return await self._load(key, addon, path)

        try:
            lookup = await self._lookup(key, load, self._wait_s(addon, deadline))
        except LoadTimedOut as error:
            raise AddonTimedOut(NOT_YET) from error
        stored = self._decoder.decode(lookup.entry.value)
        freshness = freshness_of(lookup, self._clock.time())
        return Kept(stored.kind, stored.items, stored.meta, freshness, lookup.state)

    def _wait_s(self, addon: Addon, deadline: Deadline) -> float:
        """Nobody waits long for whoever is asked only to see whether it answers again."""
        if self._resting.took_back(addon.id):
            self._upstreams.forget(addon.transport_hash)
            self._patience.forget(addon.transport_hash)
            self._failures.forget(f"{addon.transport_hash}:")
        most_s = max(0.0, deadline.remaining_s - _SPARE_S)
        if not self._upstreams.trusts(addon.transport_hash):
            most_s = min(most_s, BRIEF_S)
        return self._patience.wait_s(addon.transport_hash, most_s)

    async def _lookup(self, key: str, load: Load, wait_s: float) -> Lookup:
        if self._ahead is None:
            return await self._cache.get_or_load(key, load, wait_s=wait_s)
        return await self._cache.get_ahead(key, load, share=self._ahead, wait_s=wait_s)

    async def _load(self, key: str, addon: Addon, path: ResourcePath) -> Loaded:
        rests_s = self._resting.rests_s(addon.id, path.resource)
        if rests_s is not None:
            raise AddonResting(
                "It failed again and again, and rests until it answers.", retry_after_s=rests_s
            )
        self._failures.raise_for(key)
        began = self._clock.monotonic()

        def late(after_s: float) -> None:
            self._note(addon, path, began, error=AddonTimedOut(f"It had not answered after {after_s:g} s."))

        watch = self._patience.watch(addon.transport_hash, path.resource, late)
        try:
            answer = await self._fetch(addon, path, watch)
        except EXPECTED as error:
            if not knows_nothing(path, error):
                told = described(error)
                # A late call has been told of when it became late.
                if not isinstance(error, RESTING) and not watch.late:
                    self._note(addon, path, began, error=told)
                self._failures.remember(key, told)
                raise told from error
            answer = AddonAnswer(path.resource)
        finally:
            watch.stop()
        watch.answered()
        items = read_items(path.resource, answer.items)
        self._note(addon, path, began, items=len(items), empty=_is_empty(path, items, answer))
        return self._loaded(addon, path, items, answer)

    def _loaded(
        self, addon: Addon, path: ResourcePath, items: tuple[Item, ...], answer: AddonAnswer
    ) -> Loaded:
        """The answer ready to keep, lives cut down to what the addon allows."""
        meta = None if answer.meta is None else bytes(answer.meta)
        goes_on = any(name == "skip" for name, _ in path.extra)
        builtin = addon.transport_url.startswith(BUILTIN_SCHEME)
        personal = answer.cache.private or (path.resource in _LISTS and is_personal(addon))
        wish = self._wishes.of(path, personal=personal)
        if not (items or meta is not None or goes_on or builtin):
            wish = EMPTY
        fresh_s, stale_s, error_s = answer.cache.at_most(wish.fresh_s, wish.stale_s, wish.error_s)
        return Loaded(
            msgspec.msgpack.encode(Stored(answer.kind, items, meta)),
            Lives(fresh_s, stale_s, error_s),
            tags=(addon_tag(addon.transport_hash),),
            store=answer.cache.stored,
        )

    async def _fetch(self, addon: Addon, path: ResourcePath, watch: Watch) -> AddonAnswer:
        async def asked(until: Deadline) -> AddonAnswer:
            watch.start()
            return await self._source.resource(addon.transport_url, path, deadline=until)

        upstream = self._upstreams.get(addon.transport_hash)
        return await upstream.call(asked, deadline=Deadline.after(self._clock, self._timeout_s))

    def _note(
        self,
        addon: Addon,
        path: ResourcePath,
        began: float,
        *,
        items: int = 0,
        empty: bool = False,
        error: HeadgateError | None = None,
    ) -> None:
        self._health.note(
            HealthObservation(
                addon_id=addon.id,
                operation=path.resource,
                ok=error is None,
                latency_ms=(self._clock.monotonic() - began) * 1000,
                at=self._clock.time(),
                items=items,
                empty=empty,
                # Words somebody searched for are nobody's business later, and a first page is a lighter one.
                path="" if path.extra else encode_resource_path(path),
                error=None if error is None else str(error),
            )
        )


def _is_empty(path: ResourcePath, items: tuple[Item, ...], answer: AddonAnswer) -> bool:
    """It has nothing, where that is not simply the end of a row or nothing that anybody's words fit."""
    return not (items or answer.meta is not None or path.extra)
