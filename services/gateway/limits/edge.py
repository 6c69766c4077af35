"""Limits on the wire: a request meets its own, and every answer to it says where its caller stands."""

from typing import Final

from aiohttp import web

from libs.common.identity import ANONYMOUS, Identity
from libs.common.networks import network_of
from libs.common.ratelimit import Headers, Verdict, limit_headers, retry_after_s
from services.gateway.address import client_address
from services.gateway.errors import QuotaExceeded
from services.gateway.keys import LIMITS
from services.gateway.limits.rules import Wish
from services.gateway.model import SIGN_IN_PREFIXES

_SHOWN: web.RequestKey[Headers] = web.RequestKey("limit_headers", tuple)
_LEFT_US: web.RequestKey[int] = web.RequestKey("left_of_address_limit", int)
_PASSWORDS: Final = (*SIGN_IN_PREFIXES, "/api/v1/me/password")
"""Where a password is sent, also by who is in already."""
_PASSWORD_FORMS: Final = frozenset(
    {"/login", "/setup", "/register", "/settings/account/password", "/settings/account/delete"}
)
_SEARCH: Final = ("/api/v1/search", "/search")
_ROWS: Final = "/rows/"


def meet_address(request: web.Request) -> None:
    """The coarse limit, before anything is looked up. Raises QuotaExceeded."""
    limits = request.app[LIMITS]
    left_us = request[_LEFT_US] = limits.take_address(network_of(client_address(request)))
    if left_us < 0:
        raise _exceeded(request, limits.address_verdict(left_us))


def meet_warm(request: web.Request, identity: Identity) -> None:
    """For an answer at hand. Raises QuotaExceeded."""
    limits = request.app[LIMITS]
    left_us = limits.take_warm(identity)
    if left_us < 0:
        raise _exceeded(request, limits.warm_verdict(left_us))
    request[_SHOWN] = limits.warm_headers(left_us)


async def meet(request: web.Request, identity: Identity) -> None:
    """The limits of who asks, by what for. Raises QuotaExceeded."""
    await _meet(request, identity, wish_of(request), installed=False)


async def meet_installed(request: web.Request, identity: Identity, *, is_search: bool) -> None:
    """Those of an addon address. Raises QuotaExceeded."""
    await _meet(request, identity, "search" if is_search else "call", installed=True)


async def meet_guess(request: web.Request) -> None:
    """What a wrong login of a player counts as: a sign-in of nobody's. Raises QuotaExceeded."""
    await _meet(request, ANONYMOUS, "sign_in", installed=False)


def wish_of(request: web.Request) -> Wish:
    path = request.path  # decoded, as it is routed: an address spelled oddly is the same address
    if (
        path.startswith(_PASSWORDS)
        or (path in _PASSWORD_FORMS and request.method == "POST")
        or (path == "/api/v1/me" and request.method == "DELETE")
    ):
        return "sign_in"
    if path.startswith(_SEARCH):
        return "search"
    # A page that shows a home screen asks for its rows one by one, as a player does.
    return "rows" if path.startswith(_ROWS) else "call"


def show_limits(request: web.Request, response: web.StreamResponse) -> None:
    """On a response before it is sent: where the caller stands with what the request met, if anything."""
    shown = request.get(_SHOWN)
    if shown is None:
        left_us = request.get(_LEFT_US)
        if left_us is None:
            return
        limits = request.app[LIMITS]
        shown = limit_headers(limits.address_verdict(left_us).standings, limits.headers)
    for name, value in shown:
        response.headers[name] = value


async def _meet(request: web.Request, identity: Identity, wish: Wish, *, installed: bool) -> None:
    limits = request.app[LIMITS]
    network = network_of(client_address(request))
    verdict = await limits.take(identity, network, wish, installed=installed)
    if verdict is None:
        return
    if not verdict.admitted:
        raise _exceeded(request, verdict)
    request[_SHOWN] = limit_headers(verdict.standings, limits.headers)


def _exceeded(request: web.Request, verdict: Verdict) -> QuotaExceeded:
    request[_SHOWN] = limit_headers(verdict.standings, request.app[LIMITS].headers)
    wait_s = retry_after_s(verdict)
    return QuotaExceeded(
        f"Ask again in {wait_s} second{'' if wait_s == 1 else 's'}.",
        retry_after_s=wait_s,
        extra={"violated-policies": list(verdict.violated)},
    )
