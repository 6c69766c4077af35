"""How addresses and networks are read, what counts as one household, and as one neighbourhood."""

from __future__ import annotations

import pytest

from libs.common.networks import (
    NEAR,
    neighbourhood_of,
    network_of,
    parse_address,
    parse_network,
    parse_peer,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("::ffff:192.0.2.1%eth0", "192.0.2.1"),
    ],
)
def test_an_address_is_the_same_however_it_is_written(text: str, address: str) -> None:
    assert str(parse_address(text)) == address
    assert str(parse_peer(text)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "192.0.2.1%eth0",
        "192.0.2.01",
        "192.0.2",
        "fe80::1%",
        "[::1]",
        "192.0.2.1:80",
        "::1/64",
    ],
)
def test_what_is_no_address_alone_is_none(text: str) -> None:
    assert parse_address(text) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("[fe80::1%eth0]:4711", "fe80::1"),
        ("[::ffff:192.0.2.1]:4711", "192.0.2.1"),
        ("::1", "::1"),
    ],
)
def test_a_proxy_may_write_a_port(text: str, address: str) -> None:
    assert str(parse_peer(text)) == address


@pytest.mark.parametrize(
    "text",
    ["", "unknown", "_hidden", ":80", "[]:80", "[::1", "[::1]x", "[::1]:x", "192.0.2.1:", "192.0.2.1:x"],
)
def test_what_a_proxy_writes_for_no_address_is_none(text: str) -> None:
    assert parse_peer(text) is None


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.1", "192.0.2.1/32"),
        ("192.0.2.1/24", "192.0.2.0/24"),
        ("2001:db8::1/32", "2001:db8::/32"),
        ("fe80::1%eth0/64", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"),
        ("::ffff:192.0.2.1/120", "192.0.2.0/24"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
    ],
)
def test_a_network_is_read_in_the_form_addresses_have(text: str, network: str) -> None:
    assert str(parse_network(text)) == network


@pytest.mark.parametrize("text", ["", "example", "192.0.2.0/33", "192.0.2.1:80"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        parse_network(text)


@pytest.mark.parametrize(
    ("text", "is_near"),
    [
        ("127.0.0.1", True),
        ("::ffff:192.168.1.1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("100.64.0.1", False),
        ("198.51.100.1", False),
    ],
)
def test_the_networks_of_a_household_are_near(text: str, is_near: bool) -> None:
    address = parse_address(text)
    assert address is not None
    assert any(address in network for network in NEAR) is is_near


@pytest.mark.parametrize(
    ("address", "network", "neighbourhood"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/64"),
        ("", "", ""),
        ("unix:", "", ""),
    ],
)
def test_addresses_are_counted_with_those_who_share_them(
    address: str, network: str, neighbourhood: str
) -> None:
    assert network_of(address) == network
    assert neighbourhood_of(address) == neighbourhood
