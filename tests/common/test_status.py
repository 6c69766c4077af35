"""The state of a service: counted figures from its metrics, parts from whoever holds them."""

from __future__ import annotations

from pathlib import Path

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from libs.common.cache import Cache, Lives, Loaded
from libs.common.contracts.client import SERVICE
from libs.common.db import open_database
from libs.common.http import make_session
from libs.common.http.figures import watch_connections
from libs.common.identity import Identity
from libs.common.states import BreakerState, PoolState, ProcessState
from libs.common.tasks import Tasks
from libs.common.web import STATUS
from libs.common.web.app import METRICS
from tests.common.web.service import endpoint, service, signed
from tests.fakes.clock import ManualClock


async def _state(client: TestClient[web.Request, web.Application], headers: dict[str, str]) -> ProcessState:
    answer = await client.get("/internal/state", headers=headers)
    return msgspec.json.decode(await answer.read(), type=ProcessState)


async def test_a_service_tells_other_services_how_it_is(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()]))
    clock.advance(90)
    state = await _state(client, signed(tmp_path, clock, SERVICE))
    assert (state.service, state.uptime_s) == ("auth", 90.0)
    assert state.rss_bytes > 1_000_000
    assert (state.load.in_flight, state.load.limit_max) == (1, 2000)


async def test_nobody_else_is_told(aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock) -> None:
    client = await aiohttp_client(service(tmp_path, clock, [endpoint()]))
    owner = signed(tmp_path, clock, Identity("acc1", "pro1", "premium", ("owner",)))
    assert (await client.get("/internal/state")).status == 403
    assert (await client.get("/internal/state", headers=owner)).status == 403


async def test_parts_are_asked_each_time(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    app: web.Application = service(tmp_path, clock, [endpoint()])
    found = [BreakerState(name="a1", state="open", failures=5, retry_after_s=3.0)]
    app[STATUS].add(BreakerState, lambda: found)
    client = await aiohttp_client(app)
    assert (await _state(client, signed(tmp_path, clock, SERVICE))).breakers == tuple(found)
    found.clear()
    assert (await _state(client, signed(tmp_path, clock, SERVICE))).breakers == ()


async def test_pools_and_caches_are_as_their_metrics_say(tmp_path: Path, clock: ManualClock) -> None:
    app = service(tmp_path, clock, [endpoint()])
    metrics = app[METRICS]
    tasks = Tasks()
    cache = Cache("answers", clock=clock, tasks=tasks, metrics=metrics)

    async def load() -> Loaded:
        return Loaded(b"x", Lives(fresh_s=60))

    await cache.get_or_load("key", load)
    await cache.get_or_load("key", load)
    database = await open_database(f"sqlite:///{tmp_path}/a.db", schema="auth", clock=clock, metrics=metrics)
    async with make_session() as session:
        watch_connections(lambda: [session], "addons", metrics)
        state = app[STATUS].snapshot()
    await database.aclose()
    await tasks.aclose()
    (held,) = state.caches
    assert (held.name, held.entries, held.hits_memory, held.misses) == ("answers", 1, 1, 1)
    assert PoolState(kind="http", name="addons", in_use=0, idle=0, waiting=0) in state.pools
    assert {pool.name for pool in state.pools if pool.kind == "database"} == {"reader", "writer"}
