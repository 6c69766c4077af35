"""Instances by name: whoever DNS names is asked, and its silence changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from libs.common.balance.model import BalancePolicy
from libs.common.balance.service import Balancing
from tests.common.balance.instances import asking, states
from tests.fakes.clock import ManualClock

EVERY_S = BalancePolicy().resolve_every_s * 1.2


class FakeDns:
    """Names what it is told to."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: Sequence[str] = addresses
        self.asked: list[tuple[str, int]] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        if not self.addresses:
            raise OSError("no such name")
        return self.addresses


async def test_every_address_is_an_instance_and_changes_are_followed(clock: ManualClock) -> None:
    dns = FakeDns("10.0.0.1", "::1")
    balancing = Balancing(clock=clock, resolve=dns.resolve)
    async with asking("dns://catalog:8082", balancing=balancing) as client:
        assert set(states(client)) == {"http://10.0.0.1:8082", "http://[::1]:8082"}
        dns.addresses = ["10.0.0.2", "::1", "::1"]
        await clock.advance_and_settle(EVERY_S)
        assert set(states(client)) == {"http://10.0.0.2:8082", "http://[::1]:8082"}
    assert set(dns.asked) == {("catalog", 8082)}


async def test_while_the_name_is_unknown_its_last_addresses_stay(clock: ManualClock) -> None:
    dns = FakeDns("10.0.0.1")
    balancing = Balancing(clock=clock, resolve=dns.resolve)
    async with asking("dns://catalog:8082", balancing=balancing) as client:
        dns.addresses = []
        await clock.advance_and_settle(3 * EVERY_S)
        assert set(states(client)) == {"http://10.0.0.1:8082"}


async def test_a_name_that_is_not_there_yet_is_found_later(clock: ManualClock) -> None:
    dns = FakeDns()
    balancing = Balancing(clock=clock, resolve=dns.resolve)
    async with asking("dns://catalog:8082", balancing=balancing) as client:
        assert states(client) == {}
        dns.addresses = ["10.0.0.1"]
        await clock.advance_and_settle(EVERY_S)
        assert set(states(client)) == {"http://10.0.0.1:8082"}
