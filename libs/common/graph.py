"""What services open at start in the same words; the ground's stack closes it, the last opened first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from libs.common.balance.addresses import advertised_url
from libs.common.balance.registry import Registry
from libs.common.balance.service import Balancing
from libs.common.cache import Cache
from libs.common.contracts.client import ServiceClient
from libs.common.db import Database, open_database
from libs.common.db.checks import check_key, check_version
from libs.common.db.history import History
from libs.common.db.migrate import upgrade
from libs.common.db.standing import migrations_of
from libs.common.ground import Ground
from libs.common.http import ClientSession, Fetcher, Guard, make_session
from libs.common.http.figures import watch_connections
from libs.common.identity import IdentitySigner
from libs.common.redis import make_redis
from libs.common.redis.figures import RedisFigures, Role
from libs.common.resilience import Breaker
from libs.common.secrets import SecretBox
from libs.common.settings import key_file
from libs.common.states import BreakerState, InstanceState, RedisState
from libs.common.tasks import Tasks

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from libs.common.redis.client import StateRedis


async def open_own_database(ground: Ground, *, required: bool = True) -> Database:
    """The service's database, migrated to now; the service is ready while it answers and has its tables.

    Not `required`: it starts only with its database, and goes on without.
    """
    service = ground.settings.service
    url = ground.settings.database_url_for(service)
    await upgrade(url, service=service)
    database = await open_database(
        url,
        schema=service,
        clock=ground.clock,
        metrics=ground.metrics,
        sojourns=ground.sojourns,
        statements=ground.reporter.statements,
    )
    ground.stack.push_async_callback(database.aclose)

    history = History.of(service)
    ground.health.add("database", lambda: check_version(database, history), required=required)
    ground.reporter.migrations = lambda: migrations_of(database, history)
    return database


async def open_box(ground: Ground, database: Database) -> SecretBox:
    """What seals the columns of `database`. Raises StartupRefused if another key sealed them."""
    settings = ground.settings
    box = SecretBox(settings.secret_key)
    await check_key(database, box, service=settings.service, key_file=key_file(settings.data_dir))
    return box


def open_cache_redis(ground: Ground) -> Redis | None:
    """What the caches of one service share with other replicas; None where there is one replica.

    Without it the service goes on alone, so its check only warns.
    """
    url = ground.settings.redis_cache_url
    return _open_redis(ground, url, "redis" if url == ground.settings.redis_url else "redis_cache")


def open_state_redis(ground: Ground, *, used_for: str) -> StateRedis | None:
    """What replicas decide things by (limits, blocks, instances); None where there is one replica.

    It is to keep what it holds: `noeviction`, and written to disk. Without it each replica decides alone.
    """
    url = ground.settings.redis_url
    redis = _open_redis(ground, url, "redis" if url == ground.settings.redis_cache_url else "redis_state")
    if redis is None:
        return None
    from libs.common.redis.client import StateRedis  # noqa: PLC0415  loaded where there is a Redis

    return StateRedis(redis, ground.clock, used_for=used_for)


def _open_redis(ground: Ground, url: str, name: str) -> Redis | None:
    if not url:
        return None
    redis = make_redis(url)
    ground.stack.push_async_callback(redis.aclose)

    async def answers() -> None:
        await redis.ping()

    ground.health.add(name, answers, required=False)
    return redis


def watch_redis(ground: Ground) -> None:
    """Tell how the servers of both roles are. One service does it for all, by connections of its own."""
    urls: dict[Role, str] = {"cache": ground.settings.redis_cache_url, "state": ground.settings.redis_url}
    for role, url in urls.items():
        if not url:
            continue
        redis = make_redis(url)
        ground.stack.push_async_callback(redis.aclose)
        figures = RedisFigures(redis, role, metrics=ground.metrics)
        figures.start(ground.tasks, ground.clock)
        ground.status.add(RedisState, figures.states)


async def open_cache(
    ground: Ground,
    redis: Redis | None,
    name: str,
    *,
    max_bytes: int,
    version: int = 1,
    near: bool = False,
) -> Cache:
    """A started cache, which the app's status tells of."""
    cache = Cache(
        name,
        clock=ground.clock,
        tasks=ground.tasks,
        metrics=ground.metrics,
        max_bytes=max_bytes,
        redis=redis,
        version=version,
        near=near,
    )
    await cache.start()
    ground.stack.push_async_callback(cache.aclose)
    ground.status.desks[name] = cache.desk
    return cache


def open_registry(ground: Ground, *, state: StateRedis | None = None) -> Registry | None:
    """Who else is there; this app is told of to the others from when it listens until it drains.

    None without Redis. With `state` it shares those connections, though not the patience with them.
    """
    if state is not None:
        from libs.common.redis.client import StateRedis  # noqa: PLC0415  loaded where there is a Redis

        redis: StateRedis | None = StateRedis(state.redis, ground.clock, used_for="instances")
    else:
        redis = open_state_redis(ground, used_for="instances")
    if redis is None:
        return None
    settings, tasks = ground.settings, Tasks()
    registry = Registry(redis, clock=ground.clock, tasks=tasks)
    ground.stack.push_async_callback(tasks.aclose)
    ground.stack.push_async_callback(registry.withdraw)
    registry.start()

    def join(port: int) -> None:
        url = settings.advertise_url or advertised_url(settings.host, port)
        if url:
            registry.register(settings.service, url)

    def leave() -> None:
        tasks.spawn("withdraw_instance", registry.withdraw())

    ground.health.when_listening(join)
    ground.health.when_draining(leave)
    return registry


async def open_session(ground: Ground, pool: str, guard: Guard, *, bounded: bool = True) -> ClientSession:
    """Connections to servers out there, which the metrics tell as those of `pool`.

    Not `bounded`: as many as are wanted.
    """
    made = make_session(guard=guard) if bounded else make_session(guard=guard, limit=0, limit_per_host=0)
    session = await ground.stack.enter_async_context(made)
    watch_connections(lambda: [session], pool, ground.metrics)
    return session


async def open_fetcher(ground: Ground, pool: str, guard: Guard) -> Fetcher:
    return Fetcher(await open_session(ground, pool, guard), guard, ground.clock)


async def open_service(ground: Ground, name: str, *, registry: Registry | None) -> ServiceClient:
    """The client of another service, calls signed with the hub's key, all through one breaker.

    The app's status tells how that breaker and the service's instances are.
    """
    settings, clock, metrics = ground.settings, ground.clock, ground.metrics
    # A service that restarts is back in a second or two, so it is asked again soon.
    breaker = Breaker(name, clock=clock, reset_s=1.0, max_reset_s=10.0, metrics=metrics)
    connected = ServiceClient.connected(
        name,
        settings.service_urls[name],
        signer=IdentitySigner(settings.secret_key, clock),
        balancing=Balancing(clock=clock, metrics=metrics, registry=registry, hedge=settings.hedge),
        breaker=breaker,
    )
    client = await ground.stack.enter_async_context(connected)
    ground.status.add(BreakerState, client.breakers)
    ground.status.add(InstanceState, client.instances)
    return client
