"""The one guard every URL given by a user passes: which addresses the hub may ask.

It judges the address a connection is really opened to: no gap between looking a name up and using it.
"""

import socket
import urllib.parse
from collections.abc import Iterable

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from libs.common.http.addresses import judge
from libs.common.http.errors import BlockedAddress
from libs.common.http.urls import parse_url
from libs.common.networks import IPAddress, parse_address


class AddressRefused(OSError):
    """The guard's refusal in the form the connector understands; carries the sentence for the user."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Guard:
    """Judges URLs and addresses.

    Metadata services, link-local, multicast and unspecified addresses are always refused, and so are the
    hub's own sockets: ``own_addresses`` are (host, port) pairs the hub or its stores listen on, a wildcard
    host meaning every address of this machine, and a name every private address, since others may resolve it
    otherwise; ``own_urls`` are addresses the hub is known by outside.
    Loopback and private ranges are refused unless ``allow_private``. Doubt refuses: an address that can't be
    read is not asked.
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        own_addresses: Iterable[tuple[str, int]] = (),
        own_urls: Iterable[str] = (),
    ) -> None:
        self._allow_private = allow_private
        self._own: set[tuple[IPAddress, int]] = set()
        self._own_everywhere: set[int] = set()
        self._own_names: set[tuple[str, int]] = set()
        self._own_nearby: set[int] = set()
        for host, port in own_addresses:
            self.refuse_own(host, port)
        self._own_nearby = {port for _, port in self._own_names}
        # After that: what the hub is called outside says nothing about port 443 of every machine inside.
        for text in filter(None, own_urls):
            parts = urllib.parse.urlsplit(text)
            if parts.hostname:
                self.refuse_own(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))

    def refuse_own(self, host: str, port: int) -> None:
        """Adds a socket of the hub's own, for ports known only once it listens."""
        host = host.strip("[]").lower().rstrip(".")
        if host == "localhost":
            self.refuse_own("127.0.0.1", port)
            self.refuse_own("::1", port)
            return
        address = parse_address(host)
        if host in ("", "*") or (address is not None and address.is_unspecified):
            self._own_everywhere.add(port)
        elif address is not None:
            self._own.add((address, port))
        else:
            self._own_names.add((host, port))

    def check_url(self, text: str) -> URL:
        """The URL as it will be asked. Raises InvalidUrl or BlockedAddress.

        Passing is not enough for a name: its address is judged when the connection is opened.
        """
        url = parse_url(text)
        host, port = url.raw_host or "", url.port or 0
        if (host, port) in self._own_names:
            raise BlockedAddress("This address is the hub itself.")
        if parse_address(host) is not None:
            self.check_address(host, port)
        return url

    def check_address(self, ip: str, port: int | None = None) -> None:
        """Raises BlockedAddress when nothing may be sent to this IP address (and port)."""
        address = parse_address(ip)
        if address is None:
            raise BlockedAddress("The server's address can't be read.")
        verdict = judge(address)
        if verdict == "never":
            raise BlockedAddress(
                "The server's address is of a kind that is never asked (link-local or reserved)."
            )
        nearby = verdict == "private" and port in self._own_nearby
        if port is not None and (nearby or self._is_own(address, port)):
            raise BlockedAddress("This address is the hub itself.")
        if verdict == "private" and not self._allow_private:
            raise BlockedAddress(
                "The server's address is in a private network, which this hub doesn't allow."
            )

    def _is_own(self, address: IPAddress, port: int) -> bool:
        return (address, port) in self._own or (port in self._own_everywhere and _is_this_machine(address))


def is_loopback(host: str) -> bool:
    """Whether the host of a URL is this machine by its innermost name or address."""
    address = parse_address(host.strip("[]"))
    return host.lower().rstrip(".") == "localhost" or (address is not None and address.is_loopback)


def _is_this_machine(address: IPAddress) -> bool:
    """Only an address of this machine can be bound, and the kernel knows them all as of now."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


class GuardedResolver(AbstractResolver):
    """Hands the connector only addresses the guard allows, so that it connects to what was judged."""

    def __init__(self, guard: Guard, resolver: AbstractResolver) -> None:
        self._guard = guard
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        allowed = []
        refusal: BlockedAddress | None = None
        for result in await self._resolver.resolve(host, port, family):
            try:
                self._guard.check_address(result["host"], port)
            except BlockedAddress as error:
                refusal = error
            else:
                allowed.append(result)
        if not allowed and refusal is not None:
            raise AddressRefused(str(refusal))
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


def guarded_socket_factory(guard: Guard, info: AddrInfoType) -> socket.socket:
    """Makes the socket of a connection, after a last look at where it is going.

    The connector asks no resolver for an IP literal; this is what judges those.
    """
    family, kind, protocol, _, target = info
    try:
        guard.check_address(str(target[0]), int(target[1]))
    except BlockedAddress as error:
        raise AddressRefused(str(error)) from None
    return socket.socket(family, kind, protocol)
