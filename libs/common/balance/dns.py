"""Instances by DNS: every address a name has, looked up again and again, beside the loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import structlog

from libs.common.balance.addresses import Named
from libs.common.balance.pool import Pool

log = structlog.get_logger(__name__)

RESOLVE_WITHIN_S = 3.0

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host; raises OSError when there are none."""


class DnsInstances:
    """While the name can't be resolved, its last addresses stay."""

    def __init__(self, named: Named, pool: Pool, *, resolve: Resolve | None = None) -> None:
        self._named = named
        self._pool = pool
        self._resolve = resolve or resolve_by_system
        self._failing = False

    async def look(self) -> None:
        try:
            async with asyncio.timeout(RESOLVE_WITHIN_S):
                found = await self._resolve(self._named.host, self._named.port)
        except (OSError, TimeoutError) as error:
            self._failed(error)
            return
        if self._failing:
            self._failing = False
            log.info("instances_resolved_again", service=self._pool.service)
        if found:
            self._pool.set(_url(address, self._named.port) for address in found)

    def _failed(self, error: Exception) -> None:
        if not self._failing:
            self._failing = True
            log.warning("instances_not_resolved", service=self._pool.service, reason=type(error).__name__)


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for *_, where in found]


def _url(address: str, port: int) -> str:
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
