"""Who is on the other end of the connection, and who behind a trusted proxy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from aiohttp import web

from libs.common.networks import IPNetwork, parse_peer


class TrustedPeers:
    """Who may tell us request ids and client addresses: trusted proxies, and users of a private socket."""

    def __init__(self, networks: Sequence[IPNetwork]) -> None:
        self._networks = tuple(networks)
        self._known = lru_cache(maxsize=4096)(self._within)

    def trusts(self, peer: str) -> bool:
        """`peer` as in `request.remote`; empty for a Unix socket, which only this installation can open."""
        return not peer or (bool(self._networks) and self._known(peer))

    def client_address(self, request: web.Request) -> str:
        """The client's address: in X-Forwarded-For, from the right, the first that isn't a trusted proxy.

        A client can write whatever it likes to the left of what our proxies add.
        """
        peer = request.remote or ""
        if not self.trusts(peer):
            return peer
        claimed = peer
        for part in reversed(",".join(request.headers.getall("X-Forwarded-For", ())).split(",")):
            address = parse_peer(part.strip())
            if address is None:
                break
            claimed = str(address)
            if not (self._networks and self._known(claimed)):
                break
        return claimed

    def _within(self, peer: str) -> bool:
        address = parse_peer(peer)
        return address is not None and any(address in network for network in self._networks)
