"""The profiles of the asker's account."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.accounts import Profile, ProfileList, ProfileName
from libs.common.errors import NotFound
from libs.common.web import Endpoint, identity_of, json_response, read_json
from services.auth.errors import LastProfile, NoSession, TooMany
from services.auth.routes.domain import DOMAIN, forget


async def list_profiles(request: web.Request) -> web.Response:
    return json_response(await request.app[DOMAIN].profiles.page(identity_of(request)))


async def add(request: web.Request) -> web.Response:
    wanted = await read_json(request, ProfileName)
    made = await request.app[DOMAIN].profiles.add(identity_of(request), wanted.name)
    return json_response(made, status=201)


async def rename(request: web.Request) -> web.Response:
    wanted = await read_json(request, ProfileName)
    profiles, profile_id = request.app[DOMAIN].profiles, request.match_info["id"]
    return json_response(await profiles.rename(identity_of(request), profile_id, wanted.name))


async def delete(request: web.Request) -> web.Response:
    identity = identity_of(request)
    await request.app[DOMAIN].profiles.delete(identity, request.match_info["id"])
    forget(request, identity.account_id)
    return web.Response(status=204)


async def select(request: web.Request) -> web.Response:
    identity = identity_of(request)
    selected = await request.app[DOMAIN].profiles.select(identity, request.match_info["id"])
    forget(request, identity.account_id)
    return json_response(selected)


ONE = "/api/v1/profiles/{id}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/profiles",
        handler=list_profiles,
        summary="Your profiles, the default one first",
        access="account",
        response=ProfileList,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/profiles",
        handler=add,
        summary="Add a profile with sources and rows of its own",
        access="account",
        request=ProfileName,
        response=Profile,
        status=201,
        errors=(TooMany,),
    ),
    Endpoint(
        method="PATCH",
        path=ONE,
        handler=rename,
        summary="Rename a profile",
        access="account",
        request=ProfileName,
        response=Profile,
        errors=(NotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=delete,
        summary="Delete a profile with all that belongs to it; whoever is signed in as it is signed out",
        access="account",
        status=204,
        errors=(NotFound, LastProfile),
    ),
    Endpoint(
        method="POST",
        path=f"{ONE}/select",
        handler=select,
        summary="Go on as another profile in this session",
        access="account",
        response=Profile,
        errors=(NotFound, NoSession),
    ),
)
