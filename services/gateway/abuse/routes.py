"""Administrators see who is blocked and allowed, and change it."""

from aiohttp import web

from libs.common.errors import NotFound
from libs.common.web import Endpoint, identity_of, json_response, read_json
from services.gateway.abuse.model import CannotBlock, FixedNetwork, ListFull
from services.gateway.abuse.schemas import (
    AllowedList,
    AllowedShown,
    BlockShown,
    BlocksShown,
    NewAllowed,
    NewBlock,
    allowed_shown,
    block_shown,
)
from services.gateway.address import client_address
from services.gateway.keys import ABUSE
from services.gateway.model import NO_STORE


async def list_blocks(request: web.Request) -> web.Response:
    blocks = request.app[ABUSE].blocks()
    return json_response(BlocksShown(tuple(map(block_shown, blocks))), headers=NO_STORE)


async def make_block(request: web.Request) -> web.Response:
    wanted = await read_json(request, NewBlock)
    block = await request.app[ABUSE].block(
        wanted.address,
        reason=wanted.reason,
        expires_in_s=wanted.expires_in_s,
        made_by=identity_of(request).account_id,
        asked_from=client_address(request),
    )
    return json_response(block_shown(block), status=201, headers=NO_STORE)


async def revoke_block(request: web.Request) -> web.Response:
    made_by = identity_of(request).account_id
    await request.app[ABUSE].revoke(request.match_info["id"], made_by=made_by)
    return web.Response(status=204, headers=NO_STORE)


async def list_allowed(request: web.Request) -> web.Response:
    allowed = request.app[ABUSE].allowed()
    return json_response(AllowedList(tuple(map(allowed_shown, allowed))), headers=NO_STORE)


async def allow_network(request: web.Request) -> web.Response:
    wanted = await read_json(request, NewAllowed)
    allowed = await request.app[ABUSE].allow(
        wanted.network, reason=wanted.reason, made_by=identity_of(request).account_id
    )
    return json_response(allowed_shown(allowed), status=201, headers=NO_STORE)


async def disallow_network(request: web.Request) -> web.Response:
    made_by = identity_of(request).account_id
    await request.app[ABUSE].disallow(request.match_info["id"], made_by=made_by)
    return web.Response(status=204, headers=NO_STORE)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/admin/blocks",
        handler=list_blocks,
        summary="Networks that are blocked now, the latest decision first",
        access="admin",
        response=BlocksShown,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/admin/blocks",
        handler=make_block,
        summary="Block an address or a network by hand",
        access="admin",
        request=NewBlock,
        response=BlockShown,
        status=201,
        errors=(CannotBlock,),
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/admin/blocks/{id}",
        handler=revoke_block,
        summary="End a block, on every gateway",
        access="admin",
        status=204,
        errors=(NotFound,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/admin/allowed",
        handler=list_allowed,
        summary="Networks that are never blocked",
        access="admin",
        response=AllowedList,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/admin/allowed",
        handler=allow_network,
        summary="Never block a network, and end what holds for it",
        access="admin",
        request=NewAllowed,
        response=AllowedShown,
        status=201,
        errors=(ListFull,),
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/admin/allowed/{id}",
        handler=disallow_network,
        summary="Take a network off the list",
        access="admin",
        status=204,
        errors=(NotFound, FixedNetwork),
    ),
)
