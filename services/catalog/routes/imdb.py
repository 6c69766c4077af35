"""Data sets of IMDb, as sync hands them over."""

from __future__ import annotations

from typing import get_args

import msgspec
from aiohttp import web

from libs.common.contracts.imdb import LINE_BYTES, SetName, SetStates, Staged, Swap, SwapCounts
from libs.common.errors import HeadgateError, InvalidInput, NotFound
from libs.common.lines import LineTooLong, lines_of
from libs.common.web import Endpoint, json_response, read_json, read_query
from services.catalog import keys

PREFIX = "/internal/catalog/imdb"
ONE = PREFIX + "/{name}"
CHOOSERS = frozenset({"ratings", "titles"})


class RunQuery(msgspec.Struct, frozen=True):
    """`run` names the import: a later one ends an earlier one's staging."""

    run: str


async def show_states(request: web.Request) -> web.Response:
    return json_response(await request.app[keys.DATA_SETS].states())


async def send_ids(request: web.Request) -> web.Response:
    name = _name(request)
    if name not in CHOOSERS:
        raise NotFound("Only data sets by title have such a set.")
    body = await request.app[keys.DATA_SETS].kept_ids(name)
    return web.Response(body=body, content_type="application/octet-stream")


async def take_rows(request: web.Request) -> web.Response:
    name, query = _name(request), read_query(request, RunQuery)
    lines = lines_of(request.content.iter_any(), longest=LINE_BYTES)
    try:
        return json_response(await request.app[keys.DATA_SETS].stage(name, query.run, lines))
    except (HeadgateError, LineTooLong) as error:
        # Whoever still sends hears no answer before the end.
        async for _ in request.content.iter_any():
            pass
        if isinstance(error, HeadgateError):
            raise
        raise InvalidInput("A line of rows is too long.") from None


async def swap(request: web.Request) -> web.Response:
    return json_response(
        await request.app[keys.DATA_SETS].swap(_name(request), await read_json(request, Swap))
    )


def _name(request: web.Request) -> SetName:
    for name in get_args(SetName):
        if name == request.match_info["name"]:
            return name  # type: ignore[no-any-return]  # one of the literals that were just compared
    raise NotFound("There is no such data set.")


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=PREFIX,
        handler=show_states,
        summary="What is kept of IMDb's data sets",
        access="internal",
        response=SetStates,
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=f"{ONE}/ids",
        handler=send_ids,
        summary="The titles that a data set has rows of",
        access="internal",
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/rows",
        handler=take_rows,
        summary="Stage the rows of a data set",
        access="internal",
        query=RunQuery,
        response=Staged,
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/swap",
        handler=swap,
        summary="Put what was staged in place of what there is",
        access="internal",
        request=Swap,
        response=SwapCounts,
        documented=False,
    ),
)
