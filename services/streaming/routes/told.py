"""What sync hands over of viewing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import msgspec
from aiohttp import web

from libs.common.contracts.viewing_handover import (
    LINE_BYTES,
    TOLD,
    Part,
    TellQuery,
    ToldCounts,
    ToldParts,
    ToldQuery,
)
from libs.common.errors import Conflict, HeadgateError, InvalidInput, NotFound, PayloadTooLarge
from libs.common.lines import LineTooLong, lines_of
from libs.common.web import Endpoint, json_response, read_query
from services.streaming import keys
from services.streaming.told_model import Teller
from services.streaming.viewing_model import Owner

TAKE_S: Final = 900.0
"""Whoever hands over reads it from elsewhere, page by page."""
HEAR_OUT_S: Final = 60.0


async def take(request: web.Request) -> web.Response:
    query = read_query(request, TellQuery)
    teller = Teller(_owner(query), query.source, _part(request))
    lines = lines_of(request.content.iter_any(), longest=LINE_BYTES)
    tellings = request.app[keys.VIEWING].tellings
    try:
        async with asyncio.timeout(TAKE_S):
            return json_response(
                await tellings.take(teller, lines, whole=query.whole, sure=query.sure, among=query.among)
            )
    except (HeadgateError, LineTooLong, TimeoutError) as error:
        await _hear_out(request)
        if isinstance(error, HeadgateError):
            raise
        what = "took too long" if isinstance(error, TimeoutError) else "has a line that is too long"
        raise InvalidInput(f"What is handed over {what}.") from None


async def take_back(request: web.Request) -> web.Response:
    query = read_query(request, ToldQuery)
    if query.source is None:
        raise InvalidInput("source: must be said.", fields={"source": "must be said"})
    return json_response(await request.app[keys.VIEWING].tellings.take_back(_owner(query), query.source))


async def show_told(request: web.Request) -> web.Response:
    query = read_query(request, ToldQuery)
    parts = await request.app[keys.VIEWING].tellings.parts(_owner(query), query.source)
    return json_response(ToldParts(tuple(parts)))


async def _hear_out(request: web.Request) -> None:
    """Whoever still sends hears no answer before the end; who sends for too long may hear none."""
    with suppress(TimeoutError):
        async with asyncio.timeout(HEAR_OUT_S):
            async for _ in request.content.iter_any():
                pass


def _owner(query: TellQuery | ToldQuery) -> Owner:
    return Owner(query.account_id, query.profile_id)


def _part(request: web.Request) -> Part:
    try:
        part: Part = msgspec.convert(request.match_info["part"], Part)
    except msgspec.ValidationError:
        raise NotFound("There is no such part of viewing.") from None
    return part


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=f"{TOLD}/{{part}}",
        handler=take,
        summary="Take what a source tells of a profile's viewing",
        access="internal",
        query=TellQuery,
        response=ToldCounts,
        errors=(InvalidInput, PayloadTooLarge, NotFound, Conflict),
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=TOLD,
        handler=show_told,
        summary="What a profile's sources have told",
        access="internal",
        query=ToldQuery,
        response=ToldParts,
        documented=False,
    ),
    Endpoint(
        method="DELETE",
        path=TOLD,
        handler=take_back,
        summary="Take back all that a source brought",
        access="internal",
        query=ToldQuery,
        response=ToldCounts,
        errors=(InvalidInput, Conflict),
        documented=False,
    ),
)
