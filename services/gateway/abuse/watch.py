"""The edge's part: who is blocked is refused first, and what was refused counts."""

from aiohttp import web

from libs.common.media import PREFIX as MEDIA_PREFIX
from libs.common.networks import LOOPBACK, NEAR, IPNetwork
from libs.common.web.problems import CODE
from services.gateway.abuse.scenarios import GUESSING, MALFORMED, Seen, Signal, signal_of
from services.gateway.address import client_address
from services.gateway.errors import Blocked, NoImage
from services.gateway.keys import ABUSE
from services.gateway.model import FACE_PREFIX, split_face_path
from services.gateway.settings import Settings

SIGN_IN_NAME: web.RequestKey[str] = web.RequestKey("sign_in_name", str)
"""Set by what reads a sign-in form, so that names tried are counted."""
PLAYER_PROOF: web.RequestKey[str] = web.RequestKey("player_proof", str)
"""Set where an IPTV app signed in with what is no login."""

_NOT_COUNTED = frozenset({Blocked.code, NoImage.code})


def exempt_networks(settings: Settings) -> tuple[IPNetwork, ...]:
    """Never blocked: the operator's list, this machine, the trusted proxies, and a household's own network.

    Where there is a database server or Redis, a private address may be any tenant's.
    """
    common = settings.common
    household = NEAR if not common.redis_url and not common.database_url else LOOPBACK
    listed = (*settings.abuse_allow, *common.trusted_proxies, *household)
    return tuple(dict.fromkeys(listed))


def check_blocked(request: web.Request) -> None:
    """Raises Blocked."""
    protection = request.app[ABUSE]
    if protection.has_blocks:
        protection.check(client_address(request))


def observe_refused(request: web.Request, response: web.StreamResponse, template: str) -> None:
    """Called by the edge for every answer with a status of 400 or more."""
    code = response.get(CODE, "")
    if code in _NOT_COUNTED or request.raw_path.startswith(MEDIA_PREFIX):
        return  # what a provider refuses is no doing of whoever plays
    signal = signal_of(
        Seen(
            path=request.raw_path.partition("?")[0],
            status=response.status,
            code=code,
            known_route=template != "unmatched",
            token=_token_of(request),
            sign_in_name=request.get(SIGN_IN_NAME, ""),
        )
    )
    if signal is not None:
        request.app[ABUSE].note(client_address(request), signal)


def observe_malformed(app: web.Application, peer: str) -> None:
    """Called by the server for what isn't even HTTP. What comes through a proxy is that proxy's doing."""
    if ABUSE in app:
        app[ABUSE].note(peer, Signal(MALFORMED, 1.0))


def note_guess(request: web.Request) -> None:
    """For a wrong login that is answered as if all were well, which is what IPTV apps understand."""
    request.app[ABUSE].note(client_address(request), Signal(GUESSING, 1.0, request.get(PLAYER_PROOF, "")))


def _token_of(request: web.Request) -> str:
    if PLAYER_PROOF in request:
        return request[PLAYER_PROOF]
    if request.raw_path.startswith(FACE_PREFIX):
        return split_face_path(request.raw_path)[0]
    return request.headers.get("Authorization") or request.headers.get("X-Api-Key") or ""
