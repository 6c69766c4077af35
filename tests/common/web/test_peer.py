"""The client's address, as far as it can be believed."""

from __future__ import annotations

import ipaddress

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from libs.common.web import TrustedPeers

PROXIES = TrustedPeers([ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")])


def client_address(peers: TrustedPeers, peer: str, *forwarded: str) -> str:
    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    return peers.client_address(make_mocked_request("GET", "/", headers=headers).clone(remote=peer))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("fd00::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("fd00::1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["[2001:db8::7"], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("fd00::1%eth0", ["198.51.100.1"], "198.51.100.1"),
        ("", ["198.51.100.1"], "198.51.100.1"),
    ],
)
def test_the_client_is_the_last_address_that_no_proxy_of_ours_has(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client_address(PROXIES, peer, *forwarded) == client


def test_without_proxies_nobody_on_the_network_is_believed() -> None:
    nobody = TrustedPeers([])
    assert client_address(nobody, "127.0.0.1", "198.51.100.1") == "127.0.0.1"
    assert not nobody.trusts("127.0.0.1")


def test_whoever_reaches_a_private_socket_is_believed() -> None:
    assert TrustedPeers([]).trusts("")


def test_an_address_that_is_none_is_not_trusted() -> None:
    assert not PROXIES.trusts("10.0.0.1.example")
