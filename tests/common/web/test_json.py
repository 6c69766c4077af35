"""Bodies and queries become typed values, or a clear refusal."""

from __future__ import annotations

import asyncio
import gzip
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from libs.common.errors import InvalidInput
from libs.common.web import json_response, read_json, read_query
from libs.common.web.json import check_depth
from tests.common.web.service import endpoint, service
from tests.fakes.clock import ManualClock

JSON = {"Content-Type": "application/json"}


class Item(msgspec.Struct, frozen=True):
    name: str
    sizes: list[int] = []
    inner: dict[str, int] = {}


class Query(msgspec.Struct, frozen=True):
    limit: int = 50
    types: list[str] = []
    deep: bool = False
    order: Literal["name", "year"] = "name"
    since: datetime | None = None
    ids: Annotated[list[str], msgspec.Meta(max_length=2)] = []


async def echo(request: web.Request) -> web.Response:
    return json_response(await read_json(request, Item, max_bytes=2048), status=201, headers={"ETag": '"x"'})


async def echo_query(request: web.Request) -> web.Response:
    return json_response(read_query(request, Query))


@pytest.fixture
def app(tmp_path: Path, clock: ManualClock) -> web.Application:
    return service(tmp_path, clock, [endpoint(echo, "POST"), endpoint(echo_query)])


async def test_a_good_body_arrives_typed(aiohttp_client: AiohttpClient, app: web.Application) -> None:
    client = await aiohttp_client(app)
    answer = await client.post("/thing", json={"name": "é", "sizes": [1, 2], "unknown": 1})
    assert (answer.status, answer.headers["ETag"]) == (201, '"x"')
    assert await answer.json() == {"name": "é", "sizes": [1, 2], "inner": {}}


async def test_a_whole_number_may_be_written_with_a_fraction_of_zero(
    aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    client = await aiohttp_client(app)
    body = b'{"name": "x", "sizes": [1.0, 2e1], "inner": {"a": 3.0}}'
    answer = await client.post("/thing", data=body, headers=JSON)
    assert await answer.json() == {"name": "x", "sizes": [1, 20], "inner": {"a": 3}}


@pytest.mark.parametrize("sizes", ["[1.5]", "[1e999]", '["1.0"]', "[1.0, true]"])
async def test_what_is_no_whole_number_is_refused(
    aiohttp_client: AiohttpClient, app: web.Application, sizes: str
) -> None:
    client = await aiohttp_client(app)
    answer = await client.post("/thing", data=f'{{"name": "x", "sizes": {sizes}}}', headers=JSON)
    assert answer.status == 422


async def test_a_packed_body_is_refused(aiohttp_client: AiohttpClient, app: web.Application) -> None:
    client = await aiohttp_client(app)
    headers = {**JSON, "Content-Encoding": "gzip"}
    answer = await client.post("/thing", data=gzip.compress(b'{"name":"x"}'), headers=headers)
    assert answer.status == 415


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (b'{"name": 1}', {"name": "Expected `str`, got `int`"}),
        (b'{"name": "x", "sizes": [1, "2"]}', {"sizes[1]": "Expected `int`, got `str`"}),
        (b"[]", None),
        (b"{}", None),
    ],
)
async def test_a_wrong_shape_names_the_field(
    body: bytes, errors: dict[str, str] | None, aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    answer = await (await aiohttp_client(app)).post("/thing", data=body, headers=JSON)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "invalid_input")
    assert problem.get("errors") == errors


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b'{"name": "\xff"}', b"\x00"])
async def test_what_is_not_json_is_said_to_be_that(
    body: bytes, aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    answer = await (await aiohttp_client(app)).post("/thing", data=body, headers=JSON)
    assert answer.status == 422
    assert "JSON" in (await answer.json())["detail"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
async def test_a_form_of_another_page_is_refused(
    content_type: str, aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    client = await aiohttp_client(app)
    answer = await client.post("/thing", data=b'{"name":"x"}', headers={"Content-Type": content_type})
    assert (answer.status, (await answer.json())["code"]) == (415, "unsupported_media_type")


async def test_a_body_announced_too_large_is_not_read(
    aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    answer = await (await aiohttp_client(app)).post("/thing", data=b"x" * 3000, headers=JSON)
    assert (answer.status, (await answer.json())["detail"]) == (413, "The body is larger than 2 KiB.")


async def test_a_body_that_grows_too_large_is_cut(
    aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    async def endless() -> object:
        for _ in range(1000):
            yield b"x" * 1000

    answer = await (await aiohttp_client(app)).post("/thing", data=endless(), headers=JSON)
    assert answer.status == 413


async def test_a_body_that_does_not_arrive_in_time_is_given_up(
    aiohttp_client: AiohttpClient, tmp_path: Path, clock: ManualClock
) -> None:
    async def impatient(request: web.Request) -> web.Response:
        return json_response(await read_json(request, Item, within_s=0.01))

    app = service(tmp_path, clock, [endpoint(impatient, "POST")])
    server = (await aiohttp_client(app)).server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(
        b"POST /thing HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    )
    assert b" 408 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_a_body_nested_too_deep_is_refused_before_parsing(
    aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    body = b'{"name": "x", "sizes": ' + b"[" * 900 + b"]" * 900 + b"}"
    answer = await (await aiohttp_client(app)).post("/thing", data=body, headers=JSON)
    assert (answer.status, (await answer.json())["detail"]) == (
        422,
        "The body is nested deeper than 32 levels.",
    )


def test_many_brackets_side_by_side_are_not_deep() -> None:
    check_depth(b"[" + b"{}," * 1000 + b"{}]")


def test_brackets_inside_texts_are_not_counted() -> None:
    check_depth(b'{"name": "' + b"[" * 100 + b'\\"' + b"{" * 100 + b'"}')


def test_the_bound_itself_is_allowed() -> None:
    check_depth(b"[" * 32 + b"]" * 32)
    with pytest.raises(InvalidInput):
        check_depth(b"[" * 33 + b"]" * 33)


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("", {"limit": 50, "types": [], "deep": False, "order": "name"}),
        ("limit=5&deep=true&order=year&utm=1", {"limit": 5, "types": [], "deep": True, "order": "year"}),
        ("types=movie,series&types=tv", {"limit": 50, "types": ["movie", "series", "tv"]}),
        ("since=2027-01-15T08:00:00Z&ids=a,b", {"since": "2027-01-15T08:00:00Z", "ids": ["a", "b"]}),
    ],
)
async def test_a_query_arrives_typed(
    query: str, read: dict[str, object], aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    answer = await (await aiohttp_client(app)).get(f"/thing?{query}")
    assert read.items() <= (await answer.json()).items()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=many", "limit"),
        ("order=size", "order"),
        ("since=0.5", "since"),
        ("since=", "since"),
        ("ids=a,b,c", "ids"),
    ],
)
async def test_a_wrong_query_names_the_field(
    query: str, field: str, aiohttp_client: AiohttpClient, app: web.Application
) -> None:
    answer = await (await aiohttp_client(app)).get(f"/thing?{query}")
    assert answer.status == 422
    assert list((await answer.json())["errors"]) == [field]
