"""REST for administrators: how every part is, what its caches do, and what to send to somebody who helps."""

import msgspec
from aiohttp import web

from libs.common.errors import Forbidden, InvalidInput, Unauthenticated
from libs.common.states import Clearing, HubState
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_json
from services.gateway.caches import CachesView, ClearedView
from services.gateway.diagnostics import Diagnostics
from services.gateway.keys import DIAGNOSIS, HUB_CACHES, HUB_STATE
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


async def show_caches(request: web.Request) -> web.Response:
    view = await request.app[HUB_CACHES].view(deadline=deadline_of(request))
    return json_response(view, headers=NO_STORE)


async def clear_caches(request: web.Request) -> web.Response:
    wanted = await read_json(request, Clearing)
    cleared = await request.app[HUB_CACHES].clear(wanted, identity_of(request), deadline=deadline_of(request))
    return json_response(cleared, headers=NO_STORE)


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
    Endpoint(
        method="GET",
        path="/api/v1/admin/caches",
        handler=show_caches,
        summary="Every cache over all processes: hit rates by tier, sizes, evictions, what is asked for most",
        access="admin",
        response=CachesView,
        errors=(Unauthenticated, Forbidden),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/admin/caches/clear",
        handler=clear_caches,
        summary="Let go of a key, of what has a tag, or of all, in every process and in Redis",
        access="admin",
        request=Clearing,
        response=ClearedView,
        errors=(Unauthenticated, Forbidden, InvalidInput),
    ),
)
