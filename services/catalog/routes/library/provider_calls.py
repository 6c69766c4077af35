"""Accounts at providers as the other services ask about them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web

from libs.common.contracts.handover import PREFIX, ProviderAccess, ProviderRefs, ProviderState, StepDone
from libs.common.web import Endpoint, deadline_of, json_response, read_json, read_query
from services.catalog import keys
from services.catalog.errors import ProviderNotFound
from services.catalog.model import Owner


class RefsQuery(msgspec.Struct, frozen=True):
    """Everybody's by number, or, with an account, those of one of its profiles."""

    account_id: str | None = None
    profile_id: str = ""
    after: int = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 500


class FillQuery(msgspec.Struct, frozen=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 10


async def show_refs(request: web.Request) -> web.Response:
    query = read_query(request, RefsQuery)
    providers = request.app[keys.PROVIDERS]
    if query.account_id is not None:
        return json_response(await providers.own_refs(Owner(query.account_id, query.profile_id)))
    return json_response(await providers.refs(after=query.after, limit=query.limit))


async def show_access(request: web.Request) -> web.Response:
    return json_response(await request.app[keys.PROVIDERS].access(request.match_info["provider"]))


async def put_state(request: web.Request) -> web.Response:
    state = await read_json(request, ProviderState)
    await request.app[keys.PROVIDERS].put_state(request.match_info["provider"], state)
    return web.Response(status=204)


async def fill_details(request: web.Request) -> web.Response:
    query = read_query(request, FillQuery)
    done = await request.app[keys.DETAILS].fill(
        request.match_info["provider"], limit=query.limit, deadline=deadline_of(request)
    )
    return json_response(done)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=PREFIX,
        handler=show_refs,
        summary="Everybody's accounts at providers, or one profile's",
        access="internal",
        query=RefsQuery,
        response=ProviderRefs,
        documented=False,
    ),
    Endpoint(
        method="GET",
        path=f"{PREFIX}/{{provider}}/access",
        handler=show_access,
        summary="How to ask a provider",
        access="internal",
        response=ProviderAccess,
        documented=False,
        errors=(ProviderNotFound,),
    ),
    Endpoint(
        method="PUT",
        path=f"{PREFIX}/{{provider}}/state",
        handler=put_state,
        summary="What the provider says about the account",
        access="internal",
        request=ProviderState,
        status=204,
        documented=False,
        errors=(ProviderNotFound,),
    ),
    Endpoint(
        method="POST",
        path=f"{PREFIX}/{{provider}}/details",
        handler=fill_details,
        summary="Ask the provider for the details of some series and films that lack them",
        access="internal",
        query=FillQuery,
        response=StepDone,
        documented=False,
        errors=(ProviderNotFound,),
    ),
)
