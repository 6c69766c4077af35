"""Changes with an Idempotency-Key through a real gateway: made once, answered twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiohttp import ClientResponse, web

from libs.common.identity import Identity
from libs.common.redis import RedisOut, make_redis
from services.gateway.keys import ONCE
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start, passing
from tests.gateway.inner import OWNER, SECRET, STRANGER, Canned, Inner
from tests.servers import RedisServer
from tests.waiting import until

PATH = "/api/v1/addons"
BODY = b'{"manifest_url": "https://addon.example/manifest.json"}'
Send = Callable[..., Coroutine[Any, Any, ClientResponse]]


@pytest.fixture(params=["memory", "redis"])
async def hub(request: pytest.FixtureRequest, start: Start) -> Client:
    variables = {}
    if request.param == "redis":
        variables["HEADGATE_REDIS_URL"] = request.getfixturevalue("redis_url")
    return await start(**variables)


@pytest.fixture
def added(inner: Inner) -> list[bytes]:
    """What the addons' owner was asked to add; each gets an id of its own."""
    asked: list[bytes] = []

    async def add(request: web.Request) -> web.Response:
        asked.append(await request.read())
        location = f"{PATH}/{len(asked)}"
        return web.json_response({"id": len(asked)}, status=201, headers={"Location": location})

    inner.handlers[PATH] = add
    return asked


def sender(inner: Inner, client: Client) -> Send:
    async def send(
        key: str | None = "k1", body: bytes = BODY, identity: Identity = OWNER, path: str = PATH
    ) -> ClientResponse:
        headers = {
            "Authorization": f"Bearer {inner.access_token(identity)}",
            "Content-Type": "application/json",
        }
        if key is not None:
            headers["Idempotency-Key"] = key
        return await client.post(path, data=body, headers=headers)

    return send


async def test_a_repeated_change_is_made_once_and_answered_the_same(
    hub: Client, inner: Inner, added: list[bytes]
) -> None:
    send = sender(inner, hub)
    first, second = await send(), await send()
    assert added == [BODY]
    assert (first.status, second.status) == (201, 201)
    assert await first.json() == await second.json() == {"id": 1}
    assert second.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["X-Request-Id"] != first.headers["X-Request-Id"]


async def test_without_a_key_each_request_is_carried_out(
    hub: Client, inner: Inner, added: list[bytes]
) -> None:
    send = sender(inner, hub)
    await send(None)
    await send(None)
    assert len(added) == 2


async def test_another_body_under_the_same_key_is_refused(
    hub: Client, inner: Inner, added: list[bytes]
) -> None:
    send = sender(inner, hub)
    await send()
    answer = await send(body=b"{}")
    assert (answer.status, (await answer.json())["code"]) == (422, "idempotency_key_reused")
    assert len(added) == 1


async def test_a_key_says_nothing_to_another_account(hub: Client, inner: Inner, added: list[bytes]) -> None:
    send = sender(inner, hub)
    await send()
    answer = await send(identity=STRANGER)
    assert await answer.json() == {"id": 2}
    assert len(added) == 2


@pytest.mark.parametrize("key", ["", "é", "x" * 256, "a\tb"])
async def test_what_is_no_key_is_refused(gateway: Client, inner: Inner, added: list[bytes], key: str) -> None:
    answer = await sender(inner, gateway)(key)
    assert (answer.status, (await answer.json())["code"]) == (400, "idempotency_key_invalid")
    assert not added


async def test_a_failure_of_ours_is_not_repeated(hub: Client, inner: Inner) -> None:
    send = sender(inner, hub)
    inner.canned[PATH] = Canned(body=b"{}", status=500)
    assert (await send()).status == 500
    inner.canned[PATH] = Canned(body=b'{"id": 1}', status=201)
    answer = await send()
    assert (answer.status, "Idempotency-Replayed" in answer.headers) == (201, False)


async def test_a_refusal_that_is_final_is_repeated(hub: Client, inner: Inner) -> None:
    send = sender(inner, hub)
    inner.canned[PATH] = Canned(body=b'{"code": "addon_exists"}', status=409)
    await send()
    inner.canned[PATH] = Canned(body=b"{}", status=201)
    answer = await send()
    assert (answer.status, await answer.json()) == (409, {"code": "addon_exists"})


async def test_an_answer_too_large_to_keep_is_given_once(hub: Client, inner: Inner) -> None:
    send = sender(inner, hub)
    inner.canned[PATH] = Canned(body=b" " * (256 * 1024 + 1), status=201)
    assert len(await (await send()).read()) == 256 * 1024 + 1
    again = await send()
    assert "Idempotency-Replayed" not in again.headers
    await again.read()  # it is counted at its end
    metrics = await (await hub.get("/metrics")).text()
    assert 'headgate_idempotent_requests_total{outcome="not_kept"} 2.0' in metrics


async def test_a_claim_that_redis_answered_too_late_is_kept_all_the_same(
    hub: Client, inner: Inner, added: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub.app is not None
    once: Any = hub.app[ONCE]
    claim = once._store.claim
    slow = [True]

    async def claim_slowly(*asked: Any) -> Any:
        claimed = await claim(*asked)
        if slow:
            slow.pop()
            raise RedisOut
        return claimed

    monkeypatch.setattr(once._store, "claim", claim_slowly)
    send = sender(inner, hub)
    first, second = await send(), await send()
    assert await first.json() == await second.json() == {"id": 1}
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(added) == 1


async def test_a_second_request_waits_for_the_first(hub: Client, inner: Inner, clock: ManualClock) -> None:
    send = sender(inner, hub)
    gate = asyncio.Event()
    inner.canned[PATH] = Canned(body=b'{"id": 1}', status=201, gate=gate)

    async def is_asked() -> bool:
        return bool(inner.calls_to(PATH))

    async with asyncio.TaskGroup() as group:
        first = group.create_task(send())
        await until(is_asked)
        second = group.create_task(passing(clock, send()))
        await asyncio.wait([second], timeout=0.1)
        assert not second.done()
        gate.set()
    assert [first.result().status, second.result().status] == [201, 201]
    assert len(inner.calls_to(PATH)) == 1


async def test_a_second_request_is_refused_when_the_first_outlasts_it(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    send = sender(inner, gateway)
    gate = asyncio.Event()
    inner.canned[PATH] = Canned(body=b'{"id": 1}', status=201, gate=gate)

    async def is_asked() -> bool:
        return bool(inner.calls_to(PATH))

    async with asyncio.TaskGroup() as group:
        first = group.create_task(send())
        await until(is_asked)
        answer = await passing(clock, send())
        assert (answer.status, (await answer.json())["code"]) == (409, "idempotency_key_in_use")
        assert answer.headers["Retry-After"] == "1"
        gate.set()
    assert first.result().status == 201


async def test_another_gateway_knows_the_answer(
    start: Start, inner: Inner, redis_url: str, added: list[bytes]
) -> None:
    one, other = [await start(HEADGATE_REDIS_URL=redis_url) for _ in range(2)]
    await sender(inner, one)()
    answer = await sender(inner, other)()
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert len(added) == 1


async def test_what_is_shown_once_is_not_in_redis_in_the_clear(
    start: Start, inner: Inner, redis_url: str
) -> None:
    hub = await start(HEADGATE_REDIS_URL=redis_url)
    secret = "hgk_this-is-shown-once"
    inner.canned[PATH] = Canned(body=json.dumps({"key": secret}).encode(), status=201)
    send = sender(inner, hub)
    await send("my-own-key")
    assert (await (await send("my-own-key")).json())["key"] == secret
    redis = make_redis(redis_url)
    held = b""
    for key in await redis.keys("headgate:idempotency:*"):
        dumped: Any = await redis.dump(key)
        held += str(key).encode() + dumped
    await redis.aclose()
    assert held
    for hidden in (secret, SECRET, "my-own-key", "addon.example"):
        assert hidden.encode() not in held


async def test_without_redis_changes_are_carried_out_as_if_they_had_no_key(
    start: Start, inner: Inner, redis_server: RedisServer, redis_url: str, added: list[bytes]
) -> None:
    hub = await start(HEADGATE_REDIS_URL=redis_url)
    redis_server.pause()
    try:
        answers = [await sender(inner, hub)() for _ in range(2)]
    finally:
        redis_server.resume()
    assert [answer.status for answer in answers] == [201, 201]
    assert len(added) == 2


async def test_a_change_that_the_gateway_answers_itself_heeds_the_key(gateway: Client, inner: Inner) -> None:
    send = sender(inner, gateway)
    first, second = [await send(body=b"", path="/api/v1/install-token/rotate") for _ in range(2)]
    assert await first.json() == await second.json()
    assert inner.rotations == 1
