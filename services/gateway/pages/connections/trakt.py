"""A profile's connection to Trakt: made by a code, watched while it is made, settled, ended.

Trakt itself is asked only by the forms that begin and end a connection; everything else is read from what is
stored here.
"""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from libs.common.contracts.connections import ConnectionsClient, NewTrakt, TraktPatch, TraktView
from libs.common.contracts.sync import Job
from libs.common.errors import HeadgateError, NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from libs.protocols.trakt.app import REDIRECT_URI
from services.gateway.keys import SYNC
from services.gateway.pages.connections.words import EVERY, PHASES, STATES, beside
from services.gateway.pages.draw import qr_address
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, as_shape, read_form
from services.gateway.pages.shell import SHELL

HERE: Final = "/connections/trakt"
APPS_AT: Final = "https://app.trakt.tv/settings/apps/api"
CHECKS: Final = ("enabled", "scrobble", "write_history", "write_watchlist")
EMPTY: Final = {"client_id": "", "client_secret": ""}
LOOK_S: Final = 3


async def show_trakt(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_state(request: web.Request, identity: Identity) -> web.Response:
    """What changes by itself while somebody looks, at a page that was made for the state in `of`."""
    view = await _client(request).trakt(identity, deadline=deadline_of(request))
    context = {**await _told(request, identity, view), "is_new": request.query.get("of") != view.state}
    return render_page(request, "connections/trakt_state.html", context, shows_secret=True)


async def send_start(request: web.Request, identity: Identity) -> web.Response:
    """What was typed as a secret is not sent back."""
    form = await read_form(request)
    typed = {name: form.get(name, "").strip() for name in ("client_id", "client_secret")}
    try:
        await _client(request).connect_trakt(
            identity, as_shape(typed, NewTrakt), deadline=deadline_of(request)
        )
    except HeadgateError as error:
        return await _page(request, identity, error=error, typed=typed)
    return go(HERE)


async def send_choices(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    chosen = {name: name in form for name in CHECKS}
    try:
        patch = as_shape({**chosen, "every_s": form.get("every_s", "")}, TraktPatch)
        await _client(request).settle_trakt(identity, patch, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="connection_saved")


async def send_sync(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await _client(request).sync_trakt(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="connection_syncs")


async def send_cancel(request: web.Request, identity: Identity) -> web.Response:
    """Cancel the sync that is at work; what has been read stays."""
    await read_form(request)
    view = await _client(request).trakt(identity, deadline=deadline_of(request))
    if view.job_id is not None:
        try:
            await request.app[SYNC].cancel(identity, view.job_id, deadline=deadline_of(request))
        except HeadgateError as error:
            return await _page(request, identity, error=error)
    return go(HERE, said="connection_cancelled")


async def send_disconnect(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await _client(request).disconnect_trakt(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="connection_ended")


def _client(request: web.Request) -> ConnectionsClient:
    return ConnectionsClient(request.app[SYNC].service)


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    error: HeadgateError | None = None,
    typed: Form | None = None,
) -> web.Response:
    view = await _client(request).trakt(identity, deadline=deadline_of(request))
    context = {
        **await _told(request, identity, view),
        "error": error,
        "wrong": beside(error) if error and typed is not None else {},
        "typed": typed or EMPTY,
        "is_new": False,
        "apps_at": APPS_AT,
        "redirect_uri": REDIRECT_URI,
        "every": _every(view),
        "look_s": LOOK_S,
        "profile_name": request[SHELL].profile,
    }
    return render_page(
        request, "connections/trakt.html", context, status=error.status if error else 200, shows_secret=True
    )


async def _told(request: web.Request, identity: Identity, view: TraktView) -> Mapping[str, object]:
    job = await _job(request, identity, view)
    return {
        "trakt": view,
        "state": STATES[view.state],
        "qr": qr_address(view.waiting.verification_url) if view.waiting else "",
        "job": job,
        "phase": PHASES.get(job.phase, "") if job else "",
        "changes": view.state == "waiting" or job is not None,
    }


async def _job(request: web.Request, identity: Identity, view: TraktView) -> Job | None:
    if view.job_id is None:
        return None
    try:
        return await request.app[SYNC].job(identity, view.job_id, deadline=deadline_of(request))
    except NotFound:
        return None


def _every(view: TraktView) -> list[tuple[str, str]]:
    """The choices, and what is chosen if that is none of them."""
    present = str(view.choices.every_s)
    known = dict(EVERY)
    return [*EVERY] if present in known else [(present, f"Every {present} seconds"), *EVERY]
