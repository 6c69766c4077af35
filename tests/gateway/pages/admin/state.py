"""A hub's state as a test sets it: five services, one of them twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from libs.common.states import (
    BreakerState,
    CacheState,
    HubState,
    InstanceState,
    LimitState,
    LoadState,
    PoolState,
    ProcessState,
    RedisState,
    RefusalState,
)

AT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


def process(service: str, instance: str = "1", **changes: object) -> ProcessState:
    base = ProcessState(
        service=service,
        instance=f"{service}-{instance}",
        version="0.1.0",
        uptime_s=93_600,
        rss_bytes=84_000_000,
        load=LoadState(lag_s=0.0012, in_flight=3, limit=200, limit_max=400),
    )
    return msgspec.structs.replace(base, **changes)


def cache(name: str, **changes: object) -> CacheState:
    base = CacheState(
        name=name,
        entries=812,
        bytes=3_400_000,
        hits_memory=600,
        hits_redis=200,
        stale=12,
        misses=200,
        coalesced=40,
        evictions=0,
    )
    return msgspec.structs.replace(base, **changes)


def well() -> HubState:
    """Everything answers."""
    gateway = process(
        "gateway",
        breakers=tuple(
            BreakerState(name=name, state="closed") for name in ("auth", "catalog", "streaming", "sync")
        ),
        instances=(
            InstanceState(
                service="catalog", id="catalog-1", address="http://10.0.0.4:8082", state="up", outstanding=2
            ),
            InstanceState(service="catalog", id="catalog-2", address="http://10.0.0.5:8082", state="up"),
        ),
        limits=(
            LimitState(
                name="account",
                rule="10/s burst 20; 100000/d; outage local",
                admitted=9000,
                refused=1000,
                where="redis",
            ),
            LimitState(name="anonymous", rule="5/s burst 10", admitted=40, refused=0, where="redis"),
        ),
        refusals=(
            RefusalState(at=AT, tier="free", limit="account", account_id="acc1", times=3),
            RefusalState(
                at=AT - timedelta(minutes=2), tier="anonymous", limit="address", network="192.0.2.1"
            ),
        ),
        caches=(cache("responses"), cache("callers", hits_redis=0)),
        redis=(
            RedisState(
                role="cache",
                up=True,
                memory_bytes=48_000_000,
                memory_limit_bytes=256_000_000,
                evicted_keys=1800,
                policy="allkeys-lru",
                kept_on_disk=False,
            ),
            RedisState(role="state", up=True, memory_bytes=2_000_000, policy="noeviction", kept_on_disk=True),
        ),
    )
    catalog = tuple(
        process(
            "catalog",
            number,
            caches=(cache("catalogs"),),
            pools=(PoolState(kind="database", name="catalog", in_use=1, idle=4, waiting=0),),
        )
        for number in ("1", "2")
    )
    return HubState(at=AT, partial=False, processes=(gateway, *catalog, process("auth")))
