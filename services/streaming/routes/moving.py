"""What belongs to an account, for whoever takes it along or brings it."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.moving import MovingQuery, Taken, TakeQuery, path_of
from libs.common.errors import InvalidInput
from libs.common.moving import taken_in
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_query, send_pieces
from services.streaming import keys
from services.streaming.moving_in import Intake


async def tell(request: web.Request) -> web.StreamResponse:
    query = read_query(request, MovingQuery)
    lines = request.app[keys.MOVING].lines(identity_of(request).account_id, secrets=query.secrets)
    headers = {"Content-Type": "application/x-ndjson"}
    return await send_pieces(request, lines, headers=headers, deadline=deadline_of(request))


async def take(request: web.Request) -> web.Response:
    query = read_query(request, TakeQuery)
    intake = Intake(request.app[keys.MOVING_IN], identity_of(request).account_id, look=query.look)
    return json_response(await taken_in(request.content.iter_any(), intake.take, intake.ids))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=path_of("streaming"),
        handler=tell,
        summary="Everything that belongs to the account, row by row",
        access="internal",
        query=MovingQuery,
        documented=False,
    ),
    Endpoint(
        method="POST",
        path=path_of("streaming"),
        handler=take,
        summary="Take in what somebody brings from another hub",
        access="internal",
        query=TakeQuery,
        response=Taken,
        errors=(InvalidInput,),
        documented=False,
    ),
)
