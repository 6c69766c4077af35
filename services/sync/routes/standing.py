"""How everybody's connections are, for diagnostics."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from libs.common.contracts.standing import CONNECTIONS_PATH, ConnectionsStanding
from libs.common.web import Endpoint, json_response
from services.sync.keys import STANDING

MOST_TOLD: Final = 200


async def show_standing(request: web.Request) -> web.Response:
    return json_response(await request.app[STANDING].connections(MOST_TOLD))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=CONNECTIONS_PATH,
        handler=show_standing,
        summary="How everybody's connections are, without whose they are",
        access="internal",
        response=ConnectionsStanding,
        documented=False,
    ),
)
