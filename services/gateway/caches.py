"""The caches of the whole hub, drawn together over all processes, and cleared in all of them."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec
import structlog

from libs.common.contracts.client import RawAnswer
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.states import CacheState, Cleared, Clearing, HubState, KeysState, KeyState, MissingProcess
from libs.common.status import Status
from libs.common.web import caches
from services.gateway.hub_state import WITHIN_S, HubStates

CLEARED_WITHIN_S = 10.0
KEYS_SHOWN = 20

log = structlog.get_logger(__name__)


class CacheView(msgspec.Struct, frozen=True, kw_only=True):
    """One cache over all processes of its service. Counts run since the start of each.

    `saved` is how many answers needed no load of their own; `hit_rate` is of all that was asked, old answers
    included. `keys` are what is asked for most, told without ids, tokens or passwords.
    """

    service: str
    name: str
    processes: int
    entries: int
    bytes: int
    asked: int
    hits_memory: int
    hits_redis: int
    stale: int
    misses: int
    coalesced: int
    loads: int
    load_errors: int
    saved: int
    evictions: int
    hit_rate: float
    keys: tuple[KeyState, ...] = ()


class CachesView(msgspec.Struct, frozen=True, kw_only=True):
    """`partial` when some processes gave no account in time, who are `missing`."""

    at: datetime
    partial: bool
    items: tuple[CacheView, ...]
    missing: tuple[MissingProcess, ...] = ()


class ClearedView(msgspec.Struct, frozen=True, kw_only=True):
    """`entries` were in the memory of processes; what Redis held besides is gone as well."""

    entries: int
    missing: tuple[MissingProcess, ...] = ()


class HubCaches:
    def __init__(self, own: Status, states: HubStates) -> None:
        self._own = own
        self._states = states

    async def view(self, *, deadline: Deadline) -> CachesView:
        state = await self._states.gather(deadline=deadline)
        told = await self._states.told("GET", caches.PATH, deadline=deadline.sooner(WITHIN_S))
        keys = {(one.service, one.instance, one.cache): one for one in caches.keys_of(self._own)}
        for _, answer in told:
            for one in _keys_of(answer):
                keys[one.service, one.instance, one.cache] = one
        return CachesView(
            at=state.at, partial=state.partial, items=_views(state, keys.values()), missing=state.missing
        )

    async def clear(self, wanted: Clearing, identity: Identity, *, deadline: Deadline) -> ClearedView:
        """In every process, since without Redis they don't hear of each other."""
        entries = (await caches.clear(self._own, wanted)).entries
        until = deadline.sooner(CLEARED_WITHIN_S)
        told = await self._states.told("POST", caches.PATH, deadline=until, body=msgspec.json.encode(wanted))
        missing = list[MissingProcess]()
        for instance, answer in told:
            if isinstance(answer, HeadgateError):
                missing.append(
                    MissingProcess(service=instance.service, instance=instance.address, reason=str(answer))
                )
            else:
                entries += msgspec.json.decode(answer.body, type=Cleared).entries
        what = [name for name in ("key", "tag", "all") if getattr(wanted, name)]
        log.info(
            "caches_cleared",
            cache=wanted.cache,
            what=what,
            entries=entries,
            missing=len(missing),
            by=identity.account_id,
        )
        return ClearedView(entries=entries, missing=tuple(missing))


def _keys_of(answer: RawAnswer | HeadgateError) -> tuple[KeysState, ...]:
    if isinstance(answer, RawAnswer):
        with suppress(msgspec.DecodeError):  # while versions differ, as during an upgrade
            return msgspec.json.decode(answer.body, type=tuple[KeysState, ...])
    return ()


def _views(state: HubState, keys: Iterable[KeysState]) -> tuple[CacheView, ...]:
    groups: dict[tuple[str, str], list[CacheState]] = {}
    for process in state.processes:
        for cache in process.caches:
            groups.setdefault((process.service, cache.name), []).append(cache)
    asked_for: dict[tuple[str, str], list[KeyState]] = {}
    for one in keys:
        asked_for.setdefault((one.service, one.cache), []).extend(one.keys)
    return tuple(
        _view(service, name, group, _together(asked_for.get((service, name), ())))
        for (service, name), group in sorted(groups.items())
    )


def _view(service: str, name: str, group: Sequence[CacheState], keys: tuple[KeyState, ...]) -> CacheView:
    hits_memory, hits_redis = sum(one.hits_memory for one in group), sum(one.hits_redis for one in group)
    stale, loads = sum(one.stale for one in group), sum(one.loads for one in group)
    asked = hits_memory + hits_redis + stale + sum(one.misses for one in group)
    return CacheView(
        service=service,
        name=name,
        processes=len(group),
        entries=sum(one.entries for one in group),
        bytes=sum(one.bytes for one in group),
        asked=asked,
        hits_memory=hits_memory,
        hits_redis=hits_redis,
        stale=stale,
        misses=asked - hits_memory - hits_redis - stale,
        coalesced=sum(one.coalesced for one in group),
        loads=loads,
        load_errors=sum(one.load_errors for one in group),
        saved=max(0, asked - loads),
        evictions=sum(one.evictions for one in group),
        hit_rate=round((hits_memory + hits_redis + stale) / asked, 4) if asked else 0.0,
        keys=keys,
    )


def _together(keys: Iterable[KeyState]) -> tuple[KeyState, ...]:
    """A key that several processes hold is one, with the hits of all and the newest answer."""
    found: dict[str, KeyState] = {}
    for key in keys:
        other = found.get(key.id)
        if other is not None:
            newest = min(key, other, key=lambda one: one.age_s)
            key = msgspec.structs.replace(newest, hits=key.hits + other.hits)  # noqa: PLW2901  the sum of both
        found[key.id] = key
    return tuple(sorted(found.values(), key=lambda one: -one.hits)[:KEYS_SHOWN])
