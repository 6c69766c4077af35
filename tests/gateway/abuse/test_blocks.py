"""The look-up that every request pays for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.gateway.abuse.blocks import MOST_BLOCKS, MOST_VERDICTS, Blocks
from services.gateway.abuse.model import Block
from tests.fakes.clock import ManualClock


def block(clock: ManualClock, network: str, lasts_s: float = 60) -> Block:
    now = clock.now()
    return Block(network, network, "network", "manual", 0.0, now, now + timedelta(seconds=lasts_s))


@pytest.mark.parametrize(
    ("network", "address", "is_found"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.0/24", "203.0.113.7", True),
        ("203.0.0.0/9", "203.0.113.7", True),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
        ("2001:db8::/64", "2001:db8::9", True),
        ("2001:db8::/64", "2001:db8:0:1::9", False),
        ("203.0.113.7", "203.0.113.8", False),
        ("203.0.113.7", "no address", False),
    ],
)
def test_an_address_is_found_below_any_network(
    clock: ManualClock, network: str, address: str, is_found: bool
) -> None:
    blocks = Blocks([], clock=clock)
    blocks.put(block(clock, network))
    assert (blocks.find(address) is not None) is is_found


def test_of_two_blocks_the_longer_counts(clock: ManualClock) -> None:
    blocks = Blocks([], clock=clock)
    blocks.put(block(clock, "203.0.113.7", 10))
    blocks.put(block(clock, "203.0.113.0/24", 100))
    clock.advance(50)
    assert blocks.find("203.0.113.7") is not None


def test_memory_is_bounded_whoever_asks(clock: ManualClock) -> None:
    blocks = Blocks([], clock=clock)
    many = [
        block(clock, f"10.{n // 65536}.{n // 256 % 256}.{n % 256}", 60 + n) for n in range(MOST_BLOCKS + 5)
    ]
    blocks.replace(many, [])
    assert len(blocks.blocks()) == MOST_BLOCKS
    for number in range(MOST_VERDICTS + 10):
        blocks.find(f"192.0.{number // 256}.{number % 256}")
    assert len(blocks._verdicts) <= MOST_VERDICTS
