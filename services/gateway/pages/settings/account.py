"""One's own account: where it is signed in, its keys, its password, and what happened to it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

from libs.common.contracts.accounts import ApiKeyMade, NewApiKey, NewPassword, OwnDeletion
from libs.common.contracts.auth import MIN_PASSWORD_CHARS
from libs.common.contracts.moving import MovesClient, MoveView
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, InvalidInput, NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.address import client_address
from services.gateway.identify import drop_session
from services.gateway.keys import ACCOUNTS, AUTH, SYNC
from services.gateway.pages.connect import DOTS
from services.gateway.pages.pager import pager
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import as_shape, read_choices, read_form
from services.gateway.pages.settings.move_words import STATES
from services.gateway.pages.shell import SHELL, is_admin

HERE = "/settings/account"
AUDIT_SHOWN = 6
AUDIT_PAGE = 50
MOVES_WITHIN_S = 2.0
SCOPES = (
    ("read", "Look", "Rows, titles, sources and settings."),
    ("write", "Change", "Everything you may change yourself."),
    ("admin", "Administer", "What only administrators may see and do."),
)


async def show_settings(_request: web.Request, _identity: Identity) -> web.Response:
    return go(HERE)


async def show_account(request: web.Request, identity: Identity) -> web.Response:
    return await account_page(request, identity)


async def send_password(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    new_password = form.get("new_password", "")
    if new_password != form.get("repeated", ""):
        differing = InvalidInput(fields={"repeated": "The two passwords differ."})
        return await account_page(request, identity, error=differing, error_at="password")
    values = {**form, "client_address": client_address(request)}
    try:
        wanted = as_shape(values, NewPassword)
        await request.app[ACCOUNTS].change_password(identity, wanted, deadline=deadline_of(request))
    except HeadgateError as error:
        return await account_page(request, identity, error=error, error_at="password")
    return go(HERE, said="password_changed")


async def send_deletion(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    account = await request.app[AUTH].account(identity, deadline=deadline_of(request))
    if form.get("confirmed", "").strip() != account.username:
        differing = InvalidInput(fields={"confirmed": "This is not your user name."})
        return await account_page(request, identity, error=differing, error_at="delete")
    values = {"password": form.get("password", ""), "client_address": client_address(request)}
    try:
        wanted = as_shape(values, OwnDeletion)
        await request.app[ACCOUNTS].delete_own(identity, wanted, deadline=deadline_of(request))
    except HeadgateError as error:
        return await account_page(request, identity, error=error, error_at="delete")
    response = go("/login", said="account_gone")
    drop_session(request, response)
    return response


async def send_session_end(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    session_id = request.match_info["session_id"]
    with suppress(NotFound):  # ended elsewhere meanwhile, which is what was wanted
        await request.app[ACCOUNTS].end_session(identity, session_id, deadline=deadline_of(request))
    return go(HERE, said="session_ended")


async def send_others_end(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    await request.app[ACCOUNTS].end_other_sessions(identity, deadline=deadline_of(request))
    return go(HERE, said="sessions_ended")


async def send_key(request: web.Request, identity: Identity) -> web.Response:
    """Make a key. It is shown in this answer and never again, so there is no redirect."""
    form = await read_form(request)
    scopes = read_choices(request, "scope")
    days = form.get("expires_in_days") or None
    try:
        values = {"name": form.get("name", "").strip(), "scopes": sorted(scopes), "expires_in_days": days}
        wanted = as_shape(values, NewApiKey)
        made = await request.app[ACCOUNTS].create_api_key(identity, wanted, deadline=deadline_of(request))
    except HeadgateError as error:
        return await account_page(request, identity, error=error, error_at="key", typed=form, scopes=scopes)
    return await account_page(request, identity, made=made, made_masked=made.prefix + DOTS)


async def send_revoke(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    key_id = request.match_info["key_id"]
    with suppress(NotFound):
        await request.app[ACCOUNTS].revoke_api_key(identity, key_id, deadline=deadline_of(request))
    return go(HERE, said="key_revoked")


async def show_audit(request: web.Request, identity: Identity) -> web.Response:
    cursor = request.query.get("cursor")
    page = await request.app[ACCOUNTS].audit(
        identity, limit=AUDIT_PAGE, cursor=cursor, deadline=deadline_of(request)
    )
    context = {"audit": page.items, **pager(f"{HERE}/audit", cursor, page.next_cursor)}
    return render_page(request, "settings/audit.html", context)


async def account_page(
    request: web.Request,
    identity: Identity,
    *,
    error: HeadgateError | None = None,
    error_at: str = "",
    typed: Mapping[str, str] | None = None,
    scopes: frozenset[str] = frozenset({"read"}),
    made: ApiKeyMade | None = None,
    made_masked: str = "",
) -> web.Response:
    accounts, deadline, status = request.app[ACCOUNTS], deadline_of(request), error.status if error else 200
    account, sessions, keys, audit, moves = await asyncio.gather(
        request.app[AUTH].account(identity, deadline=deadline),
        accounts.list_sessions(identity, deadline=deadline),
        accounts.list_api_keys(identity, deadline=deadline),
        accounts.audit(identity, limit=AUDIT_SHOWN, deadline=deadline),
        _moves(request, identity, deadline.sooner(MOVES_WITHIN_S)),
    )
    context = {
        "account": account,
        "is_owner": "owner" in identity.roles,
        "profile_name": request[SHELL].profile or account.profile_name,
        "sessions": sorted(sessions.items, key=lambda session: not session.current),
        "keys": keys.items,
        "moves": [(one, STATES[one.state]) for one in moves],
        "audit": audit.items,
        "audit_next": audit.next_cursor,
        "scopes": SCOPES if is_admin(identity) else SCOPES[:2],
        "min_password": MIN_PASSWORD_CHARS,
        "error": error,
        "error_at": error_at,
        "typed": typed or {},
        "typed_scopes": scopes,
        "made": made,
        "made_masked": made_masked,
    }
    return render_page(
        request, "settings/account.html", context, status=status, shows_secret=made is not None
    )


async def _moves(request: web.Request, identity: Identity, deadline: Deadline) -> tuple[MoveView, ...]:
    """The rest of the page needs no sync."""
    try:
        return (await MovesClient(request.app[SYNC].service).listed(identity, deadline=deadline)).items
    except HeadgateError:
        return ()
