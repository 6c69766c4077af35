"""Addresses as limits and blocks count them."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

_IPV4_NEIGHBOURS = 24
_IPV6_SITE = 64


@lru_cache(maxsize=8192)
def network_of(address: str) -> str:
    """The address, or the /64 of an IPv6 one: whoever has one of those has them all (RFC 6177).

    Empty for what is no address, such as the other end of a Unix socket.
    """
    parsed = parse_address(address)
    if parsed is None:
        return ""
    return str(parsed) if parsed.version == 4 else _network(parsed, _IPV6_SITE)


@lru_cache(maxsize=8192)
def neighbourhood_of(address: str) -> str:
    """The /24 of an IPv4 address, the /64 of an IPv6 one; empty for what is no address."""
    parsed = parse_address(address)
    if parsed is None:
        return ""
    return _network(parsed, _IPV4_NEIGHBOURS if parsed.version == 4 else _IPV6_SITE)


def parse_address(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, an IPv4 one also where it is written as an IPv6 one; None for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped if mapped is not None else parsed


def _network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> str:
    return str(ipaddress.ip_network((address, bits), strict=False))
