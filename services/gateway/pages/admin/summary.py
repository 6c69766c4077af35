"""What every process said about its parts, drawn together by service for people to read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from libs.common.settings import INNER_SERVICES
from libs.common.states import (
    BreakerPhase,
    BreakerState,
    CacheState,
    HubState,
    InstancePhase,
    InstanceState,
    LimitState,
    LoadState,
    PoolState,
    ProcessState,
    RedisState,
    RefusalState,
)
from services.gateway.pages.draw import BarPart, bar

T = TypeVar("T")

BREAKERS_SHOWN: Final = 100
"""Those that are not closed come first; a public hub has one for each addon of everybody."""
REFUSALS_SHOWN: Final = 20

SLOW_LAG_S: Final = 0.05
BAD_LAG_S: Final = 0.25
"""From here on everybody feels that a process is late for everything."""
SLOW_QUEUE_S: Final = 0.25
BAD_QUEUE_S: Final = 1.0
"""For a password that is checked, or a row that is written, people wait a little longer without a thought."""

_BREAKERS: Final[dict[BreakerPhase, int]] = {"closed": 0, "half_open": 1, "open": 2}
_INSTANCES: Final[dict[InstancePhase, int]] = {"up": 0, "draining": 1, "failing": 2, "ejected": 3}


@dataclass(frozen=True, slots=True)
class Breaker:
    """One upstream as all processes of a service see it: the worst of them counts."""

    service: str
    worst: BreakerState
    not_closed: int
    seen_by: int

    @property
    def is_addon(self) -> bool:
        """An addon somebody added, which may be away without the hub being unwell."""
        return self.worst.name not in INNER_SERVICES


@dataclass(frozen=True, slots=True)
class CacheShare:
    """`bar` lays what memory, then Redis, answered along all that was asked."""

    service: str
    name: str
    entries: int
    bytes: int
    hits: int
    stale: int
    asked: int
    coalesced: int
    evictions: int
    bar: tuple[BarPart, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    service: str
    kind: str
    name: str
    in_use: int
    idle: int
    waiting: int
    bar: tuple[BarPart, ...]


@dataclass(frozen=True, slots=True)
class LimitShare:
    name: str
    rule: str
    admitted: int
    refused: int
    where: str
    bar: tuple[BarPart, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    processes: tuple[ProcessState, ...]
    breakers: tuple[Breaker, ...]
    breakers_closed: int
    breakers_all: int
    instances: tuple[InstanceState, ...]
    caches: tuple[CacheShare, ...]
    pools: tuple[Pool, ...]
    redis: tuple[RedisState, ...]
    is_well: bool


def summary_of(state: HubState) -> Summary:
    breakers = breakers_of(state.processes)
    instances = instances_of(state.processes)
    redis = tuple({one.role: one for process in state.processes for one in process.redis}.values())
    is_well = not (
        state.partial
        or any(breaker.not_closed for breaker in breakers if not breaker.is_addon)
        or any(instance.state in ("failing", "ejected") for instance in instances)
        or any(not one.up or one.warnings for one in redis)
        or any(process.warnings or load_tone(process.load) == "failing" for process in state.processes)
    )
    processes = tuple(sorted(state.processes, key=lambda process: (process.service, process.instance)))
    caches, pools = caches_of(state.processes), pools_of(state.processes)
    return Summary(
        processes=processes,
        breakers=breakers[:BREAKERS_SHOWN],
        breakers_closed=sum(not breaker.not_closed for breaker in breakers),
        breakers_all=len(breakers),
        instances=instances,
        caches=caches,
        pools=pools,
        redis=redis,
        is_well=is_well,
    )


def breakers_of(processes: Sequence[ProcessState]) -> tuple[Breaker, ...]:
    """What is not closed comes first."""
    found = [
        _worst_breaker(service, group)
        for (service, _), group in _by_name((p.service, b.name, b) for p in processes for b in p.breakers)
    ]
    return tuple(sorted(found, key=lambda one: -_BREAKERS[one.worst.state]))


def instances_of(processes: Sequence[ProcessState]) -> tuple[InstanceState, ...]:
    """Each instance once, as whoever thinks worst of it sees it."""
    found = [
        max(group, key=lambda one: _INSTANCES[one.state])
        for _, group in _by_name((one.service, one.id, one) for p in processes for one in p.instances)
    ]
    return tuple(found)


def caches_of(processes: Sequence[ProcessState]) -> tuple[CacheShare, ...]:
    return tuple(
        _cache_share(service, name, group)
        for (service, name), group in _by_name((p.service, c.name, c) for p in processes for c in p.caches)
    )


def pools_of(processes: Sequence[ProcessState]) -> tuple[Pool, ...]:
    return tuple(
        _pool(service, group)
        for (service, _), group in _by_name(
            (p.service, f"{pool.kind} {pool.name}", pool) for p in processes for pool in p.pools
        )
    )


def limits_of(processes: Sequence[ProcessState]) -> tuple[LimitShare, ...]:
    """The gateways' limits, counted together, in the order in which a process names them."""
    names = list(dict.fromkeys(limit.name for process in processes for limit in process.limits))
    return tuple(
        _limit_share([limit for process in processes for limit in process.limits if limit.name == name])
        for name in names
    )


def refusals_of(processes: Sequence[ProcessState]) -> tuple[RefusalState, ...]:
    """Whom all gateways refused last, the latest first; who was refused at two is one, counted together."""
    found: dict[tuple[str, ...], RefusalState] = {}
    for told in (one for process in processes for one in process.refusals):
        key = (told.tier, told.limit, told.account_id, told.network)
        other = found.setdefault(key, told)
        if other is not told:
            at, times = max(told.at, other.at), told.times + other.times
            found[key] = msgspec.structs.replace(told, at=at, times=times)
    return tuple(sorted(found.values(), key=lambda one: one.at, reverse=True)[:REFUSALS_SHOWN])


def load_tone(load: LoadState) -> str:
    """The state's short name, as styled."""
    if load.lag_s >= BAD_LAG_S or load.queued_s >= BAD_QUEUE_S:
        return "failing"
    return "slow" if load.lag_s >= SLOW_LAG_S or load.queued_s >= SLOW_QUEUE_S else "ok"


def _by_name(triples: Iterable[tuple[str, str, T]]) -> list[tuple[tuple[str, str], list[T]]]:
    """Grouped by service and name, in their order."""
    groups: dict[tuple[str, str], list[T]] = {}
    for service, name, one in triples:
        groups.setdefault((service, name), []).append(one)
    return sorted(groups.items(), key=lambda pair: pair[0])


def _worst_breaker(service: str, breakers: Sequence[BreakerState]) -> Breaker:
    worst = max(breakers, key=lambda one: _BREAKERS[one.state])
    return Breaker(service, worst, sum(one.state != "closed" for one in breakers), len(breakers))


def _cache_share(service: str, name: str, caches: Sequence[CacheState]) -> CacheShare:
    memory, redis = sum(c.hits_memory for c in caches), sum(c.hits_redis for c in caches)
    asked = memory + redis + sum(c.misses for c in caches)
    return CacheShare(
        service=service,
        name=name,
        entries=sum(c.entries for c in caches),
        bytes=sum(c.bytes for c in caches),
        hits=memory + redis,
        stale=sum(c.stale for c in caches),
        asked=asked,
        coalesced=sum(c.coalesced for c in caches),
        evictions=sum(c.evictions for c in caches),
        bar=bar([("From memory", memory), ("From Redis", redis)], asked),
    )


def _pool(service: str, pools: Sequence[PoolState]) -> Pool:
    in_use, idle = sum(p.in_use for p in pools), sum(p.idle for p in pools)
    return Pool(
        service=service,
        kind=pools[0].kind,
        name=pools[0].name,
        in_use=in_use,
        idle=idle,
        waiting=sum(p.waiting for p in pools),
        bar=bar([("In use", in_use)], in_use + idle),
    )


def _limit_share(limits: Sequence[LimitState]) -> LimitShare:
    admitted, refused = sum(one.admitted for one in limits), sum(one.refused for one in limits)
    return LimitShare(
        name=limits[0].name,
        rule=limits[0].rule,
        admitted=admitted,
        refused=refused,
        where="memory" if any(one.where == "memory" for one in limits) else "redis",
        bar=bar([("Refused", refused)], admitted + refused),
    )
