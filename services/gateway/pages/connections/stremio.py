"""A profile's Stremio account: connected by a code or a password, settled, and let go."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from libs.common.contracts.stremio_account import (
    InstalledAddon,
    NewStremio,
    StremioAccountClient,
    StremioPatch,
    StremioView,
)
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.address import base_url
from services.gateway.keys import SYNC
from services.gateway.pages.connections.stremio_words import STATES as PLAN_STATES
from services.gateway.pages.connections.stremio_words import what_of
from services.gateway.pages.connections.words import STATES, beside
from services.gateway.pages.draw import qr_address
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import as_shape, read_form
from services.gateway.pages.shell import SHELL

HERE: Final = "/connections/stremio"
LOOK_S: Final = 3
SHOWN_PLANS: Final = 5


async def show_stremio(request: web.Request, identity: Identity) -> web.Response:
    return await page(request, identity)


async def send_state(request: web.Request, identity: Identity) -> web.Response:
    """What changes by itself while somebody looks, at a page that was made for the state in `of`."""
    view = await client(request).view(identity, deadline=deadline_of(request))
    context = {**_told(view), "is_new": request.query.get("of") != view.state}
    return render_page(request, "connections/stremio_state.html", context, shows_secret=True)


async def send_password(request: web.Request, identity: Identity) -> web.Response:
    """What was typed as a password is not sent back."""
    form = await read_form(request)
    email = form.get("email", "").strip()
    try:
        new = as_shape({"email": email, "password": form.get("password", "")}, NewStremio)
        await client(request).connect(identity, new, deadline=deadline_of(request))
    except HeadgateError as error:
        return await page(request, identity, error=error, email=email)
    return go(HERE, said="stremio_connected")


async def send_code(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await client(request).connect_by_code(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await page(request, identity, error=error)
    return go(HERE)


async def send_choices(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    patch = StremioPatch(poll="poll" in form, write_back="write_back" in form)
    try:
        await client(request).change(identity, patch, deadline=deadline_of(request))
    except HeadgateError as error:
        return await page(request, identity, error=error)
    return go(HERE, said="connection_saved")


async def send_disconnect(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await client(request).disconnect(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await page(request, identity, error=error)
    return go(HERE, said="connection_ended")


def client(request: web.Request) -> StremioAccountClient:
    return StremioAccountClient(request.app[SYNC].service)


async def page(
    request: web.Request, identity: Identity, *, error: HeadgateError | None = None, email: str | None = None
) -> web.Response:
    """`email` is what was typed into the form of the password."""
    asking, within = client(request), deadline_of(request)
    view = await asking.view(identity, deadline=within)
    addons, problem = await _addons(request, identity, view)
    if problem:
        # It may have been by asking that the end of the sign-in was noticed.
        view = await asking.view(identity, deadline=within)
    plans = (await asking.plans(identity, deadline=within)).items[:SHOWN_PLANS]
    context = {
        **_told(view),
        "is_new": False,
        "error": error,
        "wrong": beside(error) if error and email is not None else {},
        "email": email or "",
        "addons": addons,
        "problem": problem,
        "movable": [each for each in addons if not (each.is_own or each.official or each.protected)],
        "has_own": any(each.is_own for each in addons),
        "plans": [(plan, what_of(plan.action, plan.state), PLAN_STATES[plan.state]) for plan in plans],
        "can_undo": any(plan.state == "applied" and plan.action != "undo" for plan in plans),
        "profile_name": request[SHELL].profile,
        "look_s": LOOK_S,
    }
    return render_page(
        request,
        "connections/stremio.html",
        context,
        status=error.status if error else 200,
        shows_secret=True,
    )


async def _addons(
    request: web.Request, identity: Identity, view: StremioView
) -> tuple[tuple[InstalledAddon, ...], str]:
    """What is installed there, or why that isn't known: the rest of the page needs no Stremio."""
    if view.state != "connected":
        return (), ""
    try:
        listed = await client(request).addons(identity, base_url(request), deadline=deadline_of(request))
    except HeadgateError as error:
        return (), str(error)
    return listed.items, ""


def _told(view: StremioView) -> Mapping[str, object]:
    return {
        "stremio": view,
        "state": STATES[view.state],
        "qr": qr_address(view.waiting.verification_url) if view.waiting else "",
        "changes": view.state == "waiting",
    }
