"""REST for administrators: how every part is, and what to send to somebody who helps."""

import msgspec
from aiohttp import web

from libs.common.errors import Forbidden, Unauthenticated
from libs.common.states import HubState
from libs.common.web import Endpoint, deadline_of, json_response
from services.gateway.diagnostics import Diagnostics
from services.gateway.keys import DIAGNOSIS, HUB_STATE
from services.gateway.model import NO_STORE


async def show_state(request: web.Request) -> web.Response:
    state = await request.app[HUB_STATE].gather(deadline=deadline_of(request))
    return json_response(state, headers=NO_STORE)


async def send_diagnostics(request: web.Request) -> web.Response:
    made = await request.app[DIAGNOSIS].make(deadline=deadline_of(request))
    headers = {
        **NO_STORE,
        "Content-Type": "application/json",
        "Content-Disposition": f'attachment; filename="{made.file_name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=msgspec.json.format(msgspec.json.encode(made), indent=2), headers=headers)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/admin/state",
        handler=show_state,
        summary="How every process and its parts are, as far as they answer within a second",
        access="admin",
        response=HubState,
        errors=(Unauthenticated, Forbidden),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/admin/diagnostics",
        handler=send_diagnostics,
        summary="All of that with the metrics as a file for somebody who helps; nothing secret is in it",
        access="admin",
        response=Diagnostics,
        errors=(Unauthenticated, Forbidden),
    ),
)
