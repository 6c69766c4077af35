"""Accounts, for administrators."""

from __future__ import annotations

from aiohttp import web

from libs.common.contracts.accounts import AccountList, AccountPatch, AccountView, NewAccount
from libs.common.errors import NotFound
from libs.common.web import Endpoint, identity_of, json_response, read_json, read_query
from services.auth.errors import KeyRefused, NameTaken, OwnAccount, OwnerProtected
from services.auth.routes.domain import DOMAIN, forget
from services.auth.schemas import PageQuery


async def list_accounts(request: web.Request) -> web.Response:
    query = read_query(request, PageQuery)
    administration = request.app[DOMAIN].administration
    return json_response(await administration.page(limit=query.limit, cursor=query.cursor))


async def create(request: web.Request) -> web.Response:
    wanted = await read_json(request, NewAccount)
    made = await request.app[DOMAIN].administration.create(identity_of(request), wanted)
    return json_response(made, status=201)


async def show(request: web.Request) -> web.Response:
    return json_response(await request.app[DOMAIN].administration.one(request.match_info["id"]))


async def change(request: web.Request) -> web.Response:
    patch = await read_json(request, AccountPatch)
    account_id = request.match_info["id"]
    changed = await request.app[DOMAIN].administration.change(identity_of(request), account_id, patch)
    forget(request, account_id)
    return json_response(changed)


async def delete(request: web.Request) -> web.Response:
    account_id = request.match_info["id"]
    await request.app[DOMAIN].administration.delete(identity_of(request), account_id)
    forget(request, account_id)
    return web.Response(status=204)


ONE = "/api/v1/accounts/{id}"

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/v1/accounts",
        handler=list_accounts,
        summary="Every account, oldest first",
        access="admin",
        query=PageQuery,
        response=AccountList,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/accounts",
        handler=create,
        summary="Make an account for somebody",
        access="admin",
        request=NewAccount,
        response=AccountView,
        status=201,
        errors=(NameTaken, KeyRefused),
    ),
    Endpoint(
        method="GET",
        path=ONE,
        handler=show,
        summary="One account",
        access="admin",
        response=AccountView,
        errors=(NotFound,),
    ),
    Endpoint(
        method="PATCH",
        path=ONE,
        handler=change,
        summary="Give an account another role, tier or password, or switch it off or on",
        access="admin",
        request=AccountPatch,
        response=AccountView,
        errors=(NotFound, OwnerProtected, OwnAccount, KeyRefused),
    ),
    Endpoint(
        method="DELETE",
        path=ONE,
        handler=delete,
        summary="Delete an account with all that belongs to it",
        access="admin",
        status=204,
        errors=(NotFound, OwnerProtected, OwnAccount),
    ),
)
