"""Media at providers: asked once, through the guard, and read no faster than whoever plays it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from libs.common.http import Fetcher, FetchLimits, Stream

ENDLESS_BYTES = 1 << 50
"""More than anybody plays in one go: of a stream the hub never holds more than a buffer."""


class MediaSource:
    """`start_s` is for the head of an answer, through all redirects; `stall_s` without a byte ends it."""

    def __init__(self, fetcher: Fetcher, *, start_s: float, stall_s: float) -> None:
        self._fetcher = fetcher
        self._limits = FetchLimits(max_bytes=ENDLESS_BYTES, total_s=start_s)
        self._stall_s = stall_s

    @asynccontextmanager
    async def open(self, address: str, headers: Mapping[str, str]) -> AsyncIterator[Stream]:
        """The answer, whatever its status. Raises FetchError."""
        async with self._fetcher.open(
            address, limits=self._limits, headers=headers, stall_s=self._stall_s
        ) as stream:
            yield stream
