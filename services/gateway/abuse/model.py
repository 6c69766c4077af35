"""What a decision says, and the networks it is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from libs.common.errors import Conflict, InvalidInput
from libs.common.networks import IPNetwork, parse_network
from libs.common.secrets import new_token

Scope: TypeAlias = Literal["address", "network"]
Mode: TypeAlias = Literal["on", "off", "observe"]
MODES: tuple[str, ...] = ("on", "off", "observe")

MANUAL = "manual"
"""The scenario of a block somebody made by hand."""

MOST_ALLOWED = 500
"""Each is compared with every new address."""
WIDEST = {4: 8, 6: 16}
"""Prefix lengths: a wider block hits a continent, which nobody means."""


@dataclass(frozen=True, slots=True)
class Block:
    """A decision. A network has one at most; it ends at `expires_at` or when somebody revokes it."""

    id: str
    network: str
    scope: Scope
    scenario: str
    score: float
    created_at: datetime
    expires_at: datetime
    reason: str = ""
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A network that is never blocked. `fixed` ones come from the settings and stay."""

    id: str
    network: str
    reason: str
    created_at: datetime | None = None
    made_by: str = ""
    fixed: bool = False


class CannotBlock(Conflict):
    """The network is allowed, or it holds whoever asks."""

    code = "cannot_block"
    title = "This network can't be blocked"


class ListFull(Conflict):
    """To take off the oldest would be to shut somebody out without a word."""

    code = "list_full"
    title = "The list is full"


class FixedNetwork(Conflict):
    """The settings allow it, so only the settings can end that."""

    code = "network_allowed_by_settings"
    title = "The settings allow this network"


def network_given(text: str) -> IPNetwork:
    """An address or a network; one IPv6 address means its /64, a household's. Raises InvalidInput."""
    text = text.strip()
    try:
        network = parse_network(text)
    except ValueError as error:
        message = "Give an address or a network, such as 203.0.113.7 or 203.0.113.0/24."
        raise InvalidInput(message, fields={"address": message}) from error
    return network.supernet(new_prefix=64) if network.version == 6 and "/" not in text else network


def scope_of(network: IPNetwork) -> Scope:
    """One household is an address: an IPv4 one, or an IPv6 /64."""
    return "address" if network.prefixlen >= (32 if network.version == 4 else 64) else "network"


def name_of(network: IPNetwork) -> str:
    """As addresses are counted: a single IPv4 address without its /32."""
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def new_block(
    network: IPNetwork,
    scenario: str,
    *,
    now: datetime,
    lasts_s: float,
    score: float = 0.0,
    reason: str = "",
    made_by: str = "",
) -> Block:
    return Block(
        id=new_token(bytes_=9),
        network=name_of(network),
        scope=scope_of(network),
        scenario=scenario,
        score=score,
        created_at=now,
        expires_at=now + timedelta(seconds=lasts_s),
        reason=reason,
        made_by=made_by,
    )
