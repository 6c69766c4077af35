"""The way in and out: set-up of the owner, signing in, signing out."""

from aiohttp import web

from libs.common.contracts.auth import MIN_PASSWORD_CHARS, LoginRequest
from libs.common.errors import Conflict, HeadgateError, InvalidInput, RateLimited, Unauthenticated
from libs.common.web import deadline_of
from services.gateway.abuse.watch import SIGN_IN_NAME
from services.gateway.address import check_setup_host, client_address, client_of
from services.gateway.identify import end_session, session_identity, start_session
from services.gateway.keys import AUTH, SET_UP, SETTINGS
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form, safe_path


async def show_setup(request: web.Request) -> web.Response:
    check_setup_host(request)
    if not await request.app[SET_UP].is_needed(deadline=deadline_of(request)):
        return go("/login")
    return _setup_page(request)


async def send_setup(request: web.Request) -> web.Response:
    """Make the owner, sign in, and put the demo in place."""
    check_setup_host(request)
    form = await read_form(request)
    username, password = form.get("username", "").strip(), form.get("password", "")
    if password != form.get("repeated", ""):
        return _setup_page(request, username, InvalidInput(fields={"repeated": "The two passwords differ."}))
    try:
        await request.app[AUTH].setup(username, password, deadline=deadline_of(request))
    except Conflict:
        return go("/login")
    except InvalidInput as error:
        return _setup_page(request, username, error)
    response = go("/", said="welcome")
    await sign_in(request, response, username, password)
    return response


async def show_login(request: web.Request) -> web.Response:
    if await request.app[SET_UP].is_needed(deadline=deadline_of(request)):
        return go("/setup")
    target = safe_path(request.query.get("next", "/"))
    if await session_identity(request) is not None:
        return go(target)
    return _login_page(request, target)


async def send_login(request: web.Request) -> web.Response:
    form = await read_form(request)
    target = safe_path(form.get("next", "/"))
    username = form.get("username", "").strip()
    response = go(target)
    try:
        await sign_in(request, response, username, form.get("password", ""))
    except (Unauthenticated, InvalidInput, RateLimited) as error:
        return _login_page(request, target, username, error)
    return response


async def send_logout(request: web.Request) -> web.Response:
    await read_form(request)
    response = go("/login", said="signed_out")
    await end_session(request, response)
    return response


async def sign_in(request: web.Request, response: web.Response, username: str, password: str) -> None:
    """Raises Unauthenticated, InvalidInput or RateLimited."""
    wanted = LoginRequest(
        username=username,
        password=password,
        kind="web",
        client_address=client_address(request),
        client=client_of(request),
    )
    request[SIGN_IN_NAME] = username
    result = await request.app[AUTH].login(wanted, deadline=deadline_of(request))
    if result.session_token is None:
        raise HeadgateError
    start_session(request, response, result.session_token)


def _setup_page(request: web.Request, username: str = "", error: HeadgateError | None = None) -> web.Response:
    context = {"username": username, "error": error, "min_password": MIN_PASSWORD_CHARS}
    return render_page(request, "setup.html", context, status=error.status if error else 200)


def _login_page(
    request: web.Request, target: str, username: str = "", error: HeadgateError | None = None
) -> web.Response:
    takes_accounts = request.app[SETTINGS].registration != "closed"
    context = {"username": username, "error": error, "next": target, "takes_accounts": takes_accounts}
    return render_page(request, "login.html", context, status=error.status if error else 200)
