"""Fetching a document from a server nobody vouches for: guarded, bounded in time and size."""

import asyncio
import dataclasses
import math
import urllib.parse
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal

from aiohttp import ClientResponse, encode_basic_auth
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.http.decode import ACCEPTED, BodyDecoder
from libs.common.http.errors import (
    BadAnswer,
    BodyTooLarge,
    InvalidUrl,
    TimedOut,
    TooManyRedirects,
    UpstreamStatus,
)
from libs.common.http.guard import Guard
from libs.common.http.session import ClientSession
from libs.common.http.stream import Stream
from libs.common.http.translate import TRANSPORT_ERRORS, translate

MAX_RETRY_AFTER_S = 3600.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What may follow a redirect to another origin. A list of what is harmless, not of what is secret: every API
# has its own name for the header that carries its key.
_HARMLESS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cdn-loop",
        "if-range",
        "origin",
        "range",
        "referer",
        "user-agent",
    }
)
# These describe the body as it was sent, not as it is handed out.
_FRAMING = ("Content-Encoding", "Content-Length", "Transfer-Encoding")
_YIELD_EVERY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """``max_bytes`` bounds the body as sent and as unpacked, ``max_expansion`` their ratio beyond 1 MiB."""

    max_bytes: int = 10 * 1024 * 1024
    total_s: float = 20.0
    max_redirects: int = 5
    max_expansion: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A whole answer, unpacked, whatever its status. ``host`` is where it came from at last."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes = field(repr=False)
    elapsed_s: float
    host: str = "The server"
    retry_after_s: float | None = None


DEFAULT_LIMITS = FetchLimits()


class Fetcher:
    """Gets documents through one session and one guard."""

    def __init__(self, session: ClientSession, guard: Guard, clock: Clock) -> None:
        self._session = session
        self._guard = guard
        self._clock = clock

    async def get(
        self,
        url: str,
        *,
        limits: FetchLimits = DEFAULT_LIMITS,
        headers: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
    ) -> Fetched:
        """The answer to a GET, redirects followed, each judged by the guard. Raises only FetchError.

        Any status is an answer; see ``raise_for_upstream``. Time ends at ``deadline`` or after
        ``limits.total_s``, whichever is sooner, and counts everything from the look-up to the last byte.
        """
        until = Deadline.after(self._clock, limits.total_s)
        if deadline is not None:
            until = deadline.sooner(limits.total_s)
        target = self._guard.check_url(url)
        if until.expired:
            raise TimedOut("There was no time left to ask.")
        return await _Exchange(self._session, self._guard, self._clock, limits).run(
            target, headers or {}, until
        )

    async def send(
        self,
        method: Literal["POST", "PUT", "DELETE"],
        url: str,
        body: bytes,
        *,
        limits: FetchLimits = DEFAULT_LIMITS,
        headers: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
    ) -> Fetched:
        """The answer to a question that may change something, as ``get`` gives it; no redirect is followed.

        Raises only FetchError. It was never sent where that is Unreachable, BlockedAddress or InvalidUrl;
        after any other nobody here knows what was done.
        """
        until = Deadline.after(self._clock, limits.total_s)
        if deadline is not None:
            until = deadline.sooner(limits.total_s)
        target = self._guard.check_url(url)
        if until.expired:
            raise TimedOut("There was no time left to ask.")
        once = dataclasses.replace(limits, max_redirects=0)
        exchange = _Exchange(self._session, self._guard, self._clock, once, method=method, sent=body)
        return await exchange.run(target, headers or {}, until)

    @asynccontextmanager
    async def open(
        self,
        url: str,
        *,
        limits: FetchLimits = DEFAULT_LIMITS,
        headers: Mapping[str, str] | None = None,
        stall_s: float = 30.0,
        waits_s: float = math.inf,
    ) -> AsyncIterator[Stream]:
        """The answer to a GET still unread, asked for and judged as by ``get``. Raises only FetchError.

        ``limits.total_s`` is for its head alone; the body may take as long as it likes, but for ``stall_s``
        without a byte, and ``waits_s`` of waiting for bytes in all: reading slowly is no waiting.
        """
        target = self._guard.check_url(url)
        exchange = _Exchange(self._session, self._guard, self._clock, limits)
        async with AsyncExitStack() as stack:
            yield await exchange.open(stack, target, headers or {}, stall_s=stall_s, waits_s=waits_s)


class _Exchange:
    """One question with its redirects."""

    def __init__(
        self,
        session: ClientSession,
        guard: Guard,
        clock: Clock,
        limits: FetchLimits,
        *,
        method: str = "GET",
        sent: bytes | None = None,
    ) -> None:
        self._session = session
        self._guard = guard
        self._clock = clock
        self._limits = limits
        self._method = method
        self._sent = sent
        self._host = ""

    async def run(self, url: URL, headers: Mapping[str, str], until: Deadline) -> Fetched:
        started = self._clock.monotonic()
        sent = CIMultiDict(headers)
        sent.setdefault("Accept-Encoding", ACCEPTED)
        try:
            async with asyncio.timeout(until.remaining_s):
                return await self._follow(url, sent, started)
        except TRANSPORT_ERRORS as error:
            failure = translate(error, self._host)
        # Outside the handler: the library's error quotes the whole URL and must not stay as the context.
        raise failure

    async def open(
        self,
        stack: AsyncExitStack,
        url: URL,
        headers: Mapping[str, str],
        *,
        stall_s: float,
        waits_s: float,
    ) -> Stream:
        sent = CIMultiDict(headers)
        sent.setdefault("Accept-Encoding", "identity")
        try:
            async with asyncio.timeout(self._limits.total_s):
                response = await stack.enter_async_context(self._answered(url, sent))
        except TRANSPORT_ERRORS as error:
            failure = translate(error, self._host)
        else:
            most = self._limits.max_bytes
            return Stream(response, self._host, max_bytes=most, stall_s=stall_s, waits_s=waits_s)
        raise failure

    async def _follow(self, url: URL, headers: CIMultiDict[str], started: float) -> Fetched:
        async with self._answered(url, headers) as response:
            return await self._read(response, started)

    @asynccontextmanager
    async def _answered(self, url: URL, headers: CIMultiDict[str]) -> AsyncIterator[ClientResponse]:
        """The first answer that is no redirect."""
        for _ in range(self._limits.max_redirects + 1):
            self._host = url.host_port_subcomponent or ""
            if url.raw_user is not None:
                headers.setdefault("Authorization", encode_basic_auth(url.user or "", url.password or ""))
                url = url.with_user(None)
            async with self._session.request(
                self._method, url, headers=headers, data=self._sent, allow_redirects=False
            ) as response:
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or not location:
                    yield response
                    return
            target = self._redirect_target(url, location)
            if target.origin() != url.origin():
                headers = without_secrets(headers)
            url = target
        raise TooManyRedirects(f"{self._host} keeps redirecting and never answers.")

    def _redirect_target(self, url: URL, location: str) -> URL:
        try:
            return self._guard.check_url(urllib.parse.urljoin(str(url), location))
        except (InvalidUrl, ValueError):
            sentence = f"{self._host} redirects to something that is not a web address."
        raise BadAnswer(sentence)

    async def _read(self, response: ClientResponse, started: float) -> Fetched:
        body = await self._read_body(response)
        headers = CIMultiDict(response.headers)
        for name in _FRAMING:
            headers.popall(name, None)
        return Fetched(
            status=response.status,
            headers=CIMultiDictProxy(headers),
            body=body,
            elapsed_s=self._clock.monotonic() - started,
            host=self._host,
            retry_after_s=parse_retry_after(headers.get("Retry-After"), now=self._clock.time()),
        )

    async def _read_body(self, response: ClientResponse) -> bytes:
        if (response.content_length or 0) > self._limits.max_bytes:
            raise BodyTooLarge(f"The answer of {self._host} is larger than the hub takes.")
        decoder = BodyDecoder(
            response.headers.get("Content-Encoding", ""),
            max_bytes=self._limits.max_bytes,
            max_expansion=self._limits.max_expansion,
        )
        pieces: list[bytes] = []
        unyielded = 0
        async for received in response.content.iter_any():
            for piece in decoder.feed(received):
                pieces.append(piece)
                unyielded += len(piece)
                if unyielded >= _YIELD_EVERY_BYTES:
                    # A buffered body is read without waiting; others want the loop too.
                    unyielded = 0
                    await asyncio.sleep(0)
        decoder.finish()
        return b"".join(pieces)


def without_secrets(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """What of them another origin may be sent, too."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() in _HARMLESS)


def raise_for_upstream(fetched: Fetched) -> None:
    """Raises UpstreamStatus for an error status, with the wait the upstream asked for."""
    if fetched.status >= 400:
        raise UpstreamStatus(fetched.status, fetched.retry_after_s, host=fetched.host)


def parse_retry_after(value: str | None, *, now: float) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3: a number or a date), within 0 and one hour.

    None when there is none or it can't be read. ``now`` is wall-clock time in seconds since the epoch.
    """
    text = (value or "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, moment.timestamp() - now), MAX_RETRY_AFTER_S)
