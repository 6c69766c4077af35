"""Accounts and invitations, as an administrator sees and changes them."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

from aiohttp import web
from yarl import URL

from libs.common.contracts.accounts import AccountPatch, InvitationMade, NewAccount, NewInvitation
from libs.common.contracts.auth import MIN_PASSWORD_CHARS
from libs.common.errors import HeadgateError, InvalidInput, NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.address import base_url
from services.gateway.keys import ACCOUNTS, SETTINGS
from services.gateway.pages.account_words import ROLE_WORDS, TIER_WORDS
from services.gateway.pages.buttons import Button, button_of
from services.gateway.pages.connect import DOTS
from services.gateway.pages.draw import qr_address
from services.gateway.pages.pager import pager
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import Form, as_shape, read_form

HERE = "/admin/users"
PAGE_SIZE: Final = 50
DAY_S: Final = 86_400
MAX_DAYS: Final = 30
REGISTRATION_WORDS: Final = {
    "closed": "Nobody can register: accounts are made here.",
    "invitation": "Whoever has an invitation can register.",
    "open": "Anybody can register.",
}


async def show_users(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_account(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    try:
        wanted = as_shape({**form, "username": form.get("username", "").strip()}, NewAccount)
        await request.app[ACCOUNTS].create_account(identity, wanted, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error, error_at="account", typed=form)
    return go(HERE, said="account_created")


async def send_change(request: web.Request, identity: Identity) -> web.Response:
    """One button of one account."""
    form = await read_form(request)
    button = button_of(request, BUTTONS)
    account_id = request.match_info["account_id"]
    try:
        said = await button(request, identity, account_id, form)
    except HeadgateError as error:
        return await _page(request, identity, error=error, error_at=account_id)
    return go(HERE, said=said)


async def send_invitation(request: web.Request, identity: Identity) -> web.Response:
    """Invite. The code is shown in this answer and never again, so there is no redirect."""
    form = await read_form(request)
    try:
        wanted = as_shape({**form, "expires_in_s": _days(form.get("days", "")) * DAY_S}, NewInvitation)
        made = await request.app[ACCOUNTS].invite(identity, wanted, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error, error_at="invitation")
    return await _page(request, identity, made=made)


async def send_withdraw(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    invitation_id = request.match_info["invitation_id"]
    try:
        await request.app[ACCOUNTS].withdraw_invitation(
            identity, invitation_id, deadline=deadline_of(request)
        )
    except NotFound as error:
        return await _page(request, identity, error=error, error_at="page")
    return go(HERE, said="invitation_withdrawn")


async def _change(request: web.Request, identity: Identity, account_id: str, form: Form) -> str:
    patch = as_shape({**form, "password": form.get("password") or None}, AccountPatch)
    await request.app[ACCOUNTS].change_account(identity, account_id, patch, deadline=deadline_of(request))
    return "account_changed"


async def _switch(
    request: web.Request, identity: Identity, account_id: str, _form: Form, *, disabled: bool
) -> str:
    patch = AccountPatch(disabled=disabled)
    await request.app[ACCOUNTS].change_account(identity, account_id, patch, deadline=deadline_of(request))
    return "account_disabled" if disabled else "account_enabled"


async def _delete(request: web.Request, identity: Identity, account_id: str, _form: Form) -> str:
    await request.app[ACCOUNTS].delete_account(identity, account_id, deadline=deadline_of(request))
    return "account_deleted"


BUTTONS: Mapping[str, Button[str]] = {
    "change": _change,
    "disable": partial(_switch, disabled=True),
    "enable": partial(_switch, disabled=False),
    "delete": _delete,
}


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 2 and 1 <= int(text) <= MAX_DAYS):
        raise InvalidInput("Choose how long it is good for from the list.")
    return int(text)


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    error: HeadgateError | None = None,
    error_at: str = "",
    typed: Mapping[str, str] | None = None,
    made: InvitationMade | None = None,
) -> web.Response:
    accounts, deadline = request.app[ACCOUNTS], deadline_of(request)
    cursor = request.query.get("cursor")
    listed, invitations = await asyncio.gather(
        accounts.list_accounts(identity, limit=PAGE_SIZE, cursor=cursor, deadline=deadline),
        accounts.list_invitations(identity, deadline=deadline),
    )
    registration = request.app[SETTINGS].registration
    known = {account.id for account in listed.items} | {"account", "invitation"}
    context = {
        "accounts": listed.items,
        **pager(HERE, cursor, listed.next_cursor),
        "invitations": invitations.items,
        "registration": REGISTRATION_WORDS[registration],
        "takes_invitations": registration != "closed",
        "own_id": identity.account_id,
        "roles": [(role, ROLE_WORDS[role]) for role in ("member", "admin")],
        "tiers": [(tier, TIER_WORDS[tier]) for tier in ("free", "premium", "api")],
        "min_password": MIN_PASSWORD_CHARS,
        "error": error,
        "error_at": error_at if error_at in known else "page",
        "typed": typed or {},
        **_made(request, made),
    }
    status = error.status if error else 200
    return render_page(request, "admin/users.html", context, status=status, shows_secret=made is not None)


def _made(request: web.Request, made: InvitationMade | None) -> dict[str, object]:
    if made is None:
        return {"made": None}
    link = str(URL(f"{base_url(request)}/register").with_query(invitation=made.code))
    return {"made": made, "made_masked": DOTS, "made_link": link, "made_qr": qr_address(link)}
