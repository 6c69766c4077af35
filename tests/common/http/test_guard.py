"""The guard: which addresses the hub asks, and that there is no way around it."""

from __future__ import annotations

import socket

import pytest
from aiohttp import ClientConnectorError
from aiohttp.abc import AbstractResolver, ResolveResult

from libs.common.clock import SystemClock
from libs.common.http import BlockedAddress, Fetcher, Guard, make_session
from libs.common.http.guard import AddressRefused, GuardedResolver
from tests.fakes.misbehaving import MisbehavingServer

NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.1.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "::169.254.169.254",
    "2001:0:4136:e378:8000:63bf:5601:5601",  # Teredo: the client part is 169.254.169.254 inverted
    "2001:db8::5efe:a9fe:a9fe",  # ISATAP
    "not an address",
    "",
]
PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "::1",
    "fd12:3456::1",
    "fec0::1",
    "::ffff:127.0.0.1",
    "::ffff:192.168.1.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::1",
    "::10.0.0.1",
]
PUBLIC = [
    "1.1.1.1",
    "93.184.216.34",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
]


@pytest.mark.parametrize("ip", NEVER)
@pytest.mark.parametrize("allow_private", [True, False])
def test_metadata_link_local_multicast_and_unspecified_are_never_asked(ip: str, allow_private: bool) -> None:
    with pytest.raises(BlockedAddress):
        Guard(allow_private=allow_private).check_address(ip)


@pytest.mark.parametrize("ip", PRIVATE)
def test_private_addresses_are_asked_only_when_allowed(ip: str) -> None:
    Guard(allow_private=True).check_address(ip)
    with pytest.raises(BlockedAddress):
        Guard(allow_private=False).check_address(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_are_asked(ip: str) -> None:
    Guard(allow_private=False).check_address(ip, 443)


# The hub's own sockets


@pytest.mark.parametrize("ip", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_the_hubs_own_socket_is_refused_in_every_spelling(ip: str) -> None:
    guard = Guard(allow_private=True, own_addresses=[("127.0.0.1", 8080)])
    guard.check_address(ip, 8081)
    with pytest.raises(BlockedAddress):
        guard.check_address(ip, 8080)


def test_localhost_means_both_loopbacks() -> None:
    guard = Guard(allow_private=True, own_addresses=[("localhost", 8080)])
    for ip in ("127.0.0.1", "::1"):
        with pytest.raises(BlockedAddress):
            guard.check_address(ip, 8080)


@pytest.mark.parametrize("wildcard", ["0.0.0.0", "::", "", "*"])
def test_a_hub_that_listens_everywhere_is_refused_on_every_address_of_its_machine(wildcard: str) -> None:
    guard = Guard(allow_private=True, own_addresses=[(wildcard, 8080)])
    guard.check_address("93.184.216.34", 8080)
    guard.check_address("127.0.0.1", 8081)
    for ip in ("127.0.0.1", "127.0.0.99", "::ffff:127.0.0.1"):
        with pytest.raises(BlockedAddress):
            guard.check_address(ip, 8080)


def test_a_socket_can_be_added_once_its_port_is_known() -> None:
    guard = Guard(allow_private=True)
    guard.check_address("127.0.0.1", 8080)
    guard.refuse_own("127.0.0.1", 8080)
    with pytest.raises(BlockedAddress):
        guard.check_address("127.0.0.1", 8080)


@pytest.mark.parametrize(
    "url", ["https://hub.example/stremio/x", "https://HUB.example.:443/", "http://nas:8080/"]
)
def test_the_hubs_public_name_is_refused(url: str) -> None:
    guard = Guard(allow_private=True, own_urls=["https://hub.example", "http://nas:8080", ""])
    guard.check_url("https://other.example/")
    with pytest.raises(BlockedAddress):
        guard.check_url(url)


# URLs with literal addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://user:password1@169.254.169.254/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://0.0.0.0:8080/",
        "http://[::]/",
        "http://１６９.254.169.254/",
        "http://169.254.169.254./",
    ],
)
def test_a_url_to_a_refused_literal_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(BlockedAddress):
        Guard(allow_private=True).check_url(url)


# At connect time


class Answers(AbstractResolver):
    """A name server that gives another answer each time: DNS rebinding."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=socket.AF_INET, proto=0, flags=0)
            for ip in self.answers.pop(0)
        ]

    async def close(self) -> None:
        pass


async def test_only_the_allowed_addresses_of_a_name_are_handed_on() -> None:
    resolver = GuardedResolver(
        Guard(allow_private=False), Answers(["10.0.0.1", "93.184.216.34", "127.0.0.1"])
    )
    assert [result["host"] for result in await resolver.resolve("x.example", 80)] == ["93.184.216.34"]


async def test_a_name_that_turns_to_the_loopback_is_refused_at_that_look_up() -> None:
    resolver = GuardedResolver(Guard(allow_private=False), Answers(["93.184.216.34"], ["127.0.0.1"]))
    assert await resolver.resolve("x.example", 80)
    with pytest.raises(AddressRefused):
        await resolver.resolve("x.example", 80)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "LOCALHOST"])
async def test_a_guarded_session_connects_to_no_refused_address_even_without_a_fetcher(host: str) -> None:
    async with (
        MisbehavingServer("ok") as server,
        make_session(guard=Guard(allow_private=False)) as session,
    ):
        with pytest.raises(ClientConnectorError) as caught:
            await session.get(server.url("/", host=host))
        assert isinstance(caught.value.os_error, AddressRefused)
        assert server.requests == []


async def test_a_name_that_leads_to_the_hub_itself_is_refused_when_it_connects() -> None:
    async with MisbehavingServer("ok") as hub:
        guard = Guard(allow_private=True, own_addresses=[("127.0.0.1", hub.port), ("::1", hub.port)])
        async with make_session(guard=guard) as session:
            with pytest.raises(BlockedAddress) as caught:
                await Fetcher(session, guard, SystemClock()).get(hub.url("/secret", host="localhost"))
        assert caught.value.reason == "blocked_address"
        assert "secret" not in str(caught.value)
        assert hub.requests == []


async def test_the_connection_is_made_to_the_address_that_was_judged() -> None:
    """A second look-up between the judging and the connecting would hit the second answer."""
    async with MisbehavingServer("ok") as server:
        guard = Guard(allow_private=True)
        resolver = Answers(["127.0.0.1"], ["169.254.169.254"])
        async with make_session(guard=guard, resolver=resolver) as session:
            fetched = await Fetcher(session, guard, SystemClock()).get(server.url("/", host="x.example"))
        assert fetched.status == 200
        assert resolver.answers == [["169.254.169.254"]]
