"""What sync hands over of providers."""

from __future__ import annotations

import asyncio
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from libs.common.contracts.handover import (
    LINE_BYTES,
    PREFIX,
    CategoryKind,
    CategoryRows,
    GoneCounts,
    HandoverCounts,
    RowKind,
    RunFinished,
    unpacked,
)
from libs.common.errors import HeadgateError, InvalidInput, NotFound
from libs.common.lines import LineTooLong, lines_of
from libs.common.web import Endpoint, json_response, read_body, read_json, read_query
from services.catalog import keys

K = TypeVar("K")

ONE = PREFIX + "/{provider_id}"
CATEGORIES_BYTES: Final = 8 * 1024 * 1024
HASHES_BYTES: Final = 64 * 1024 * 1024
HASHES_WITHIN_S: Final = 60.0


class RunQuery(msgspec.Struct, frozen=True):
    """`run` names the run: a later one ends it."""

    run: str


async def begin(request: web.Request) -> web.Response:
    query = read_query(request, RunQuery)
    if not query.run:
        raise InvalidInput("A run has a name.")
    await request.app[keys.TAKING].begin(_provider(request), query.run)
    return web.Response(status=204)


async def put_categories(request: web.Request) -> web.Response:
    kind: CategoryKind = _kind(request, CategoryKind)  # type: ignore[arg-type]  # a literal is no class
    query = read_query(request, RunQuery)
    rows = await read_json(request, CategoryRows, max_bytes=CATEGORIES_BYTES)
    taking = request.app[keys.TAKING]
    return json_response(await taking.put_categories(_provider(request), kind, query.run, rows))


async def send_hashes(request: web.Request) -> web.StreamResponse:
    kind: RowKind = _kind(request, RowKind)  # type: ignore[arg-type]  # a literal is no class
    pieces = request.app[keys.TAKING].hashes(_provider(request), kind)
    # What can't be found is said before the answer begins.
    first = await anext(pieces, b"")
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    await response.prepare(request)
    await response.write(first)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response


async def take_rows(request: web.Request) -> web.Response:
    kind: RowKind = _kind(request, RowKind)  # type: ignore[arg-type]  # a literal is no class
    query = read_query(request, RunQuery)
    lines = lines_of(request.content.iter_any(), longest=LINE_BYTES)
    try:
        return json_response(await request.app[keys.TAKING].rows(_provider(request), kind, query.run, lines))
    except (HeadgateError, LineTooLong) as error:
        # Whoever still sends hears no answer before the end.
        async for _ in request.content.iter_any():
            pass
        if isinstance(error, HeadgateError):
            raise
        raise InvalidInput("A line of rows is too long.") from None


async def remove_gone(request: web.Request) -> web.Response:
    kind: RowKind = _kind(request, RowKind)  # type: ignore[arg-type]  # a literal is no class
    query = read_query(request, RunQuery)
    body = await read_body(request, max_bytes=HASHES_BYTES, within_s=HASHES_WITHIN_S)
    try:
        hashes = await asyncio.to_thread(unpacked, body)
    except ValueError:
        raise InvalidInput("Hashes have 8 bytes each.") from None
    taking = request.app[keys.TAKING]
    return json_response(await taking.remove_gone(_provider(request), kind, query.run, hashes))


async def finish(request: web.Request) -> web.Response:
    query = read_query(request, RunQuery)
    finished = await read_json(request, RunFinished)
    await request.app[keys.TAKING].finish(_provider(request), query.run, finished)
    await request.app[keys.STANDING].renew(_provider(request))
    request.app[keys.PLAYERS].kept.begin(_provider(request))
    return web.Response(status=204)


def _provider(request: web.Request) -> str:
    return request.match_info["provider_id"]


def _kind(request: web.Request, type_: type[K]) -> K:
    try:
        return msgspec.convert(request.match_info["kind"], type_)
    except msgspec.ValidationError:
        raise NotFound("There is no such kind of rows.") from None


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{ONE}/begin",
        handler=begin,
        summary="Begin a run of an account, and end the one before",
        access="internal",
        query=RunQuery,
        status=204,
        documented=False,
    ),
    Endpoint(
        method="PUT",
        path=ONE + "/categories/{kind}",
        handler=put_categories,
        summary="Name the categories of a kind, in order",
        access="internal",
        query=RunQuery,
        request=CategoryRows,
        response=GoneCounts,
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=ONE + "/hashes/{kind}",
        handler=send_hashes,
        summary="The hashes of everything that is held",
        access="internal",
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=ONE + "/rows/{kind}",
        handler=take_rows,
        summary="Take what is new or has changed",
        access="internal",
        query=RunQuery,
        response=HandoverCounts,
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=ONE + "/gone/{kind}",
        handler=remove_gone,
        summary="Remove what was not met again",
        access="internal",
        query=RunQuery,
        response=GoneCounts,
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/finish",
        handler=finish,
        summary="End a run",
        access="internal",
        query=RunQuery,
        request=RunFinished,
        status=204,
        documented=False,
    ),
)
