"""Where a film's bytes come from: through the guard, as its provider wants to be asked, or from disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import BinaryIO, Final

from multidict import CIMultiDict

from libs.common.http import FetchError, Stream, TimedOut, is_same_origin, without_secrets
from services.streaming.errors import GoneAtProvider, ProviderFailed, ProviderRefused, ProviderTimedOut
from services.streaming.hls.tickets import Link, Local, Origin
from services.streaming.media.play import PAGES
from services.streaming.media.playlists import is_playlist
from services.streaming.sources.media import MediaSource

SNIFFED_BYTES: Final = 1024
WITHIN_S: Final = 20.0
"""For a few bytes of a source: it may send one of them now and then."""
_PLAYED: Final = frozenset({200, 206, 416})
_GONE: Final = frozenset({404, 406, 410})
_REFUSED: Final = frozenset({401, 403, 429})

LocalOpen = Callable[[int], BinaryIO]
"""A file by its number. Blocks for a moment. Raises HeadgateError."""


class Origins:
    """`local` is None where the operator set no folder of films."""

    def __init__(self, source: MediaSource, local: LocalOpen | None) -> None:
        self._source = source
        self._local = local

    async def opened(self, origin: Local) -> BinaryIO:
        """Raises NotFound."""
        return await asyncio.to_thread(self._open, origin)

    @asynccontextmanager
    async def open(self, origin: Link, range_: str) -> AsyncIterator[Stream]:
        """An answer of 200, 206 or 416. Raises HeadgateError."""
        headers: CIMultiDict[str] = CIMultiDict(origin.headers)
        if range_:
            headers["Range"] = range_
        async with AsyncExitStack() as stack:
            yield await self._asked(stack, origin.url, headers)

    async def is_playlist(self, link: Link) -> bool:
        """Whether it is one of HLS. Raises HeadgateError, also for a page in place of a film."""
        async with self.open(link, f"bytes=0-{SNIFFED_BYTES - 1}") as stream:
            said = stream.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if is_playlist(said, stream.address):
                return True
            begins = (await _first(stream, SNIFFED_BYTES)).lstrip(b"\xef\xbb\xbf \t\r\n")
            if said in PAGES and begins[:1] in (b"<", b"{", b"["):
                raise ProviderFailed("The source answered with a page where a film was asked for.")
            return begins.startswith(b"#EXTM3U")

    async def read(self, origin: Origin, offset: int, size: int) -> bytes:
        """So many bytes from there on, or what there is. Raises HeadgateError."""
        if isinstance(origin, Local):
            return await asyncio.to_thread(self._read, origin, offset, size)
        async with self.open(origin, f"bytes={offset}-{offset + size - 1}") as stream:
            if stream.status != 206 and offset:
                return b""
            return await _first(stream, size)

    def _open(self, origin: Local) -> BinaryIO:
        if self._local is None:
            raise GoneAtProvider("This hub has no folder of films any more.")
        return self._local(origin.file)

    def _read(self, origin: Local, offset: int, size: int) -> bytes:
        try:
            with self._open(origin) as file:
                file.seek(offset)
                return file.read(size)
        except OSError as error:
            raise ProviderFailed("The file can't be read.") from error

    async def _asked(self, stack: AsyncExitStack, address: str, headers: CIMultiDict[str]) -> Stream:
        try:
            stream = await stack.enter_async_context(self._source.open(address, headers))
        except TimedOut as error:
            raise ProviderTimedOut(f"The source is too slow: {error}") from error
        except FetchError as error:
            raise ProviderFailed(f"The source can't be reached: {error}") from error
        said = f"{stream.host} answered {stream.status}"
        if stream.status in _PLAYED:
            return stream
        if stream.status in _GONE:
            raise GoneAtProvider(f"The source is gone: {said}.")
        if stream.status in _REFUSED:
            raise ProviderRefused(f"The source refuses to play this: {said}.")
        raise ProviderFailed(f"The source fails: {said}.")


def named_by(playlist: Link, address: str) -> Link:
    """What a provider's playlist names, with the headers that it may be sent: it may be at any server."""
    if is_same_origin(address, playlist.url):
        return Link(address, playlist.headers)
    return Link(address, tuple(without_secrets(CIMultiDict(playlist.headers)).items()))


async def _first(stream: Stream, size: int) -> bytes:
    pieces, length = [], 0
    try:
        async with asyncio.timeout(WITHIN_S):
            async for piece in stream.pieces():
                pieces.append(piece)
                length += len(piece)
                if length >= size:
                    break
    except TimeoutError:
        raise ProviderTimedOut("The source is too slow.") from None
    except FetchError as error:
        raise ProviderFailed(f"The source broke off: {error}") from error
    return b"".join(pieces)[:size]


Reader = Callable[[int, int], Awaitable[bytes]]
"""Bytes of a film: from where, and how many."""
