"""Making an account of one's own, open to everybody or by invitation, where the operator allows it."""

from aiohttp import web

from libs.common.contracts.accounts import Registration
from libs.common.contracts.auth import MIN_PASSWORD_CHARS
from libs.common.errors import Conflict, Forbidden, HeadgateError, InvalidInput, RateLimited
from libs.common.web import deadline_of
from services.gateway.address import client_address
from services.gateway.identify import session_identity
from services.gateway.keys import ACCOUNTS, SETTINGS
from services.gateway.pages.gate import sign_in
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import as_shape, read_form

MAX_CODE_CHARS = 128


async def show_register(request: web.Request) -> web.Response:
    if await session_identity(request) is not None:
        return go("/")
    return _page(request, invitation=request.query.get("invitation", "")[:MAX_CODE_CHARS])


async def send_register(request: web.Request) -> web.Response:
    """Make the account and sign in."""
    form = await read_form(request)
    username, password = form.get("username", "").strip(), form.get("password", "")
    invitation = form.get("invitation", "").strip()[:MAX_CODE_CHARS]
    if password != form.get("repeated", ""):
        differing = InvalidInput(fields={"repeated": "The two passwords differ."})
        return _page(request, username, invitation, differing)
    try:
        values = {**form, "username": username, "invitation": invitation or None}
        wanted = as_shape({**values, "client_address": client_address(request)}, Registration)
        await request.app[ACCOUNTS].register(wanted, deadline=deadline_of(request))
    except (InvalidInput, Conflict, Forbidden, RateLimited) as error:
        return _page(request, username, invitation, error)
    response = go("/", said="welcome")
    await sign_in(request, response, username, password)
    return response


def _page(
    request: web.Request, username: str = "", invitation: str = "", error: HeadgateError | None = None
) -> web.Response:
    registration = request.app[SETTINGS].registration
    context = {
        "username": username,
        "invitation": invitation,
        "error": error,
        "is_open": registration != "closed",
        "by_invitation": registration == "invitation",
        "min_password": MIN_PASSWORD_CHARS,
    }
    return render_page(request, "register.html", context, status=error.status if error else 200)
