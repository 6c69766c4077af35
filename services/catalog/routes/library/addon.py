"""The library's addon as other services ask it: by the owner whose it is."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.catalog import LIBRARY_ADDON
from libs.common.errors import NotFound
from libs.common.web import Endpoint, deadline_of
from services.catalog import keys
from services.catalog.model import Owner
from services.catalog.routes.stremio import raw_resource_path


async def show(request: web.Request) -> web.Response:
    match = request.match_info
    owner = Owner(match["account_id"], match["profile_id"])
    prefix = "/".join(request.raw_path.split("/", 7)[:7]) + "/"
    path = raw_resource_path(request, prefix)
    body = await request.app[keys.LIBRARY_ADDON].answer(owner, path, deadline=deadline_of(request))
    if body is None:
        raise NotFound("The library has no such thing.")
    return web.Response(body=body, content_type="application/json")


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=LIBRARY_ADDON + "/{account_id}/{profile_id}/{tail:.+}",
        handler=show,
        summary="The library as its owner's addon",
        access="internal",
        documented=False,
    ),
)
