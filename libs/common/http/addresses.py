"""Pure rules about IP addresses: which may be asked, and what hides inside which."""

import ipaddress
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from libs.common.networks import IPAddress

Verdict = Literal["public", "private", "never"]

# Never a server that belongs to an addon: "this network", link-local with every cloud's metadata service
# (RFC 3927, RFC 4291), multicast, reserved and broadcast; then the metadata services that sit elsewhere:
# Alibaba Cloud, Oracle Cloud, Azure's wire server, AWS and Google Cloud by IPv6.
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "168.63.129.16/32",
        "::/128",
        "fe80::/10",
        "ff00::/8",
        "fd00:ec2::/32",
        "fd20:ce::254/128",
    )
)
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


@lru_cache(maxsize=4096)
def judge(address: IPAddress) -> Verdict:
    """The strictest verdict on a parsed address and on every IPv4 address a tunnel would take out of it."""
    verdicts = {_judge_one(address), *(_judge_one(inner) for inner in _embedded(address))}
    for verdict in ("never", "private"):
        if verdict in verdicts:
            return verdict
    return "public"


def _judge_one(address: IPAddress) -> Verdict:
    if any(address in network for network in _NEVER):
        return "never"
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return "private"
    return "public" if address.is_global else "private"


def _embedded(address: IPAddress) -> Iterator[ipaddress.IPv4Address]:
    """IPv4 inside IPv6: 6to4 (RFC 3056), Teredo (RFC 4380), NAT64 (RFC 6052, RFC 8215), ISATAP (RFC 5214),
    IPv4-compatible (RFC 4291)."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    low = int(address) & 0xFFFFFFFF
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if any(address in network for network in _NAT64) or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        yield ipaddress.IPv4Address(low)
    # ::1 is the loopback, not an embedded 0.0.0.1.
    if address in _V4_COMPATIBLE and low > 1:
        yield ipaddress.IPv4Address(low)
