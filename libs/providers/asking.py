"""The panel behind an account, ready to be asked."""

from __future__ import annotations

from libs.common.clock import Clock
from libs.common.contracts.handover import ProviderAccess
from libs.common.http import Fetcher
from libs.protocols.xtream.addresses import Credentials, XtreamAddress
from libs.protocols.xtream.client import DEFAULT_LIMITS, XtreamClient, XtreamLimits


def address_of(access: ProviderAccess) -> XtreamAddress:
    return XtreamAddress(access.url, Credentials(access.username, access.password))


def panel_of(
    access: ProviderAccess,
    fetcher: Fetcher,
    clock: Clock,
    *,
    hop_name: str,
    limits: XtreamLimits = DEFAULT_LIMITS,
) -> XtreamClient:
    return XtreamClient(
        fetcher,
        clock,
        address_of(access),
        limits=limits,
        user_agent=access.user_agent,
        hop_name=hop_name,
    )
