"""Requests that no honest client sends, on a raw socket: refused in our form, nothing inside is asked."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from libs.common.clock import SystemClock
from libs.common.serve import Running, start_site
from services.gateway.app import create_app
from services.gateway.settings import Settings
from tests.gateway.inner import OWNER, Inner

HOST = b"Host: hub.example\r\n"
LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
HEAD_TIMEOUT_S = 0.3


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
async def inner() -> AsyncIterator[Inner]:
    async with Inner(SystemClock()) as services:
        yield services


@pytest.fixture
async def site(inner: Inner, tmp_path: Path) -> AsyncIterator[Running]:
    """The gateway as `python -m services.gateway` serves it, without a proxy in front."""
    environment = {
        **inner.environment(),
        "HEADGATE_DATA_DIR": str(tmp_path),
        "HEADGATE_HEAD_TIMEOUT_S": str(HEAD_TIMEOUT_S),
        "HEADGATE_MAX_CONNECTIONS_PER_ADDRESS": "20",
        "HEADGATE_API_TIMEOUT_S": "2",
    }
    running = await start_site(create_app(Settings.from_env(environment)), "127.0.0.1:0")
    yield running
    await running.aclose()


async def send(site: Running, *parts: bytes) -> Reply | None:
    """What is answered to the parts sent one after the other; None for a connection just closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    try:
        async with asyncio.timeout(10):
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0.02)  # a part each, or the parser sees them as one
            return await read_reply(reader)
    except ConnectionError:
        return None
    finally:
        writer.close()


async def read_reply(reader: asyncio.StreamReader) -> Reply | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (text.partition(": ") for text in lines if text)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Reply(int(line.split(" ")[1]), headers, body)


def get(target: bytes, *headers: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"".join(headers) + b"\r\n"


CASES: dict[str, tuple[int, tuple[bytes, ...]]] = {
    "no HTTP at all": (400, (b"\x16\x03\x01\x02\x00\r\n\r\n",)),
    "HTTP/0.9": (400, (b"GET /api/v1/me\r\n\r\n",)),
    "HTTP/3.0 in text": (400, (b"GET / HTTP/3.0\r\n" + HOST + b"\r\n",)),
    "preface of HTTP/2": (400, (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",)),
    "method in lower case": (400, (b"get / HTTP/1.1\r\n" + HOST + b"\r\n",)),
    "method nobody knows": (400, (b"FOO / HTTP/1.1\r\n" + HOST + b"\r\n",)),
    "method of another protocol": (405, (b"PROPFIND / HTTP/1.1\r\n" + HOST + b"\r\n",)),
    "TRACE": (405, (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n",)),
    "method without end": (400, (b"A" * 9000 + b" / HTTP/1.1\r\n" + HOST + b"\r\n",)),
    "target without end": (414, (get(b"/" + b"a" * 9000),)),
    "cookie of 1 MB": (431, (get(b"/", b"Cookie: " + b"a=b; " * 200_000 + b"\r\n"),)),
    "header name without end": (431, (get(b"/", b"X" * 9000 + b": 1\r\n"),)),
    "500 headers": (431, (get(b"/", *(b"X-%d: 1\r\n" % number for number in range(500))),)),
    "length and chunks": (
        400,
        (LOGIN + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",),
    ),
    "two lengths": (400, (LOGIN + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",)),
    "length below zero": (400, (LOGIN + b"Content-Length: -4\r\n\r\n",)),
    "unknown transfer coding": (400, (LOGIN + b"Transfer-Encoding: gzip\r\n\r\n",)),
    "chunk without size": (400, (LOGIN + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",)),
    "chunk without size, later": (400, (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\nabc\r\n")),
    "expectation nobody meets": (417, (LOGIN + b"Expect: nonsense\r\nContent-Length: 2\r\n\r\n{}",)),
    "no host": (400, (b"GET /api/v1/me HTTP/1.1\r\n\r\n",)),
    "two hosts": (400, (get(b"/api/v1/me", b"Host: other.example\r\n"),)),
    "host that is none": (400, (b"GET /api/v1/me HTTP/1.1\r\nHost: a/<b>\r\n\r\n",)),
    "folded header": (400, (get(b"/", b"X-A: 1\r\n  2\r\n"),)),
    "space before the colon": (400, (get(b"/", b"X-A : 1\r\n"),)),
    "NUL in a header": (400, (get(b"/", b"X-A: \x00\r\n"),)),
    "CR in a header": (400, (get(b"/", b"X-A: a\rX-B: b\r\n"),)),
    "dot segments": (400, (get(b"/api/../internal/state"),)),
    "encoded dots": (400, (get(b"/api/%2e%2E/internal/state"),)),
    "encoded slashes and dots": (400, (get(b"/api%2f..%2finternal"),)),
    "encoded slash": (404, (get(b"/api%2fv1"),)),
    "two slashes": (400, (get(b"//evil.example/x"),)),
    "NUL": (400, (get(b"/a\x00b"),)),
    "encoded NUL": (400, (get(b"/a%00b"),)),
    "backslashes": (400, (get(b"/a\\..\\b"),)),
    "dots encoded too long": (400, (get(b"/api/%c0%ae%c0%ae/x"),)),
    "bytes that are no text": (400, (get(b"/api/v1/%ff%fe"),)),
    "raw bytes": (400, (get(b"/\xff\xfe"),)),
    "address of another server": (400, (get(b"http://evil.example/api/v1/addons"),)),
    "tunnel": (400, (b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",)),
    "authority alone": (400, (get(b"evil.example:443"),)),
    "asterisk": (400, (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",)),
    "line break in the target": (404, (get(b"/a%0d%0aSet-Cookie:%20a=b"),)),
    "space in the target": (400, (get(b"/a b"),)),
    "head that never ends": (408, (b"GET / HTTP/1.1\r\nHost: hub",)),
    "token that is none": (401, (get(b"/api/v1/addons", b"Authorization: Bearer nonsense\r\n"),)),
    "token with a NUL, encoded": (401, (get(b"/api/v1/addons", b"Authorization: Bearer %00\r\n"),)),
    "two kinds of proof": (401, (get(b"/api/v1/addons", b"Authorization: Basic YTpi\r\n"),)),
    "session cookie of odd bytes": (401, (get(b"/api/v1/addons", b"Cookie: headgate_session=\xff\xfe\r\n"),)),
    "forged identity": (401, (get(b"/api/v1/addons", b"X-Headgate-Identity: e30.e30\r\n"),)),
}


@pytest.mark.parametrize(("status", "parts"), CASES.values(), ids=CASES.keys())
async def test_it_is_refused_in_our_form_and_nothing_inside_is_asked(
    site: Running, inner: Inner, status: int, parts: tuple[bytes, ...]
) -> None:
    reply = await send(site, *parts)

    assert reply is not None
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["server"] == "Headgate"
    assert "aiohttp" not in str(reply)
    problem = msgspec.json.decode(reply.body)
    assert problem["status"] == status
    assert problem["code"]
    assert [call.raw_path for call in inner.calls if not call.raw_path.endswith("/jwks")] == []
    assert await is_answering(site)


async def is_answering(site: Running) -> bool:
    reply = await send(site, get(b"/livez"))
    return reply is not None and reply.status == 200


async def test_an_expired_token_is_refused(site: Running, inner: Inner) -> None:
    token = inner.access_token(OWNER, ttl_s=-120).encode()
    reply = await send(site, get(b"/api/v1/addons", b"Authorization: Bearer " + token + b"\r\n"))
    assert reply is not None
    assert reply.status == 401
    assert [call.service for call in inner.calls if call.service != "auth"] == []


async def test_a_broken_body_passed_on_is_the_clients_fault(site: Running, inner: Inner) -> None:
    proof = b"Authorization: Bearer " + inner.access_token().encode() + b"\r\n"
    head = b"POST /api/v1/addons HTTP/1.1\r\n" + HOST + proof + b"Content-Type: application/json\r\n"
    for _ in range(10):  # more than any breaker forgives
        reply = await send(site, head + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\nabc\r\n")
        assert reply is not None
        assert reply.status == 400
    reply = await send(site, get(b"/api/v1/addons", proof))
    assert reply is not None
    assert reply.status == 404  # what the service says


async def test_a_slow_body_passed_on_is_the_clients_fault(site: Running, inner: Inner) -> None:
    proof = b"Authorization: Bearer " + inner.access_token().encode() + b"\r\n"
    head = b"POST /api/v1/addons HTTP/1.1\r\n" + HOST + proof + b"Content-Type: application/json\r\n"
    reply = await send(site, head + b"Content-Length: 100\r\n\r\n{")
    assert reply is not None
    assert reply.status == 408


async def test_an_offer_to_speak_websocket_is_ignored(site: Running) -> None:
    """RFC 9110, 7.8: a server may ignore Upgrade. The connection goes on as HTTP."""
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    async with asyncio.timeout(10):
        writer.write(get(b"/livez", upgrade, b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
        first = await read_reply(reader)
        writer.write(get(b"/livez"))
        second = await read_reply(reader)
    writer.close()
    assert first is not None
    assert second is not None
    assert (first.status, second.status) == (200, 200)


async def test_http_1_0_without_a_host_is_answered(site: Running) -> None:
    reply = await send(site, b"GET /api/v1/me HTTP/1.0\r\n\r\n")
    assert reply is not None
    assert reply.status == 401


async def test_memory_stays_flat_under_a_flood(site: Running) -> None:
    floods = [case for name, case in CASES.items() if "never ends" not in name and "later" not in name]

    async def flood(rounds: int) -> None:
        for _ in range(rounds):
            async with asyncio.TaskGroup() as group:
                for _, parts in floods[:15]:
                    group.create_task(send(site, *parts))

    await flood(5)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await flood(40)
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mib < 24
    assert await is_answering(site)
