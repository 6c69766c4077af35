"""The browser's side of identity: session cookie, and proof that a form came from our own page."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from libs.common.contracts.auth import LogoutRequest
from libs.common.errors import Forbidden
from libs.common.identity import Identity
from libs.common.networks import network_of
from libs.common.secrets import new_token
from libs.common.web import deadline_of
from services.gateway.address import client_address, is_https, is_own_origin
from services.gateway.errors import InsufficientScope
from services.gateway.keys import AUTH, IDENTIFY, SETTINGS

SESSION_COOKIE = "headgate_session"
CSRF_COOKIE = "headgate_csrf"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_NEW_NONCE: web.RequestKey[str] = web.RequestKey("new_csrf_nonce", str)
_FOREIGN = "This form was not sent from this hub's own page. Open the page again and repeat."


async def session_identity(request: web.Request) -> Identity | None:
    """Who is signed in on this browser. Raises Unavailable when auth can't be asked."""
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    identity = await request.app[IDENTIFY].by_session(token, deadline=deadline_of(request))
    return from_here(request, identity) if identity is not None else None


def from_here(request: web.Request, identity: Identity) -> Identity:
    """The identity with the network it asks from, which the audit log wants to know."""
    return msgspec.structs.replace(identity, network=network_of(client_address(request)))


def may_write(identity: Identity) -> bool:
    """False for an API key that was made to look only."""
    return not identity.key_id or "write" in identity.scopes


def check_scopes(request: web.Request, identity: Identity) -> None:
    """Raise InsufficientScope for what an API key was not made for."""
    if may_write(identity):
        return
    if request.method not in SAFE_METHODS:
        raise InsufficientScope("This API key may only read. Make one with the scope write.")
    if "read" not in identity.scopes:
        raise InsufficientScope("This API key may not read. Make one with the scope read.")


def start_session(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Sign this browser in with the token auth gave out."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=request.app[SETTINGS].session_days * 86_400,
        httponly=True,
        samesite="Lax",
        secure=is_https(request),
    )


async def end_session(request: web.Request, response: web.StreamResponse) -> None:
    """Sign this browser out: the token is dead everywhere before the cookie is taken away."""
    token = request.cookies.get(SESSION_COOKIE)
    if token and token.isascii():
        await request.app[AUTH].logout(LogoutRequest(session_token=token), deadline=deadline_of(request))
    drop_session(request, response)


async def forget_session(request: web.Request) -> None:
    """Ask auth about this browser's token again the next time."""
    await request.app[IDENTIFY].forget_session(request.cookies.get(SESSION_COOKIE, ""))


def drop_session(request: web.Request, response: web.StreamResponse) -> None:
    """Take the cookie away."""
    response.del_cookie(SESSION_COOKIE, httponly=True, samesite="Lax", secure=is_https(request))


def csrf_token(request: web.Request) -> str:
    """The value for every form's hidden `csrf_token` field. The cookie it belongs to goes out by itself."""
    nonce = request.cookies.get(CSRF_COOKIE) or request.get(_NEW_NONCE)
    if not nonce:
        nonce = new_token()
        request[_NEW_NONCE] = nonce
    return _mac(request, nonce)


def check_csrf(request: web.Request, form: Mapping[str, Any] | None = None) -> None:
    """Raise Forbidden unless the request came from a page of ours: by field or header, and by origin."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden(_FOREIGN)
    origin = request.headers.get("Origin")
    # A page that sends no referrer makes browsers say "null"; Sec-Fetch-Site has then spoken for it.
    spoken_for = origin == "null" and "Sec-Fetch-Site" in request.headers
    if origin is not None and not spoken_for and not is_own_origin(request, origin):
        raise Forbidden(_FOREIGN)
    nonce = request.cookies.get(CSRF_COOKIE)
    sent = request.headers.get(CSRF_HEADER) or (form or {}).get(CSRF_FIELD)
    if not nonce or not isinstance(sent, str):
        raise Forbidden(_FOREIGN)
    if not hmac.compare_digest(sent.encode(errors="replace"), _mac(request, nonce).encode()):
        raise Forbidden(_FOREIGN)


def send_csrf_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """On a page's response being prepared: hand out the nonce that a form on it was bound to."""
    nonce = request.get(_NEW_NONCE)
    if nonce is None:
        return
    secure = "; Secure" if is_https(request) else ""
    # aiohttp has rendered its own cookies by now, so this one is written as a header.
    response.headers.add("Set-Cookie", f"{CSRF_COOKIE}={nonce}; HttpOnly; Path=/; SameSite=Lax{secure}")


def _mac(request: web.Request, nonce: str) -> str:
    key = request.app[SETTINGS].common.secret_key.derive("gateway csrf")
    # Bound to the session as well, so a token from before sign-in is worth nothing after it.
    bound_to = f"{nonce}|{request.cookies.get(SESSION_COOKIE, '')}"
    # A cookie may hold bytes that are no text: they are bound like any others.
    return hmac.new(key, bound_to.encode(errors="surrogateescape"), hashlib.sha256).hexdigest()
