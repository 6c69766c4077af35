"""Telling a process that hangs from one that is busy."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

REQUEST = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchdog:
    """Who answers none of `misses` questions in a row, each within `within_s`, is hung: after 5.5 s at most.

    That is long for a loop of ours, which is called overloaded at 20 ms, and short beside nginx's patience.
    """

    every_s: float = 1.0
    within_s: float = 1.5
    misses: int = 3

    @property
    def silent_s(self) -> float:
        return self.within_s * self.misses

    async def hears(self, port: int) -> bool:
        """Whether whoever serves the port says anything at all: /livez depends on nothing else."""
        try:
            async with asyncio.timeout(self.within_s):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(REQUEST)
                    return await reader.read(1) != b""
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return False
