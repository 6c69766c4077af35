"""`/api/v1/connections/stremio`: a profile's account at Stremio, and the list of addons there."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from libs.common.contracts.stremio_account import (
    BASE_HEADER,
    STREMIO,
    InstalledAddons,
    NewPlan,
    NewStremio,
    PlanList,
    PlanView,
    StremioBackups,
    StremioPatch,
    StremioView,
)
from libs.common.contracts.viewing import CHANGED_HEADER
from libs.common.errors import MalformedRequest, RateLimited
from libs.common.web import CLOCK, Endpoint, deadline_of, identity_of, json_response, read_json
from services.sync.errors import AlreadyConnected
from services.sync.keys import STREMIO_CONNECTIONS, STREMIO_PLANS
from services.sync.routes.asking import owner_of
from services.sync.stremio.errors import (
    BackupNotFound,
    NothingToChange,
    OtherAccount,
    PlanNotFound,
    PlanOver,
    StremioAway,
    StremioLoginRefused,
    StremioNotConnected,
    StremioUnreadable,
)


async def show(request: web.Request) -> web.Response:
    return json_response(await request.app[STREMIO_CONNECTIONS].view(owner_of(request)))


async def connect(request: web.Request) -> web.Response:
    new = await read_json(request, NewStremio)
    view = await request.app[STREMIO_CONNECTIONS].connect(
        owner_of(request), new, deadline=deadline_of(request)
    )
    return json_response(view, status=201)


async def connect_by_code(request: web.Request) -> web.Response:
    view = await request.app[STREMIO_CONNECTIONS].connect_by_code(
        owner_of(request), deadline=deadline_of(request)
    )
    return json_response(view, status=201)


async def settle(request: web.Request) -> web.Response:
    patch = await read_json(request, StremioPatch)
    return json_response(await request.app[STREMIO_CONNECTIONS].settle(owner_of(request), patch))


async def disconnect(request: web.Request) -> web.Response:
    await request.app[STREMIO_CONNECTIONS].disconnect(owner_of(request), deadline=deadline_of(request))
    return web.Response(status=204)


async def list_addons(request: web.Request) -> web.Response:
    listed = await request.app[STREMIO_PLANS].installed(
        identity_of(request), _base_url(request), deadline=deadline_of(request)
    )
    return json_response(listed)


async def make_plan(request: web.Request) -> web.Response:
    new = await read_json(request, NewPlan)
    plan = await request.app[STREMIO_PLANS].make(
        identity_of(request), new, _base_url(request), deadline=deadline_of(request)
    )
    return json_response(plan, status=201, headers={"Location": f"{STREMIO}/plans/{plan.id}"})


async def list_plans(request: web.Request) -> web.Response:
    return json_response(await request.app[STREMIO_PLANS].listed(owner_of(request)))


async def show_plan(request: web.Request) -> web.Response:
    plan = await request.app[STREMIO_PLANS].get(owner_of(request), request.match_info["id"])
    # Addons were added behind the gateway's back, which remembers answers for a while.
    is_over = plan.ended_at is not None and request.app[CLOCK].now() - plan.ended_at < LATELY
    return json_response(plan, headers={CHANGED_HEADER: "1"} if is_over else None)


async def apply_plan(request: web.Request) -> web.Response:
    plan = await request.app[STREMIO_PLANS].apply(owner_of(request), request.match_info["id"])
    return json_response(plan, status=202)


async def list_backups(request: web.Request) -> web.Response:
    return json_response(await request.app[STREMIO_PLANS].backups(owner_of(request)))


def _base_url(request: web.Request) -> str:
    """Where players reach this hub, as the gateway says it."""
    base = request.headers.get(BASE_HEADER, "")
    if not base.startswith(("http://", "https://")):
        raise MalformedRequest("It isn't said where this hub is reached.")
    return base


LATELY = timedelta(minutes=10)
PLANS, ONE_PLAN = f"{STREMIO}/plans", f"{STREMIO}/plans/{{id}}"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=STREMIO,
        handler=show,
        summary="The profile's connection to a Stremio account",
        access="account",
        response=StremioView,
    ),
    Endpoint(
        method="POST",
        path=STREMIO,
        handler=connect,
        summary="Connect a Stremio account: the password is exchanged for a key once, and not kept",
        access="account",
        request=NewStremio,
        response=StremioView,
        status=201,
        errors=(AlreadyConnected, StremioLoginRefused, StremioAway, RateLimited),
    ),
    Endpoint(
        method="POST",
        path=f"{STREMIO}/link",
        handler=connect_by_code,
        summary="Begin to connect a Stremio account by a code that is confirmed at Stremio",
        access="account",
        response=StremioView,
        status=201,
        errors=(AlreadyConnected, StremioAway, RateLimited),
    ),
    Endpoint(
        method="PATCH",
        path=STREMIO,
        handler=settle,
        summary="Settle whether the library there is read, and whether it is written",
        access="account",
        request=StremioPatch,
        response=StremioView,
        errors=(StremioNotConnected,),
    ),
    Endpoint(
        method="DELETE",
        path=STREMIO,
        handler=disconnect,
        summary="Disconnect the Stremio account, and end the sign-in there",
        access="account",
        status=204,
    ),
    Endpoint(
        method="GET",
        path=f"{STREMIO}/addons",
        handler=list_addons,
        summary="The addons installed in the Stremio account, in their order",
        access="account",
        response=InstalledAddons,
        errors=(StremioNotConnected, StremioAway),
    ),
    Endpoint(
        method="POST",
        path=PLANS,
        handler=make_plan,
        summary="See what a change to the addons of the Stremio account would do; nothing is changed yet",
        access="account",
        request=NewPlan,
        response=PlanView,
        status=201,
        errors=(
            StremioNotConnected,
            StremioAway,
            NothingToChange,
            BackupNotFound,
            OtherAccount,
            StremioUnreadable,
        ),
    ),
    Endpoint(
        method="GET",
        path=PLANS,
        handler=list_plans,
        summary="The latest changes to the addons of the Stremio account, newest first",
        access="account",
        response=PlanList,
        errors=(StremioUnreadable,),
    ),
    Endpoint(
        method="GET",
        path=ONE_PLAN,
        handler=show_plan,
        summary="Show a change: what it does, and how far it is",
        access="account",
        response=PlanView,
        errors=(PlanNotFound, StremioUnreadable),
    ),
    Endpoint(
        method="POST",
        path=f"{ONE_PLAN}/apply",
        handler=apply_plan,
        summary="Make a change that was looked at, or go on with one that was interrupted",
        access="account",
        response=PlanView,
        status=202,
        errors=(PlanNotFound, PlanOver, StremioUnreadable),
    ),
    Endpoint(
        method="GET",
        path=f"{STREMIO}/backups",
        handler=list_backups,
        summary="The addons of the Stremio account as they were before each change",
        access="account",
        response=StremioBackups,
    ),
)
