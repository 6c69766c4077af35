"""Instances that register themselves in a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from libs.common.balance.registry import PREFIX, Pace, Registry
from libs.common.clock import SystemClock
from libs.common.graph import open_registry
from libs.common.ground import Ground
from libs.common.health import Health
from libs.common.metrics import Metrics
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis
from libs.common.report.reporter import Reporter
from libs.common.settings import CommonSettings
from libs.common.sojourn import Sojourns
from libs.common.states import LoadState
from libs.common.status import Status
from libs.common.tasks import Tasks
from tests import servers
from tests.fakes.settings import common_settings
from tests.waiting import until

A, B = "http://10.0.0.1:80", "http://10.0.0.2:80"


HASTY = Pace(beat_s=0.2, look_s=0.1, gone_s=0.6)
"""A tenth of the times: Redis' own clock can't be moved."""

PATIENT = Pace(look_s=0.1)
"""Beside an app, whose heartbeats are the usual ones."""


@dataclass
class Process:
    """One that takes part; `die` ends its heartbeats without a word."""

    registry: Registry
    tasks: Tasks

    async def die(self) -> None:
        await self.tasks.aclose()


@asynccontextmanager
async def process(url: str, pace: Pace = HASTY) -> AsyncIterator[Process]:
    redis, tasks, clock = make_redis(url), Tasks(), SystemClock()
    registry = Registry(StateRedis(redis, clock, used_for="instances"), clock=clock, tasks=tasks, pace=pace)
    registry.watch("catalog")
    registry.start()
    try:
        yield Process(registry, tasks)
    finally:
        await tasks.aclose()
        await redis.aclose()


async def known_to(registry: Registry, *urls: str) -> None:
    async def are_known() -> bool:
        return registry.known("catalog") == set(urls)

    await until(are_known)


async def test_instances_come_and_go(redis_url: str) -> None:
    async with process(redis_url) as one, process(redis_url) as two:
        told: list[set[str]] = []
        one.registry.watch("catalog", lambda urls: told.append(set(urls)))
        one.registry.register("catalog", A)
        two.registry.register("catalog", B)
        await known_to(one.registry, A, B)
        assert one.registry.count("catalog") == 2
        assert told[-1] == {A, B}
        await two.registry.withdraw()
        await known_to(one.registry, A)


async def test_one_that_died_is_gone_when_its_heartbeats_are(redis_url: str) -> None:
    async with process(redis_url) as one, process(redis_url) as two:
        one.registry.register("catalog", A)
        two.registry.register("catalog", B)
        await known_to(one.registry, A, B)
        await two.die()
        await known_to(one.registry, A)


async def test_a_successor_at_the_same_address_outlives_the_end_of_its_forerunner(redis_url: str) -> None:
    async with process(redis_url) as old, process(redis_url) as new, process(redis_url) as other:
        old.registry.register("catalog", A)
        other.registry.register("catalog", B)
        new.registry.register("catalog", A)
        seen: list[set[str]] = []
        await known_to(other.registry, A, B)
        other.registry.watch("catalog", lambda urls: seen.append(set(urls)))
        await old.registry.withdraw()
        await other.registry.look()
        assert seen == [{A, B}]


async def test_while_redis_is_away_the_last_list_stays_and_no_restart_empties_it() -> None:
    with servers.redis_server() as redis:
        async with process(redis.url) as one, process(redis.url) as two:
            one.registry.register("catalog", A)
            two.registry.register("catalog", B)
            await known_to(one.registry, A, B)
            told: list[set[str]] = []
            one.registry.watch("catalog", lambda urls: told.append(set(urls)))
            redis.kill()

            async def is_noticed() -> bool:
                return one.registry._redis.out

            await until(is_noticed)
            redis.start()

            async def both_are_back() -> bool:
                return await asyncio.to_thread(redis.command, "ZCARD", PREFIX + "catalog") == "2"

            await until(both_are_back)
            assert one.registry.known("catalog") == {A, B}
            assert told == [{A, B}]
            await two.registry.withdraw()
            await known_to(one.registry, A)


async def test_that_nobody_is_left_is_not_believed(redis_url: str) -> None:
    async with process(redis_url) as one, process(redis_url) as two:
        two.registry.register("catalog", B)
        await known_to(one.registry, B)
        await two.registry.withdraw()
        await one.registry.look()
        assert one.registry.known("catalog") == {B}


async def test_what_is_no_address_is_not_asked(redis_url: str, redis_server: servers.RedisServer) -> None:
    async with process(redis_url) as one:
        await asyncio.to_thread(
            redis_server.command, "ZADD", PREFIX + "catalog", "99999999999", "file:///etc/passwd x"
        )
        one.registry.register("catalog", A)
        await known_to(one.registry, A)


async def test_who_has_heard_of_nobody_counts_itself(redis_url: str) -> None:
    async with process(redis_url) as one:
        assert one.registry.count("gateway") == 1


def ground_of(settings: CommonSettings) -> Ground:
    clock, metrics = SystemClock(), Metrics(settings.service)
    idle = LoadState(lag_s=0, in_flight=0, limit=1, limit_max=1)
    status = Status(settings.service, version="0", load=lambda: idle, metrics=metrics, clock=clock)
    health = Health()
    reporter = Reporter(status, health, metrics, settings.env.told)
    return Ground(settings, clock, metrics, health, status, Sojourns(clock, metrics), reporter)


async def test_an_app_is_registered_from_when_it_listens_until_it_drains(
    redis_url: str, tmp_path: Path
) -> None:
    settings = common_settings(tmp_path, service="catalog", HEADGATE_REDIS_URL=redis_url)
    ground = ground_of(settings)
    async with process(redis_url, PATIENT) as other, ground.stack:
        other.registry.register("catalog", B)
        await known_to(other.registry, B)
        registry = open_registry(ground)
        assert registry is not None
        ground.health.set_listening(8082)
        await known_to(other.registry, "http://127.0.0.1:8082", B)
        ground.health.set_draining()
        await known_to(other.registry, B)


async def test_an_app_that_nobody_can_reach_is_not_registered(redis_url: str, tmp_path: Path) -> None:
    settings = common_settings(tmp_path, service="catalog", HEADGATE_REDIS_URL=redis_url)
    ground = ground_of(settings)
    async with process(redis_url, PATIENT) as other, ground.stack:
        open_registry(ground)
        ground.health.set_listening(0)
        other.registry.register("catalog", B)
        await known_to(other.registry, B)


async def test_without_redis_there_is_no_registry(tmp_path: Path) -> None:
    ground = ground_of(common_settings(tmp_path))
    async with ground.stack:
        assert open_registry(ground) is None
