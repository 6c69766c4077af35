"""Providers as sync asks them: a panel by its protocol, a list or a guide by its address."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from libs.common import hops
from libs.common.clock import Clock
from libs.common.contracts.handover import ProviderAccess
from libs.common.http import Fetcher, FetchLimits, UpstreamStatus, parse_retry_after
from libs.protocols.xtream.client import XtreamClient
from libs.providers.asking import panel_of

LIMITS: Final = FetchLimits(max_bytes=4 * 1024**3, total_s=180.0)
"""A server may gather for two minutes before its first byte."""
STALL_S: Final = 60.0
WAITS_S: Final = 3600.0
"""In all. A byte now and then would hold one of a few workers for ever."""


class ProviderSource:
    """`hop_name` is what this hub calls itself, for a provider may be a hub that asks us."""

    def __init__(self, fetcher: Fetcher, clock: Clock, *, hop_name: str) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._hop_name = hop_name

    def panel(self, access: ProviderAccess) -> XtreamClient:
        return panel_of(access, self._fetcher, self._clock, hop_name=self._hop_name)

    async def document(self, access: ProviderAccess, url: str) -> AsyncGenerator[bytes, None]:
        """A list or a guide as it comes, packed or not: who reads it sees that. Raises FetchError."""
        named = {"User-Agent": access.user_agent} if access.user_agent else {}
        headers = {"Accept": "*/*", "Accept-Encoding": "gzip", **hops.outgoing(self._hop_name), **named}
        async with self._fetcher.open(
            url, limits=LIMITS, headers=headers, stall_s=STALL_S, waits_s=WAITS_S
        ) as stream:
            if stream.status != 200:
                wait_s = parse_retry_after(stream.headers.get("Retry-After"), now=self._clock.time())
                raise UpstreamStatus(stream.status, wait_s, host=stream.host)
            async for piece in stream.pieces():
                yield piece
