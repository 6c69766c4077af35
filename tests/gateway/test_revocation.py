"""What is revoked at one gateway stops at the others, and cold look-ups of a token are one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web
from redis.asyncio import Redis

from libs.common.redis import make_redis
from services.gateway.identify import CSRF_HEADER, SESSION_COOKIE
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, SESSION_TOKEN, Canned, Inner, problem, resolved
from tests.waiting import until

MANIFEST = "/internal/stremio/manifest.json"
ADDRESS = f"/stremio/{INSTALL_TOKEN}/manifest.json"
INSTALLS = "/internal/auth/install-tokens/resolve"
SESSIONS = "/internal/auth/sessions/resolve"
LOGOUT = "/logout"
COOKIE = {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"}


async def until_true(condition: Callable[[], bool]) -> None:
    async def done() -> bool:
        return condition()

    await until(done)


async def rotate(gateway: Client, inner: Inner) -> None:
    headers = {"Authorization": f"Bearer {inner.access_token()}"}
    assert (await gateway.post("/api/v1/install-token/rotate", headers=headers)).status == 200


async def sign_out(gateway: Client) -> None:
    """As the page does: the form with its token, sent back with the cookies of this browser."""
    page = await gateway.get("/connect", headers=COOKIE)
    token = (await page.text()).partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = await gateway.post(
        LOGOUT, headers={**COOKIE, CSRF_HEADER: token}, data={"csrf_token": token}, allow_redirects=False
    )
    assert answer.status == 303


async def test_a_rotated_token_stops_at_every_gateway(start: Start, inner: Inner, redis_url: str) -> None:
    """The clock stands still: nothing here ends by its time."""
    inner.canned[MANIFEST] = Canned()
    here, there = [await start(HEADGATE_REDIS_URL=redis_url) for _ in range(2)]
    for gateway in (here, there, there):
        assert (await gateway.get(ADDRESS)).status == 200
    await rotate(here, inner)
    assert (await here.get(ADDRESS)).status == 404

    async def stopped() -> bool:
        return (await there.get(ADDRESS)).status == 404

    await until(stopped)


async def test_an_ended_session_ends_at_every_gateway(start: Start, inner: Inner, redis_url: str) -> None:
    here, there = [await start(HEADGATE_REDIS_URL=redis_url) for _ in range(2)]
    inner.canned["/api/v1/addons"] = Canned(b'{"items":[]}')
    for gateway in (here, there):
        assert (await gateway.get("/api/v1/addons", headers=COOKIE)).status == 200
    await sign_out(here)
    assert (await here.get("/api/v1/addons", headers=COOKIE)).status == 401

    async def stopped() -> bool:
        return (await there.get("/api/v1/addons", headers=COOKIE)).status == 401

    await until(stopped)


async def test_who_a_token_belongs_to_is_not_in_redis(start: Start, inner: Inner, redis_url: str) -> None:
    """Whoever can write there must not be able to make himself the owner."""
    gateway = await start(HEADGATE_REDIS_URL=redis_url)
    inner.canned[MANIFEST] = Canned()
    assert (await gateway.get(ADDRESS)).status == 200
    async with make_redis(redis_url) as redis:
        assert isinstance(redis, Redis)
        assert [key async for key in redis.scan_iter("*callers*:e:*")] == []


@pytest.mark.parametrize("redis", [True, False])
async def test_fifty_cold_look_ups_of_a_token_are_one(
    start: Start, inner: Inner, redis_url: str, redis: bool
) -> None:
    inner.canned[MANIFEST] = Canned()
    asked, gate = 0, asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await gate.wait()
        return resolved(inner.installs, await request.read())

    inner.handlers[INSTALLS] = slow
    gateway = await start(**({"HEADGATE_REDIS_URL": redis_url} if redis else {}))
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(gateway.get(ADDRESS)) for _ in range(50)]
        await until_true(lambda: asked > 0)
        gate.set()
    assert {task.result().status for task in asking} == {200}
    assert asked == 1


async def test_tokens_of_unknown_keys_ask_for_the_keys_once(gateway: Client, inner: Inner) -> None:
    good = inner.access_token()
    inner.kid = "k2"
    unknown = inner.access_token()
    inner.kid = "k1"

    async def ask(token: str) -> int:
        answer = await gateway.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        return answer.status

    assert await ask(good) == 200
    statuses = await asyncio.gather(*(ask(unknown) for _ in range(10)))  # as many as nobody may ask at once
    assert set(statuses) == {401}
    assert len(inner.calls_to("/internal/auth/jwks")) == 1


async def test_cold_keys_are_asked_for_once_and_their_lack_is_no_bad_token(
    gateway: Client, inner: Inner
) -> None:
    gate, asked = asyncio.Event(), 0

    async def away(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await gate.wait()
        return problem(503, "unavailable", "Not now.")

    inner.handlers["/internal/auth/jwks"] = away
    headers = {"Authorization": f"Bearer {inner.access_token()}"}
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(gateway.get("/api/v1/me", headers=headers)) for _ in range(20)]
        await until_true(lambda: asked > 0)
        gate.set()
    assert {task.result().status for task in asking} == {503}
    assert asked == 1


async def test_a_token_revoked_while_it_is_looked_up_is_not_kept(start: Start, inner: Inner) -> None:
    inner.canned[MANIFEST] = Canned()
    gateway = await start()
    reached, gate = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        answer = resolved(inner.installs, await request.read())
        reached.set()
        await gate.wait()
        return answer

    inner.handlers[INSTALLS] = slow
    async with asyncio.TaskGroup() as group:
        group.create_task(gateway.get(ADDRESS))
        await reached.wait()
        del inner.handlers[INSTALLS]
        await rotate(gateway, inner)
        gate.set()
    assert (await gateway.get(ADDRESS)).status == 404


@pytest.mark.parametrize("token", ["x" * 600, "\udcff\udcfe"])
async def test_what_can_be_no_token_of_ours_is_not_asked_about(
    gateway: Client, inner: Inner, token: str
) -> None:
    cookie = f"{SESSION_COOKIE}={token}"
    answer = await gateway.get("/api/v1/addons", headers={"Cookie": cookie})
    assert answer.status == 401
    assert not inner.calls_to(SESSIONS)
    assert (await gateway.get(f"/stremio/{'x' * 600}/manifest.json")).status == 404
    assert not inner.calls_to(INSTALLS)
