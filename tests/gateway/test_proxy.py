"""REST calls passed on: to whom, with what headers, and what comes back when that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from yarl import URL

from libs.common.access_token import Claims, signed_claims
from services.gateway import access_tokens
from services.gateway.identify import CSRF_HEADER, SESSION_COOKIE
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start, passing
from tests.gateway.inner import OWNER, SESSION_TOKEN, STRANGER, Canned, Inner


def bearer(inner: Inner) -> dict[str, str]:
    return {"Authorization": f"Bearer {inner.access_token()}"}


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/v1/addons", "catalog"),
        ("/api/v1/addons/a1", "catalog"),
        ("/api/v1/catalogs/x%2Fy?type=movie", "catalog"),
        ("/api/v1/titles/series/tt1%3A1%3A2", "catalog"),
        ("/api/v1/search?q=caf%C3%A9&types=movie", "catalog"),
        ("/api/v1/manifest", "catalog"),
        ("/api/v1/ratings/tt0903747/1/2", "catalog"),
        ("/api/v1/streams/movie/tt1", "streaming"),
        ("/api/v1/sync/jobs?limit=5", "sync"),
        ("/api/v1/imports/i1", "sync"),
    ],
)
async def test_each_address_reaches_its_owner_unchanged(
    gateway: Client, inner: Inner, path: str, service: str
) -> None:
    inner.canned[path] = Canned(b'{"items":[]}', headers={})
    answer = await gateway.get(URL(path, encoded=True), headers=bearer(inner))
    assert answer.status == 200
    (call,) = [call for call in inner.calls if call.raw_path == path]
    assert (call.service, call.identity) == (service, OWNER)


async def test_only_the_gateway_says_where_the_hub_is(gateway: Client, inner: Inner) -> None:
    path = "/api/v1/connections/stremio/addons"
    inner.canned[path] = Canned(b'{"items":[]}', headers={})
    await gateway.get(path, headers={**bearer(inner), "X-Headgate-Base": "https://elsewhere.example"})
    (call,) = inner.calls_to(path)
    assert call.headers["X-Headgate-Base"] == str(gateway.make_url("")).rstrip("/")


async def test_neighbouring_name_is_nobodys(gateway: Client, inner: Inner) -> None:
    assert (await gateway.get("/api/v1/addonsx", headers=bearer(inner))).status == 404


async def test_internal_addresses_are_not_served(gateway: Client, inner: Inner) -> None:
    assert (await gateway.get("/internal/catalog/addons", headers=bearer(inner))).status == 404
    assert not inner.calls


async def test_nobody_is_told_to_sign_in(gateway: Client, inner: Inner) -> None:
    answer = await gateway.get("/api/v1/addons")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert not inner.calls_to("/api/v1/addons")


@pytest.mark.parametrize("header", ["Bearer x", "Bearer ", "Basic YTpi", "Bearer a.b.c"])
async def test_bad_access_token_is_401(gateway: Client, header: str) -> None:
    assert (await gateway.get("/api/v1/addons", headers={"Authorization": header})).status == 401


async def test_expired_access_token_is_401(gateway: Client, inner: Inner, clock: ManualClock) -> None:
    headers = bearer(inner)
    clock.advance(1000)
    assert (await gateway.get("/api/v1/addons", headers=headers)).status == 401


async def test_token_of_a_new_key_is_found_by_asking_again(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    inner.canned["/api/v1/addons"] = Canned()
    await gateway.get("/api/v1/addons", headers=bearer(inner))
    inner.key, inner.kid = Ed25519PrivateKey.generate(), "k2"
    clock.advance(3)
    assert (await gateway.get("/api/v1/addons", headers=bearer(inner))).status == 200


async def test_a_token_is_proven_once_and_its_time_each_time(
    gateway: Client, inner: Inner, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven: list[str] = []

    def counted(token: str, keys: Mapping[str, Ed25519PublicKey]) -> Claims:
        proven.append(token)
        return signed_claims(token, keys)

    monkeypatch.setattr(access_tokens, "signed_claims", counted)
    inner.canned["/api/v1/addons"] = Canned()
    headers = bearer(inner)
    for _ in range(3):
        assert (await gateway.get("/api/v1/addons", headers=headers)).status == 200
    assert len(proven) == 1
    clock.advance(1000)
    assert (await gateway.get("/api/v1/addons", headers=headers)).status == 401


async def test_a_token_of_a_key_that_was_withdrawn_counts_no_longer(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    inner.canned["/api/v1/addons"] = Canned()
    headers = {"Authorization": f"Bearer {inner.access_token(OWNER, ttl_s=5000)}"}
    assert (await gateway.get("/api/v1/addons", headers=headers)).status == 200
    inner.key, inner.kid = Ed25519PrivateKey.generate(), "k2"
    clock.advance(access_tokens.KEPT_S + 1)
    assert (await gateway.get("/api/v1/addons", headers=headers)).status == 401


async def test_client_cannot_send_internal_headers_through(gateway: Client, inner: Inner) -> None:
    inner.canned["/api/v1/addons"] = Canned()
    forged = inner.signer.sign(STRANGER.as_service())
    await gateway.get(
        "/api/v1/addons",
        headers={
            **bearer(inner),
            "X-Headgate-Identity": forged,
            "X-Headgate-Anything": "1",
            "X-Request-Deadline-Ms": "1",
            "Cookie": "a=b",
            "Connection": "X-Named",
            "X-Named": "1",
        },
    )
    (call,) = inner.calls_to("/api/v1/addons")
    assert call.identity == OWNER
    assert not {"Authorization", "Cookie", "X-Headgate-Anything", "X-Named"} & set(call.headers)
    assert int(call.headers["X-Request-Deadline-Ms"]) > 1000


async def test_answer_loses_internal_headers_and_is_private(gateway: Client, inner: Inner) -> None:
    inner.canned["/api/v1/addons"] = Canned(
        b"{}", headers={"X-Headgate-Identity": "x", "Set-Cookie": "a=b", "X-Headgate-Cache": "hit"}
    )
    answer = await gateway.get("/api/v1/addons", headers=bearer(inner))
    assert not {"X-Headgate-Identity", "Set-Cookie"} & set(answer.headers)
    assert answer.headers["X-Headgate-Cache"] == "hit"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Authorization" in answer.headers["Vary"]


async def test_problem_of_a_service_is_passed_back(gateway: Client, inner: Inner) -> None:
    inner.canned["/api/v1/addons"] = Canned(
        b'{"code":"addon_unreachable","status":502}',
        status=502,
        headers={"Content-Type": "application/problem+json"},
    )
    answer = await gateway.post("/api/v1/addons", json={"url": "x"}, headers=bearer(inner))
    assert answer.status == 502
    assert (await answer.json())["code"] == "addon_unreachable"


async def test_body_arrives_whole(gateway: Client, inner: Inner) -> None:
    inner.canned["/api/v1/addons"] = Canned(b"{}", status=201)
    body = b'{"url":"' + b"x" * 300_000 + b'"}'
    answer = await gateway.post(
        "/api/v1/addons", data=body, headers={**bearer(inner), "Content-Type": "application/json"}
    )
    assert answer.status == 201
    assert inner.calls_to("/api/v1/addons")[0].body == body


async def test_announced_body_that_is_too_large_is_refused_unread(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_API_BODY_MAX_BYTES="1000")
    answer = await gateway.post("/api/v1/addons", data=b"x" * 2000, headers=bearer(inner))
    assert answer.status == 413
    assert not inner.calls_to("/api/v1/addons")


async def test_endless_body_is_cut_off(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_API_BODY_MAX_BYTES="1000")

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 100

    answer = await gateway.post("/api/v1/addons", data=pieces(), headers=bearer(inner))
    assert answer.status == 413
    assert (await answer.json())["code"] == "payload_too_large"


async def test_files_that_people_bring_may_be_larger_than_anything_else(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_API_BODY_MAX_BYTES="1000")
    inner.canned["/api/v1/imports"] = Canned(b"{}", headers={})
    answer = await gateway.post("/api/v1/imports", data=b"x" * 200_000, headers=bearer(inner))
    assert answer.status == 200
    (call,) = inner.calls_to("/api/v1/imports")
    assert call.headers["Content-Length"] == "200000"
    headers = {**bearer(inner), "Content-Length": str(65 * 1024 * 1024)}
    answer = await gateway.post("/api/v1/imports", data=b"x", headers=headers)
    assert answer.status == 413


@pytest.mark.parametrize(("headers", "status", "sent"), [({}, 503, 1), ({"Idempotency-Key": "k1"}, 200, 2)])
async def test_a_change_whose_connection_broke_is_sent_again_only_if_it_was_named(
    gateway: Client, inner: Inner, clock: ManualClock, *, headers: dict[str, str], status: int, sent: int
) -> None:
    bodies: list[bytes] = []

    async def cut_once(request: web.Request) -> web.StreamResponse:
        bodies.append(await request.read())
        if len(bodies) == 1:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({})

    inner.handlers["/api/v1/addons"] = cut_once
    asked = gateway.post("/api/v1/addons", data=b"a body", headers={**bearer(inner), **headers})
    answer = await passing(clock, asked)
    assert (answer.status, bodies) == (status, [b"a body"] * sent)


async def test_large_answer_is_streamed_whole(gateway: Client, inner: Inner) -> None:
    inner.canned["/api/v1/catalogs/big"] = Canned(b"x" * 2_000_000, headers={})
    answer = await gateway.get("/api/v1/catalogs/big", headers=bearer(inner))
    assert len(await answer.read()) == 2_000_000


async def test_events_arrive_one_by_one(gateway: Client, inner: Inner) -> None:
    heard = asyncio.Event()

    async def events(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await heard.wait()
        await response.write(b"data: 2\n\n")
        return response

    inner.handlers["/api/v1/sync/jobs/j1/events"] = events
    answer = await gateway.get("/api/v1/sync/jobs/j1/events", headers=bearer(inner))
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert await answer.content.readuntil(b"\n\n") == b"data: 1\n\n"
    heard.set()
    assert await answer.content.readuntil(b"\n\n") == b"data: 2\n\n"


async def test_answer_cut_midway_is_a_broken_connection_not_a_short_answer(
    gateway: Client, inner: Inner
) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000000"})
        await response.prepare(request)
        await response.write(b"x" * 10)
        assert request.transport is not None
        request.transport.close()
        return response

    inner.handlers["/api/v1/catalogs/cut"] = cut
    answer = await gateway.get("/api/v1/catalogs/cut", headers=bearer(inner))
    with pytest.raises(Exception, match=r"(?i)payload|disconnected|reset"):
        await answer.read()


async def test_service_that_is_away_is_503_and_soon_not_asked(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    headers = bearer(inner)
    inner.canned["/api/v1/addons"] = Canned()
    await gateway.get("/api/v1/addons", headers=headers)
    await inner.servers["streaming"].close()
    for _ in range(7):
        answer = await passing(clock, gateway.get("/api/v1/streams/movie/tt1", headers=headers))
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) >= 1
    assert "away for the moment" in (await answer.json())["detail"]
    assert (await gateway.get("/api/v1/addons", headers=headers)).status == 200


async def test_a_stream_of_events_that_found_a_service_recovered_holds_nobody_up(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    """An hour long it was the one call that was let through to look."""
    ends = asyncio.Event()

    async def events(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: 1\n\n")
        await ends.wait()
        return response

    inner.handlers["/api/v1/sync/jobs/j1/events"] = events
    inner.canned["/api/v1/sync/jobs"] = Canned()
    headers = bearer(inner)
    await inner.servers["sync"].close()
    for _ in range(5):
        assert (await passing(clock, gateway.get("/api/v1/sync/jobs", headers=headers))).status == 503
    await inner.restart("sync")
    clock.advance(2)
    listening = await gateway.get("/api/v1/sync/jobs/j1/events", headers=headers)
    assert (await gateway.get("/api/v1/sync/jobs", headers=headers)).status == 200
    ends.set()
    listening.close()


async def test_a_body_that_its_sender_breaks_off_is_not_held_against_the_service(
    start: Start, inner: Inner
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    client = await start(HEADGATE_API_BODY_MAX_BYTES="10000")
    inner.canned["/api/v1/addons"] = Canned()
    for _ in range(7):
        answer = await client.post("/api/v1/addons", data=pieces(), headers=bearer(inner))
        assert answer.status == 413
    assert (await client.get("/api/v1/addons", headers=bearer(inner))).status == 200


async def test_signed_in_browser_may_read(gateway: Client, inner: Inner) -> None:
    inner.canned["/api/v1/addons"] = Canned()
    answer = await gateway.get("/api/v1/addons", headers={"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"})
    assert answer.status == 200
    assert inner.calls_to("/api/v1/addons")[0].identity == OWNER


async def test_signed_in_browser_may_not_change_without_proof(gateway: Client, inner: Inner) -> None:
    headers = {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"}
    assert (await gateway.delete("/api/v1/addons/a1", headers=headers)).status == 403
    assert (await gateway.delete("/api/v1/addons/a1", headers={**headers, CSRF_HEADER: "x"})).status == 403
    assert not inner.calls_to("/api/v1/addons/a1")


async def test_failed_change_ends_stored_answers_too(gateway: Client, inner: Inner) -> None:
    """The service may have made the change before its answer was lost."""
    page = "/internal/stremio/manifest.json"
    inner.canned[page] = Canned()
    address = (await (await gateway.get("/api/v1/me", headers=bearer(inner))).json())["stremio_url"]
    await gateway.get(URL(address).path)
    inner.canned["/api/v1/addons/a1"] = Canned(b"{}", status=504)
    await gateway.delete("/api/v1/addons/a1", headers=bearer(inner))
    await gateway.get(URL(address).path)
    assert len(inner.calls_to(page)) == 2
