"""What belongs to an account, as each service that holds some of it tells it and takes it in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from aiohttp import web

from libs.common.contracts.moving import MovingQuery, Taken, TakeQuery, path_of
from libs.common.errors import InvalidInput, Unauthenticated
from libs.common.moving import Intake, Telling, taken_in
from libs.common.web.endpoints import Endpoint
from libs.common.web.json import json_response, read_query
from libs.common.web.pieces import send_pieces
from libs.common.web.request import deadline_of, identity_of

TakingIn: TypeAlias = Callable[[web.Application, str, bool], Intake]
"""What takes in one call's rows for the account, or only looks at them."""


def moving_endpoints(
    service: str, *, telling: web.AppKey[Telling], taking_in: TakingIn
) -> tuple[Endpoint, ...]:
    async def tell(request: web.Request) -> web.StreamResponse:
        query = read_query(request, MovingQuery)
        lines = request.app[telling].lines(_account_of(request), secrets=query.secrets)
        headers = {"Content-Type": "application/x-ndjson"}
        return await send_pieces(request, lines, headers=headers, deadline=deadline_of(request))

    async def take(request: web.Request) -> web.Response:
        query = read_query(request, TakeQuery)
        intake = taking_in(request.app, _account_of(request), query.look)
        return json_response(await taken_in(request.content.iter_any(), intake.take, intake.ids))

    return (
        Endpoint(
            method="GET",
            path=path_of(service),
            handler=tell,
            summary="Everything that belongs to the account, row by row",
            access="internal",
            query=MovingQuery,
            documented=False,
        ),
        Endpoint(
            method="POST",
            path=path_of(service),
            handler=take,
            summary="Take in what somebody brings from another hub",
            access="internal",
            query=TakeQuery,
            response=Taken,
            errors=(InvalidInput,),
            documented=False,
        ),
    )


def _account_of(request: web.Request) -> str:
    identity = identity_of(request)
    if identity.is_anonymous:
        raise Unauthenticated("This call has to be made for an account.")
    return identity.account_id
