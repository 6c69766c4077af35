"""What belongs to an account, for whoever takes it along."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.moving import MovingQuery, path_of
from libs.common.web import Endpoint, deadline_of, read_query, send_pieces
from services.catalog import keys
from services.catalog.routes.asking import owner_of


async def tell(request: web.Request) -> web.StreamResponse:
    query = read_query(request, MovingQuery)
    lines = request.app[keys.MOVING].lines(owner_of(request).account_id, secrets=query.secrets)
    headers = {"Content-Type": "application/x-ndjson"}
    return await send_pieces(request, lines, headers=headers, deadline=deadline_of(request))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path=path_of("catalog"),
        handler=tell,
        summary="Everything that belongs to the account, row by row",
        access="internal",
        query=MovingQuery,
        documented=False,
    ),
)
