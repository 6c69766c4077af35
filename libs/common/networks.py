"""IP addresses and networks: the one place that reads them, and the names they are counted under."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TypeAlias

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: tuple[IPNetwork, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
# RFC 1918, 4193, 3927 and loopback. Python's is_private also takes in networks that are nobody's home.
NEAR: tuple[IPNetwork, ...] = (
    *LOOPBACK,
    *(
        ipaddress.ip_network(text)
        for text in (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "fc00::/7",
            "fe80::/10",
        )
    ),
)
_IPV4_NEIGHBOURS = 24
_IPV6_SITE = 64
_MAPPED_BITS = 96
_WITH_PORT = re.compile(r"\[(?P<bracketed>[^]]*)](?::[0-9]+)?|(?P<bare>[^:]*):[0-9]+")


@lru_cache(maxsize=8192)
def parse_address(text: str) -> IPAddress | None:
    """The address without a zone id, an IPv4-mapped one as the IPv4 address it is the same socket as.

    None for what is no address, such as the other end of a Unix socket.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    # An address with a zone equals none without, so it would be counted and listed apart.
    return address.ipv4_mapped or (ipaddress.IPv6Address(int(address)) if address.scope_id else address)


def parse_peer(text: str) -> IPAddress | None:
    """An address as proxies write it: perhaps with a port, an IPv6 one then in brackets."""
    found = _WITH_PORT.fullmatch(text)
    return parse_address((found["bracketed"] or found["bare"] or "") if found else text)


def parse_network(text: str) -> IPNetwork:
    """A network or one address, whatever its host bits, in the form `parse_address` gives.

    Raises ValueError.
    """
    network = ipaddress.ip_network(text, strict=False)
    if isinstance(network, ipaddress.IPv4Network):
        return network
    first, bits = network.network_address, network.prefixlen
    if first.ipv4_mapped is not None and bits >= _MAPPED_BITS:
        return ipaddress.IPv4Network((first.ipv4_mapped, bits - _MAPPED_BITS))
    return ipaddress.IPv6Network((int(first), bits))


def network_around(address: IPAddress, bits: int) -> IPNetwork:
    return ipaddress.ip_network((address, bits), strict=False)


@lru_cache(maxsize=8192)
def network_of(text: str) -> str:
    """The address, or the /64 of an IPv6 one: whoever has one of those has them all (RFC 6177).

    Empty for what is no address.
    """
    address = parse_address(text)
    if address is None:
        return ""
    return str(address) if address.version == 4 else str(network_around(address, _IPV6_SITE))


@lru_cache(maxsize=8192)
def neighbourhood_of(text: str) -> str:
    """The /24 of an IPv4 address, the /64 of an IPv6 one; empty for what is no address."""
    address = parse_address(text)
    if address is None:
        return ""
    return str(network_around(address, _IPV4_NEIGHBOURS if address.version == 4 else _IPV6_SITE))
