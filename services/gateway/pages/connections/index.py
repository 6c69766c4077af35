"""All connections of a profile, as cards."""

from typing import Final

from aiohttp import web

from libs.common.contracts.connections import ConnectionsClient
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import SYNC
from services.gateway.pages.connections.words import KINDS, STATES
from services.gateway.pages.render import render_page
from services.gateway.pages.shell import SHELL

HERE: Final = "/connections"


async def show_connections(request: web.Request, identity: Identity) -> web.Response:
    listed = await ConnectionsClient(request.app[SYNC].service).all(identity, deadline=deadline_of(request))
    context = {
        "cards": [(brief, *KINDS[brief.kind], STATES[brief.state]) for brief in listed.items],
        "profile_name": request[SHELL].profile,
    }
    return render_page(request, "connections/index.html", context)
