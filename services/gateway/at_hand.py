"""Answers that need no waiting, given before a request is routed: most of what players ask for."""

from aiohttp import web

from libs.common.hops import HEADER as HOPS_HEADER
from libs.common.networks import network_of
from libs.common.web.peer import TrustedPeers
from services.gateway.abuse.protection import Protection
from services.gateway.admit import is_wrong_image
from services.gateway.limits.rules import Limits
from services.gateway.model import is_host
from services.gateway.stored import may_be_stored
from services.gateway.stremio import StremioFace


class AtHand:
    """Looks at what every request is looked at for, and leaves those where anything is amiss to their route.

    There they are refused, in words, by whoever is in charge; nothing is said twice here.
    """

    def __init__(
        self, face: StremioFace, *, limits: Limits, protection: Protection, peers: TrustedPeers
    ) -> None:
        self._face = face
        self._limits = limits
        self._protection = protection
        self._peers = peers

    def __call__(self, request: web.Request) -> web.StreamResponse | None:
        warm = self._face.warm(request.raw_path)
        if warm is None or not _is_usual(request):
            return None
        address = self._peers.client_address(request)
        if self._protection.has_blocks and self._protection.blocks_now(address):
            return None
        response = self._face.stored(request, warm.answer, "hit")
        if response is None:
            return None
        left_us = self._limits.take_at_hand(network_of(address), warm.identity)
        if left_us < 0:
            return None
        for name, value in self._limits.warm_headers(left_us):
            response.headers[name] = value
        self._face.answered.count("stremio", warm.answer.shown_state("hit"))
        return response


def _is_usual(request: web.Request) -> bool:
    headers = request.headers
    return (
        may_be_stored(request)
        and HOPS_HEADER not in headers
        and is_host(headers.get("Host", ""))
        and not is_wrong_image(request)
    )
