"""Pages that need somebody signed in, and forms that must come from our own pages."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
import structlog
from aiohttp import web

from libs.common.contracts.accounts import MAX_NAME_CHARS
from libs.common.errors import Forbidden, HeadgateError, InvalidInput, Unauthenticated, UnsupportedMediaType
from libs.common.identity import Identity
from libs.common.web import Handler, deadline_of, read_body
from libs.common.web.json import invalid_input
from services.gateway.identify import check_csrf, drop_session, forget_session, session_identity
from services.gateway.keys import ACCOUNTS, SET_UP
from services.gateway.pages.render import go
from services.gateway.pages.shell import SHELL, is_admin, shell_of

log = structlog.get_logger(__name__)

PROFILES_WAIT_S = 0.5
"""The menu of profiles is not worth more of anybody's time; the page comes without it."""
MAX_FORM_BYTES = 1024 * 1024
MAX_FIELDS = 20_000
"""The choice of rows sends three for each."""

WRONG_FIELDS = {
    "name": f"Give it a name of at most {MAX_NAME_CHARS} characters.",
    "scopes": "Choose at least one thing it may do.",
    "username": "This name is too long.",
    "password": "This password is too long.",
    "new_password": "This password is too long.",
    "passphrase": "A passphrase has 10 to 1024 characters.",
    "current_password": "This is not your password.",
    "invitation": "This is not a code of this hub.",
    "template": "It has {rating} once, perhaps {votes} once, no other braces, and at most 40 characters.",
    "key": "This is no key of TMDB.",
    "client_id": "Copy it from your application at Trakt: letters and digits without blanks.",
    "client_secret": "Copy it from your application at Trakt: letters and digits without blanks.",
    "languages": "Write two letters each, such as en fr; 20 languages at most.",
    "max_film_bytes": "Give a number of gigabytes, such as 12.5.",
    "max_episode_bytes": "Give a number of gigabytes, such as 2.5.",
    "per_resolution": "Give a number from 1 to 1000.",
    "per_addon": "Give a number from 1 to 1000.",
    "include": "Give 50 words at most, of 60 characters each.",
    "exclude": "Give 50 words at most, of 60 characters each.",
    "prefer": "Give 50 words at most, of 60 characters each.",
    "include_patterns": "Give 20 expressions at most, of 200 characters each.",
    "exclude_patterns": "Give 20 expressions at most, of 200 characters each.",
    "prefer_patterns": "Give 20 expressions at most, of 200 characters each.",
    "quiet.start": "Give both hours, as 23:00 and 07:00.",
    "quiet.end": "Give both hours, as 23:00 and 07:00.",
    "webhook": "This address is too long.",
    "imdb_id": "An id of IMDb begins with tt and goes on with digits, as tt0017136.",
    "minimum_votes": "Give a whole number, at most 10,000,000.",
}

T = TypeVar("T")

FIELDS: web.RequestKey[list[tuple[str, str]]] = web.RequestKey("form_fields", list)

PageHandler = Callable[[web.Request, Identity], Awaitable[web.StreamResponse]]
Form = Mapping[str, str]


def signed_in(handler: PageHandler) -> Handler:
    """Hand over who is asking; anybody else is sent to sign in, or to set the hub up first."""

    @wraps(handler)
    async def page(request: web.Request) -> web.StreamResponse:
        identity = await session_identity(request)
        if identity is None or identity.is_anonymous:
            return await _to_gate(request)
        request[SHELL] = shell_of(identity)
        try:
            return await handler(request, identity)
        except Unauthenticated:
            # The account or the profile went while this gateway still remembered its session.
            await forget_session(request)
            response = await _to_gate(request)
            drop_session(request, response)
            return response

    return page


def whole(handler: PageHandler) -> PageHandler:
    """For pages with everything around them: the menu of profiles is asked for first."""

    @wraps(handler)
    async def page(request: web.Request, identity: Identity) -> web.StreamResponse:
        try:
            listed = await request.app[ACCOUNTS].list_profiles(
                identity, deadline=deadline_of(request).sooner(PROFILES_WAIT_S)
            )
        except Unauthenticated:
            raise
        except HeadgateError as error:
            log.info("profiles_not_listed", code=error.code)
        else:
            request[SHELL] = shell_of(identity, [(profile.id, profile.name) for profile in listed.items])
        return await handler(request, identity)

    return page


def admins_only(handler: PageHandler) -> PageHandler:
    """Members get a page that says who may."""

    @wraps(handler)
    async def page(request: web.Request, identity: Identity) -> web.StreamResponse:
        if not is_admin(identity):
            raise Forbidden("This page is for the owner and for administrators.")
        return await handler(request, identity)

    return page


async def read_form(request: web.Request) -> Form:
    """The form's fields, last value of each. Raises `Forbidden` unless it came from our own page."""
    fields = await _read_fields(request)
    request[FIELDS] = fields
    form = dict(fields)
    check_csrf(request, form)
    return form


def as_shape(values: Mapping[str, object], shape: type[T]) -> T:
    """What was typed and chosen, as auth takes it. Raises `InvalidInput` in words for people."""
    try:
        return msgspec.convert(values, shape, strict=False)
    except msgspec.ValidationError as error:
        field = next(iter(invalid_input(error).fields), "")
        field = field.partition("[")[0]
        sentence = WRONG_FIELDS.get(field, "Choose one of the choices in the list.")
        raise InvalidInput(sentence, fields={field: sentence}) from error


def read_choices(request: web.Request, name: str) -> frozenset[str]:
    """All values of a field that may repeat; `read_form` has been called before."""
    return frozenset(value for field, value in request[FIELDS] if field == name)


async def _read_fields(request: web.Request) -> list[tuple[str, str]]:
    """Bounded in bytes, fields and time. aiohttp's own reader knows no time and fails on odd encodings."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("Send the form as a page of this hub sends it.")
    body = await read_body(request, max_bytes=MAX_FORM_BYTES)
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise InvalidInput("The form can't be read.") from error


def safe_path(text: str) -> str:
    """Where to go after signing in: a path on this hub, never another site's."""
    if text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable():
        return text
    return "/"


async def _to_gate(request: web.Request) -> web.Response:
    if await request.app[SET_UP].is_needed(deadline=deadline_of(request)):
        return go("/setup")
    if request.method not in ("GET", "HEAD") or request.path == "/":
        return go("/login")
    return go(f"/login?{urlencode({'next': request.path_qs})}")
