"""What every process says about its parts, and what the gateway makes of all of them, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

BreakerPhase = Literal["closed", "half_open", "open"]
InstancePhase = Literal["up", "draining", "failing", "ejected"]


class BreakerState(msgspec.Struct, frozen=True, kw_only=True):
    """One upstream or service behind a breaker. `failures` in a row; refused for `retry_after_s` more."""

    name: str
    state: BreakerPhase
    failures: int = 0
    retry_after_s: float = 0.0
    in_flight: int = 0
    waiting: int = 0


class InstanceState(msgspec.Struct, frozen=True, kw_only=True):
    """One instance of a service as the asking process sees it; `ejected_until_s` counts from now."""

    service: str
    id: str
    address: str
    state: InstancePhase
    outstanding: int = 0
    ejected_until_s: float = 0.0
    ejections: int = 0
    failed_checks: int = 0


class LimitState(msgspec.Struct, frozen=True, kw_only=True):
    """One limit on requests since the start of the process. `rule` is the limit in words, as in settings."""

    name: str
    rule: str
    admitted: int = 0
    refused: int = 0
    where: str = "memory"
    """`redis` while replicas count together, `memory` while this process counts alone."""


class RefusalState(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom a limit refused, `at` the last of so many `times`: an account, or else a network."""

    at: datetime
    tier: str
    limit: str
    account_id: str = ""
    network: str = ""
    times: int = 1


class PoolState(msgspec.Struct, frozen=True, kw_only=True):
    """Connections: `kind` is `database` or `http`, `name` the role or where they lead."""

    kind: Literal["database", "http"]
    name: str
    in_use: int
    idle: int
    waiting: int


class CacheState(msgspec.Struct, frozen=True, kw_only=True):
    """Answers since the start of the process, by where they came from."""

    name: str
    entries: int
    bytes: int
    hits_memory: int
    hits_redis: int
    stale: int
    misses: int
    coalesced: int
    evictions: int
    loads: int = 0
    load_errors: int = 0


class KeyState(msgspec.Struct, frozen=True, kw_only=True):
    """A question that a process holds an answer to. `key` and `tags` are cut short: they hold no secret.

    `id` names the key for clearing it; `hits` counts since it came into this process' memory.
    """

    id: str
    key: str
    hits: int
    bytes: int
    age_s: float
    fresh_for_s: float
    tags: tuple[str, ...] = ()


class KeysState(msgspec.Struct, frozen=True, kw_only=True):
    """What one cache of one process is asked for most."""

    service: str
    instance: str
    cache: str
    keys: tuple[KeyState, ...]


class Clearing(msgspec.Struct, frozen=True, kw_only=True):
    """What to let go of: a key (itself or its `id`), what has a tag, all; of one cache or of each.

    Whatever is named goes; where nothing is named, nothing does.
    """

    cache: str = ""
    key: str = ""
    tag: str = ""
    all: bool = False


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries were in memory, in how many caches."""

    entries: int
    caches: int


class RedisState(msgspec.Struct, frozen=True, kw_only=True):
    """A Redis by its role. `policy` is its maxmemory-policy; `warnings` say what is wrong for that role."""

    role: Literal["cache", "state"]
    up: bool
    memory_bytes: int = 0
    memory_limit_bytes: int = 0
    evicted_keys: int = 0
    policy: str = ""
    kept_on_disk: bool | None = None
    warnings: tuple[str, ...] = ()


class LoadState(msgspec.Struct, frozen=True, kw_only=True):
    """How busy a process is. `shed` counts refused requests by priority; `limit` moves up to `limit_max`.

    `queued_s` is the least time that anybody has stood in the longest of its lines lately.
    """

    lag_s: float
    in_flight: int
    limit: int
    limit_max: int
    queued_s: float = 0.0
    shed: dict[str, int] = {}


class WarningState(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a process can go on without, and has not: the `reason` is for people."""

    name: str
    reason: str


class ProcessState(msgspec.Struct, frozen=True, kw_only=True):
    """One process of one service; in an embedded hub the services share `instance`, memory and loop."""

    service: str
    instance: str
    version: str
    uptime_s: float
    rss_bytes: int
    load: LoadState
    breakers: tuple[BreakerState, ...] = ()
    instances: tuple[InstanceState, ...] = ()
    limits: tuple[LimitState, ...] = ()
    refusals: tuple[RefusalState, ...] = ()
    """Whom its limits refused last, the latest first."""
    pools: tuple[PoolState, ...] = ()
    caches: tuple[CacheState, ...] = ()
    redis: tuple[RedisState, ...] = ()
    warnings: tuple[WarningState, ...] = ()


class MissingProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A service, or one instance of it, that gave no account of itself in time."""

    service: str
    instance: str
    reason: str


class HubState(msgspec.Struct, frozen=True, kw_only=True):
    """Every process that answered; `partial` when some did not, who are then `missing`."""

    at: datetime
    partial: bool
    processes: tuple[ProcessState, ...]
    missing: tuple[MissingProcess, ...] = ()
