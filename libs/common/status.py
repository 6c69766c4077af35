"""What one app says about its parts when asked: counted figures from its metrics, the rest from providers."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from libs.common.clock import Clock
from libs.common.health import rss_bytes
from libs.common.metrics import Metrics
from libs.common.states import (
    BreakerState,
    CacheState,
    InstanceState,
    KeyState,
    LimitState,
    LoadState,
    PoolState,
    ProcessState,
    RedisState,
    RefusalState,
    WarningState,
)

P = TypeVar("P", BreakerState, InstanceState, LimitState, RedisState, RefusalState, WarningState)
Provider: TypeAlias = Callable[[], Sequence[P]]


class CacheDesk(Protocol):
    """A cache as administrators have it; removals count everywhere, and give how many entries were here."""

    def most_asked(self, limit: int) -> tuple[KeyState, ...]: ...

    async def remove(self, wanted: str) -> int: ...

    async def remove_tag(self, wanted: str) -> int: ...

    async def clear(self) -> int: ...


class Status:
    """The state of one app. What holds state adds a provider, asked each time somebody wants to know."""

    def __init__(
        self, service: str, *, version: str, load: Callable[[], LoadState], metrics: Metrics, clock: Clock
    ) -> None:
        self._service = service
        self._version = version
        self._load = load
        self._metrics = metrics
        self._clock = clock
        self._started = clock.monotonic()
        self._providers: dict[type[object], list[Provider[Any]]] = {}
        self.desks: dict[str, CacheDesk] = {}
        """The app's caches by name."""

    def add(self, kind: type[P], provider: Provider[P]) -> None:
        """`provider` gives the present state of some parts of this kind; it must not wait."""
        self._providers.setdefault(kind, []).append(provider)

    def snapshot(self) -> ProcessState:
        return ProcessState(
            service=self._service,
            instance=f"{socket.gethostname()}/{os.getpid()}",
            version=self._version,
            uptime_s=round(self._clock.monotonic() - self._started, 1),
            rss_bytes=rss_bytes(),
            load=self._load(),
            breakers=self._told(BreakerState),
            instances=self._told(InstanceState),
            limits=self._told(LimitState),
            refusals=self._told(RefusalState),
            redis=self._told(RedisState),
            warnings=self._told(WarningState),
            pools=(*self._databases(), *self._connections()),
            caches=tuple(self._caches()),
        )

    def _told(self, kind: type[P]) -> tuple[P, ...]:
        return tuple(part for provider in self._providers.get(kind, ()) for part in provider())

    def _by(self, label: str, name: str) -> dict[str, int]:
        """The figures of one metric by the value of its only label."""
        return {labels[label]: int(value) for labels, value in self._metrics.values(name)}

    def _databases(self) -> list[PoolState]:
        idle, waiting = self._by("role", "db_pool_idle_connections"), self._by("role", "db_pool_waiting")
        return [
            PoolState(
                kind="database", name=role, in_use=size - idle[role], idle=idle[role], waiting=waiting[role]
            )
            for role, size in self._by("role", "db_pool_connections").items()
        ]

    def _connections(self) -> list[PoolState]:
        idle = self._by("pool", "http_client_idle_connections")
        waiting = self._by("pool", "http_client_waiting")
        return [
            PoolState(kind="http", name=pool, in_use=in_use, idle=idle[pool], waiting=waiting[pool])
            for pool, in_use in self._by("pool", "http_client_connections_in_use").items()
        ]

    def _caches(self) -> list[CacheState]:
        lookups: Counter[tuple[str, str]] = Counter()
        for labels, value in self._metrics.values("cache_lookups_total"):
            kind = f"hit_{labels['tier']}" if labels["state"] == "hit" else labels["state"]
            lookups[labels["cache"], kind] += int(value)
        size = self._by("cache", "cache_bytes")
        coalesced = self._by("cache", "cache_coalesced_total")
        evictions = self._by("cache", "cache_evictions_total")
        loads, errors = self._by("cache", "cache_loads_total"), self._by("cache", "cache_load_errors_total")
        return [
            CacheState(
                name=name,
                entries=entries,
                bytes=size[name],
                hits_memory=lookups[name, "hit_memory"],
                hits_redis=lookups[name, "hit_redis"],
                stale=lookups[name, "stale"],
                misses=lookups[name, "miss"] + lookups[name, "bypass"],
                coalesced=coalesced[name],
                evictions=evictions[name],
                loads=loads[name],
                load_errors=errors[name],
            )
            for name, entries in self._by("cache", "cache_entries").items()
        ]
