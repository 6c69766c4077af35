"""What counts as one household, and as one neighbourhood."""

from __future__ import annotations

import pytest

from libs.common.networks import neighbourhood_of, network_of


@pytest.mark.parametrize(
    ("address", "network", "neighbourhood"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.0/24"),
        ("", "", ""),
        ("unix:", "", ""),
    ],
)
def test_addresses_are_counted_with_those_who_share_them(
    address: str, network: str, neighbourhood: str
) -> None:
    assert network_of(address) == network
    assert neighbourhood_of(address) == neighbourhood
