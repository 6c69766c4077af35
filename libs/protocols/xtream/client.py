"""Asking a panel: one question, one answer, no memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Generic, Literal, TypeVar, overload

from libs.common import hops
from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.http import (
    BlockedAddress,
    Fetched,
    Fetcher,
    FetchError,
    FetchLimits,
    Stream,
    parse_retry_after,
)
from libs.common.http.decode import ACCEPTED, BodyDecoder
from libs.protocols.xtream.account import Account, parse_account
from libs.protocols.xtream.addresses import Kind, XtreamAddress
from libs.protocols.xtream.answers import OK, check_document, raise_for_status
from libs.protocols.xtream.details import MovieDetails, SeriesDetails, parse_movie, parse_series
from libs.protocols.xtream.errors import NothingThere
from libs.protocols.xtream.guide import Listing, parse_listings
from libs.protocols.xtream.rows import (
    Category,
    Channel,
    Movie,
    Reader,
    Series,
    category_reader,
    channel_reader,
    movie_reader,
    series_reader,
)
from libs.protocols.xtream.tally import Tally

R_co = TypeVar("R_co", covariant=True)

_CATEGORIES: Mapping[Kind, str] = {
    "live": "get_live_categories",
    "movie": "get_vod_categories",
    "series": "get_series_categories",
}
_LISTS: Mapping[Kind, str] = {"live": "get_live_streams", "movie": "get_vod_streams", "series": "get_series"}
_MISSING, _LOOP = 404, 508
_BEGINNING_BYTES = 64 * 1024
_MAGIC_BYTES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class XtreamLimits:
    """For small answers as a whole, for lists and the guide until they begin, between two pieces, and for all
    such waiting together: a byte now and then would do for ever.

    Sizes are those of what is unpacked. A panel may gather for two minutes before its first byte.
    """

    answer_bytes: int = 32 * 1024 * 1024
    answer_s: float = 60.0
    list_bytes: int = 1024 * 1024 * 1024
    guide_bytes: int = 4 * 1024 * 1024 * 1024
    head_s: float = 180.0
    stall_s: float = 60.0
    waits_s: float = 3600.0


DEFAULT_LIMITS = XtreamLimits()


class Items(Generic[R_co]):
    """A list to be read once, in batches. `tally` says how that went as far as it has come.

    An error comes behind the rows that were whole before it.
    """

    def __init__(self, pieces: AsyncGenerator[bytes, None], reader: Reader[Any, R_co]) -> None:
        self._pieces = pieces
        self._reader = reader

    @property
    def tally(self) -> Tally:
        return self._reader.tally

    async def __aiter__(self) -> AsyncIterator[list[R_co]]:
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                for batch in self._reader.feed(piece):
                    yield batch
                    # What has been received already comes without waiting; others want the loop, too.
                    await asyncio.sleep(0)
        for batch in self._reader.finish():
            yield batch


class XtreamClient:
    """Raises only FetchError and XtreamError. No retry, no cache, no breaker, no pace of its own.

    `user_agent` is for panels that talk to players they know only; `hop_name` is what this hub calls itself,
    for a panel may be a hub that asks us.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        clock: Clock,
        address: XtreamAddress,
        *,
        limits: XtreamLimits = DEFAULT_LIMITS,
        user_agent: str = "",
        hop_name: str = "",
    ) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._address = address
        self._limits = limits
        self._user_agent = user_agent
        self._hop_name = hop_name

    async def account(self, *, deadline: Deadline | None = None) -> Account:
        """Raises LoginRefused, Blocked, NotAPanel or EmptyAnswer for whatever isn't an account that works."""
        fetched = await self._get("", {}, deadline)
        self._check(fetched)
        return parse_account(fetched.body)

    async def categories(self, kind: Kind, *, deadline: Deadline | None = None) -> tuple[Category, ...]:
        """In the panel's order. None is no error: entries may name categories all the same."""
        fetched = await self._get(_CATEGORIES[kind], {}, deadline)
        self._check(fetched)
        reader = category_reader()
        batches = [*reader.feed(fetched.body), *reader.finish()]
        return tuple(category for batch in batches for category in batch)

    @overload
    def items(self, kind: Literal["live"]) -> Items[Channel]: ...
    @overload
    def items(self, kind: Literal["movie"]) -> Items[Movie]: ...
    @overload
    def items(self, kind: Literal["series"]) -> Items[Series]: ...

    def items(self, kind: Kind) -> Items[Channel] | Items[Movie] | Items[Series]:
        """The whole list of a kind, asked for when it is read."""
        match kind:
            case "live":
                return Items(self.unread(kind), channel_reader())
            case "movie":
                return Items(self.unread(kind), movie_reader())
            case "series":
                return Items(self.unread(kind), series_reader())

    def unread(self, kind: Kind) -> AsyncGenerator[bytes, None]:
        """The same list as it comes, for who reads it elsewhere."""
        return self._pieces(self._address.api(_LISTS[kind]), self._limits.list_bytes)

    async def movie(self, movie_id: int, *, deadline: Deadline | None = None) -> MovieDetails:
        """Raises NothingThere."""
        return parse_movie(await self._details("get_vod_info", "vod_id", movie_id, deadline), movie_id)

    async def series(self, series_id: int, *, deadline: Deadline | None = None) -> SeriesDetails:
        """With all its episodes. Raises NothingThere."""
        return parse_series(await self._details("get_series_info", "series_id", series_id, deadline))

    async def short_guide(
        self, stream_id: int, zone: tzinfo, *, limit: int = 4, deadline: Deadline | None = None
    ) -> Listing:
        """What is on and comes next. `zone` is the panel's. Asked for many channels it gets a hub banned."""
        asked = {"stream_id": str(stream_id), "limit": str(limit)}
        fetched = await self._get("get_short_epg", asked, deadline)
        self._check(fetched)
        return parse_listings(fetched.body, zone)

    async def guide(self) -> AsyncGenerator[bytes, None]:
        """The guide of all channels as it comes, XML or gzip of it."""
        beginning, judged = b"", False
        async with aclosing(self._pieces(self._address.guide(), self._limits.guide_bytes)) as pieces:
            async for piece in pieces:
                if judged:
                    yield piece
                    continue
                beginning += piece
                if len(beginning.lstrip()) >= _MAGIC_BYTES:
                    check_document(beginning)
                    judged = True
                    yield beginning
        if not judged:
            check_document(beginning)
            yield beginning

    async def _details(self, action: str, name: str, id_: int, deadline: Deadline | None) -> bytes:
        fetched = await self._get(action, {name: str(id_)}, deadline)
        if fetched.status == _MISSING:
            raise NothingThere
        self._check(fetched)
        return fetched.body

    async def _get(self, action: str, parameters: Mapping[str, str], deadline: Deadline | None) -> Fetched:
        return await self._fetcher.get(
            self._address.api(action, parameters),
            limits=FetchLimits(max_bytes=self._limits.answer_bytes, total_s=self._limits.answer_s),
            headers=self._headers(),
            deadline=deadline,
        )

    async def _pieces(self, url: str, max_bytes: int) -> AsyncGenerator[bytes, None]:
        """A body of any size, unpacked as its header says."""
        limits = FetchLimits(max_bytes=max_bytes, total_s=self._limits.head_s)
        headers = {**self._headers(), "Accept-Encoding": ACCEPTED}
        async with self._fetcher.open(
            url,
            limits=limits,
            headers=headers,
            stall_s=self._limits.stall_s,
            waits_s=self._limits.waits_s,
        ) as stream:
            if stream.status != OK:
                retry_after_s = parse_retry_after(stream.headers.get("Retry-After"), now=self._clock.time())
                beginning = await _beginning(stream, limits)
                self._check_status(stream.status, beginning, retry_after_s, stream.host)
            async for piece in _unpacked(stream, limits):
                yield piece

    def _headers(self) -> dict[str, str]:
        named = {"User-Agent": self._user_agent} if self._user_agent else {}
        return {"Accept": "*/*", **hops.outgoing(self._hop_name), **named}

    def _check(self, fetched: Fetched) -> None:
        self._check_status(fetched.status, fetched.body, fetched.retry_after_s, fetched.host)

    def _check_status(self, status: int, body: bytes, retry_after_s: float | None, host: str) -> None:
        # The body is looked at too, since some hosters say 508 when a limit of theirs is reached.
        if status == _LOOP and hops.LOOP_CODE.encode() in body:
            raise BlockedAddress(f"{host} is where this question came from: it would go in circles.")
        raise_for_status(status, body, retry_after_s=retry_after_s)


async def _unpacked(stream: Stream, limits: FetchLimits) -> AsyncGenerator[bytes, None]:
    decoder = BodyDecoder(
        stream.headers.get("Content-Encoding", ""),
        max_bytes=limits.max_bytes,
        max_expansion=limits.max_expansion,
    )
    async for received in stream.pieces():
        for piece in decoder.feed(received):
            yield piece
    decoder.finish()


async def _beginning(stream: Stream, limits: FetchLimits) -> bytes:
    """Enough of a refusal's body to tell what it says; the status counts without it."""
    found = b""
    with suppress(FetchError):
        async with aclosing(_unpacked(stream, limits)) as pieces:
            async for piece in pieces:
                found += piece
                if len(found) >= _BEGINNING_BYTES:
                    break
    return found
