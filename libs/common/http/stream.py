"""An answer too large to hold: its body in pieces as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import ClientResponse
from multidict import CIMultiDictProxy

from libs.common.http.errors import BodyTooLarge, FetchError
from libs.common.http.translate import TRANSPORT_ERRORS, translate


class Stream:
    """An answer whose head is there. Nothing is unpacked: what was sent is what comes out.

    ``length`` is what its sender announced, if anything; ``address`` where it came from after all redirects,
    which is for no log.
    """

    def __init__(
        self, response: ClientResponse, host: str, *, max_bytes: int, stall_s: float, waits_s: float
    ) -> None:
        self.status = response.status
        self.headers: CIMultiDictProxy[str] = response.headers
        self.length = response.content_length
        self.address = str(response.url)
        self.host = host
        self.received = 0
        self._content = response.content
        self._max_bytes = max_bytes
        self._stall_s = stall_s
        self._left_s = waits_s

    async def pieces(self) -> AsyncIterator[bytes]:
        """Raises only FetchError: TimedOut after ``stall_s`` without a byte, or once ``waits_s`` were spent
        waiting for bytes in all; BodyTooLarge past the limit."""
        loop = asyncio.get_running_loop()
        while True:
            failure: FetchError | None = None
            began = loop.time()
            try:
                async with asyncio.timeout(min(self._stall_s, self._left_s)):
                    piece = await self._content.readany()
            except TRANSPORT_ERRORS as error:
                failure = translate(error, self.host)
            if failure is not None:
                raise failure
            if not piece:
                return
            self._left_s -= loop.time() - began
            self.received += len(piece)
            if self.received > self._max_bytes:
                raise BodyTooLarge(f"The answer of {self.host} is larger than the hub takes.")
            yield piece
