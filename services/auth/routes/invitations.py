"""Invitations, for administrators."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.accounts import InvitationList, InvitationMade, NewInvitation
from libs.common.errors import NotFound
from libs.common.web import Endpoint, identity_of, json_response, read_json
from services.auth.errors import KeyRefused, TooMany
from services.auth.routes.domain import DOMAIN


async def list_invitations(request: web.Request) -> web.Response:
    return json_response(await request.app[DOMAIN].invitations.page())


async def invite(request: web.Request) -> web.Response:
    wanted = await read_json(request, NewInvitation)
    made = await request.app[DOMAIN].invitations.invite(identity_of(request), wanted)
    return json_response(made, status=201)


async def withdraw(request: web.Request) -> web.Response:
    await request.app[DOMAIN].invitations.withdraw(identity_of(request), request.match_info["id"])
    return web.Response(status=204)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/invitations",
        handler=list_invitations,
        summary="The invitations that wait for somebody, newest first",
        access="admin",
        response=InvitationList,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/invitations",
        handler=invite,
        summary="Invite somebody; the code is shown this once",
        access="admin",
        request=NewInvitation,
        response=InvitationMade,
        status=201,
        errors=(TooMany, KeyRefused),
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/invitations/{id}",
        handler=withdraw,
        summary="Withdraw an invitation that nobody has used",
        access="admin",
        status=204,
        errors=(NotFound,),
    ),
)
