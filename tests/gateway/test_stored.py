"""A stored answer on the wire, byte by byte, where aiohttp's own way is left."""

from __future__ import annotations

import asyncio

import pytest
from multidict import CIMultiDict
from yarl import URL

from services.gateway.stored import StoredResponse, head_of
from tests.gateway.conftest import Client
from tests.gateway.inner import INSTALL_TOKEN, Canned, Inner

PAGE = "/internal/stremio/catalog/movie/top.json"
ASKED = f"/stremio/{INSTALL_TOKEN}/catalog/movie/top.json"


async def exchange(url: URL, *requests: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"".join(requests))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_connection_is_kept_for_the_next_request_and_closed_when_asked(
    gateway: Client, inner: Inner
) -> None:
    inner.canned[PAGE] = Canned()
    await gateway.get(ASKED)
    keep = f"GET {ASKED} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    close = f"GET {ASKED} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    answer = await exchange(gateway.make_url("/"), keep, keep, close)
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert answer.count(b'\r\n\r\n{"metas":[]}') == 3
    assert answer.count(b"Connection: close\r\n") == 1
    assert answer.count(b"\r\nDate: ") == 3
    assert answer.count(b"\r\nX-Request-Id: ") == 3


async def test_http_1_0_is_answered_in_its_own_way(gateway: Client, inner: Inner) -> None:
    inner.canned[PAGE] = Canned()
    await gateway.get(ASKED)
    answer = await exchange(gateway.make_url("/"), f"GET {ASKED} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
    assert answer.endswith(b'{"metas":[]}')


def test_line_break_in_a_header_is_refused() -> None:
    with pytest.raises(ValueError, match="line break"):
        head_of(200, CIMultiDict({"X-Headgate-Partial": "a\r\nSet-Cookie: b"}), second=0)


def test_forced_close_says_so() -> None:
    response = StoredResponse(b"", b"")
    assert response.keep_alive
    response.force_close()
    assert not response.keep_alive
