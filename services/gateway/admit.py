"""First look at every request: a path that can be passed on, and who is asking."""

from aiohttp import HttpVersion10, web

from libs.common.contracts.accounts import API_KEY_PREFIX
from libs.common.errors import HeadgateError, Unauthenticated
from libs.common.identity import ANONYMOUS, Identity
from libs.common.media import PREFIX as MEDIA_PREFIX
from libs.common.media import Proof
from libs.common.web import PRESSURE, deadline_of
from libs.common.web.pressure import Priority
from services.gateway.abuse.watch import check_blocked
from services.gateway.callers import Callers
from services.gateway.errors import NoImage, PathRefused
from services.gateway.identify import (
    SAFE_METHODS,
    SESSION_COOKIE,
    check_csrf,
    check_scopes,
    from_here,
    session_identity,
)
from services.gateway.keys import IDENTIFY, MEDIA_PATHS
from services.gateway.limits.edge import meet, meet_address
from services.gateway.model import (
    API_PREFIX,
    FACE_PREFIX,
    IMAGES_PREFIX,
    SIGN_IN_PREFIXES,
    STATIC_PREFIX,
    is_host,
    path_refusal,
    split_face_path,
)
from services.gateway.players.addresses import login_of

NO_HOST = "none"
"""HTTP/1.0 has no Host header; of HTTP/1.1 the parser wants exactly one."""
METRICS = "/metrics"


async def admit(request: web.Request) -> Identity:
    """Raises Blocked, NoImage, PathRefused, Overloaded, QuotaExceeded, Unauthenticated, and Forbidden for a
    foreign page.

    Only REST calls are identified here: players are by the token in their path, and meet their limits there;
    pages are by `session_identity`.
    """
    raw_path = request.raw_path
    exempt = _is_exempt(raw_path)
    if not exempt:
        check_blocked(request)
    if is_wrong_image(request):
        raise NoImage
    refusal = path_refusal(raw_path)
    if refusal is not None:
        raise PathRefused(refusal)
    if request.version < HttpVersion10 or not is_host(request.headers.get("Host", NO_HOST)):
        raise PathRefused("The Host header has to name this hub, in HTTP/1.0 or later.")
    pressure = request.app[PRESSURE]
    if pressure.in_flight > pressure.threshold and not raw_path.startswith(STATIC_PREFIX):
        pressure.judge(priority_of(request))
    if exempt:
        return ANONYMOUS
    meet_address(request)
    if raw_path.startswith((FACE_PREFIX, MEDIA_PREFIX)) or login_of(raw_path) is not None:
        return ANONYMOUS
    if raw_path.startswith(API_PREFIX) and not raw_path.startswith(SIGN_IN_PREFIXES):
        identity = await _api_caller(request)
        await meet(request, identity)
        return identity
    await meet(request, await _visitor(request))
    return ANONYMOUS


def is_wrong_image(request: web.Request) -> bool:
    """Whether a page wants this as an image, which it is not.

    An addon fills pages with the addresses of images, also with this hub's own and by way of redirects. Its
    viewers are not to pay for that with their limits or be taken for scanners. Nor is it a way to scan: all
    that is asked for so gets one and the same answer, before anything is looked up.
    """
    wants_image = request.headers.get("Sec-Fetch-Dest") == "image"
    return wants_image and not request.raw_path.startswith(IMAGES_PREFIX)


def _is_exempt(raw_path: str) -> bool:
    """Never blocked or limited. An address that only begins like the metrics' is a page that is not there."""
    if raw_path.startswith(METRICS):
        return raw_path.partition("?")[0] == METRICS
    return raw_path.startswith(STATIC_PREFIX)


async def _api_caller(request: web.Request) -> Identity:
    try:
        return await caller_identity(request)
    except Unauthenticated:
        # Whoever can't prove who it is counts as nobody, or guessing would cost nothing.
        await meet(request, ANONYMOUS)
        raise


async def _visitor(request: web.Request) -> Identity:
    """Whose page view counts; a page finds out itself what to do when that can't be told."""
    try:
        return await session_identity(request) or ANONYMOUS
    except HeadgateError:
        return ANONYMOUS


def priority_of(request: web.Request) -> Priority:
    """By what the request carries and is known of it here: to ask anybody would be work already."""
    try:
        return "account" if _seems_known(request, request.app[IDENTIFY]) else "anonymous"
    except Unauthenticated:
        return "anonymous"


def _seems_known(request: web.Request, callers: Callers) -> bool:
    raw_path = request.raw_path
    if raw_path.startswith(FACE_PREFIX):
        return callers.seems_known("install-tokens", split_face_path(raw_path)[0])
    if raw_path.startswith(MEDIA_PREFIX):
        return request.app[MEDIA_PATHS].knows(raw_path)
    login = login_of(raw_path)
    if login is not None:
        return callers.seems_known("player-logins", login.proof)
    proof = _sent_proof(request)
    if proof is None:
        # Cookies are read only where ours is among them.
        has_session = SESSION_COOKIE in request.headers.get("Cookie", "")
        return has_session and callers.seems_known("sessions", request.cookies.get(SESSION_COOKIE, ""))
    if proof.startswith(API_KEY_PREFIX):
        return callers.seems_known("api-keys", proof)
    return callers.seems_signed(proof)


async def caller_identity(request: web.Request) -> Identity:
    """By access token, API key, or a browser's session if our page proves to have asked; else ANONYMOUS."""
    proof = _sent_proof(request)
    if proof is not None:
        callers, deadline = request.app[IDENTIFY], deadline_of(request)
        if proof.startswith(API_KEY_PREFIX):
            identity = await callers.by_api_key(proof, deadline=deadline)
            check_scopes(request, identity)
        else:
            identity = await callers.by_access_token(proof, deadline=deadline)
        return from_here(request, identity)
    signed_in = await session_identity(request)
    if signed_in is None:
        return ANONYMOUS
    # A browser adds the cookie by itself, so a change must prove that our page asked for it.
    if request.method not in SAFE_METHODS:
        check_csrf(request)
    return signed_in


def caller_proof(request: web.Request, identity: Identity) -> Proof:
    """What `caller_identity` knows `identity` by."""
    sent = _sent_proof(request)
    if sent is None:
        return Proof("sessions", request.cookies.get(SESSION_COOKIE, ""))
    return Proof("api-keys", sent) if identity.key_id else Proof("families", identity.session_id)


def _sent_proof(request: web.Request) -> str | None:
    """What the client itself added to prove who it is, before what a browser adds unasked."""
    authorization = request.headers.get("Authorization")
    if authorization is None:
        key = request.headers.get("X-Api-Key")
        if key is not None and not key.startswith(API_KEY_PREFIX):
            raise Unauthenticated("The X-Api-Key header has to be an API key of this hub.")
        return key
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("The Authorization header has to be: Bearer, a space, and a token or key.")
    return token.strip()
