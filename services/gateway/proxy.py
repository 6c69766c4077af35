"""REST calls passed on to the service that owns the address: same path, our identity, nothing internal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import structlog
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from libs.common.clock import Clock
from libs.common.contracts import imports
from libs.common.contracts.auth import FORGET_HEADER
from libs.common.contracts.client import IDEMPOTENCY_HEADER
from libs.common.contracts.moving import PASSPHRASE_HEADER
from libs.common.contracts.stremio_account import BASE_HEADER
from libs.common.contracts.viewing import CHANGED_HEADER
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, MalformedRequest, PayloadTooLarge, RequestTimedOut
from libs.common.identity import Identity
from libs.common.web import CLOCK, Endpoint, Handler, identity_of, read_body
from libs.common.web.json import BODY_WITHIN_S
from services.gateway.address import base_url
from services.gateway.answer_counts import CACHE_HEADER, cache_status, kind_of
from services.gateway.identify import SAFE_METHODS
from services.gateway.install import account_changed
from services.gateway.keys import ANSWERED, SERVICES, SETTINGS
from services.gateway.model import PLAY_PREFIX
from services.gateway.plays import with_plays

log = structlog.get_logger(__name__)

PASSED_IN = (
    "Accept",
    "Accept-Language",
    "Content-Type",
    IDEMPOTENCY_HEADER,
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "Last-Event-ID",
    "Prefer",
    "Range",
    "User-Agent",
)
"""Named one by one: what isn't here (credentials, internal and hop-by-hop headers) can't slip through."""

KEPT_BACK = frozenset(
    name.lower()
    for name in (
        "Connection",
        "Content-Length",
        "Date",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Server",
        "Set-Cookie",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        CHANGED_HEADER,
        FORGET_HEADER,
        "X-Headgate-Identity",
        "X-Request-Deadline-Ms",
        "X-Request-Id",
        "traceparent",
        "tracestate",
    )
)
EVENT_STREAM = "text/event-stream"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WHOLE_BYTES = 256 * 1024
"""Answers up to this size are sent in one piece; larger ones and event streams as they come."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A prefix of the REST API and its owner. `changes_answers`: a change there alters what players get.
    `has_plays`: answers hold what only we can say where to play. `tells_base`: it is to know where we are.
    `takes_files`: what is sent there may be large, and may take its time."""

    prefix: str
    service: str
    changes_answers: bool = False
    has_plays: bool = False
    tells_base: bool = False
    takes_files: bool = False


OWNED = (
    Owned("/api/v1/accounts", "auth"),
    Owned("/api/v1/api-keys", "auth"),
    Owned("/api/v1/audit", "auth"),
    Owned("/api/v1/invitations", "auth"),
    Owned("/api/v1/profiles", "auth"),
    Owned("/api/v1/sessions", "auth"),
    Owned("/api/v1/addons", "catalog", changes_answers=True),
    Owned("/api/v1/catalogs", "catalog", changes_answers=True),
    Owned("/api/v1/library", "catalog", changes_answers=True),
    Owned("/api/v1/m3u-accounts", "catalog", changes_answers=True),
    Owned("/api/v1/manifest", "catalog", changes_answers=True),
    Owned("/api/v1/ratings", "catalog"),
    Owned("/api/v1/settings/ratings", "catalog", changes_answers=True),
    Owned("/api/v1/settings/tmdb", "catalog", changes_answers=True),
    Owned("/api/v1/settings/viewing", "catalog", changes_answers=True),
    Owned("/api/v1/tmdb", "catalog"),
    Owned("/api/v1/titles", "catalog", changes_answers=True),
    Owned("/api/v1/search", "catalog"),
    Owned("/api/v1/xtream-accounts", "catalog", changes_answers=True),
    Owned("/api/v1/embeds", "streaming"),
    Owned("/api/v1/links", "streaming", changes_answers=True),
    Owned("/api/v1/progress", "streaming"),
    Owned("/api/v1/settings/playback", "streaming", changes_answers=True),
    Owned("/api/v1/streams", "streaming", has_plays=True),
    Owned("/api/v1/viewing", "streaming"),
    Owned("/api/v1/me/export", "sync"),
    Owned("/api/v1/me/import", "sync", changes_answers=True, takes_files=True),
    Owned("/api/v1/connections", "sync", tells_base=True),
    Owned("/api/v1/imports", "sync", takes_files=True),
    Owned("/api/v1/sync", "sync"),
)


class BoundedBody:
    """The client's body passed on piece by piece, bounded in size and time.

    `refusal` says why it ended too early: that is the client's doing, and never held against the service.
    """

    def __init__(self, content: aiohttp.StreamReader, max_bytes: int, *, deadline: Deadline) -> None:
        self._pieces = aiter(content.iter_any())
        self._max_bytes = max_bytes
        self._deadline = deadline
        self.refusal: HeadgateError | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        while True:
            try:
                async with asyncio.timeout(self._deadline.remaining_s):
                    piece = await anext(self._pieces)
            except StopAsyncIteration:
                return
            except TimeoutError:
                self.refusal = RequestTimedOut("The body did not arrive in time.")
            except web.RequestPayloadError:
                self.refusal = MalformedRequest("The body is not as the headers announced it.")
            else:
                seen += len(piece)
                if seen > self._max_bytes:
                    self.refusal = PayloadTooLarge(f"This address takes at most {self._max_bytes} bytes.")
            if self.refusal is not None:
                raise self.refusal
            yield piece


async def proxied(request: web.Request, owned: Owned) -> web.StreamResponse:
    """The owner's answer, whatever its status. Raises Unavailable or UpstreamTimedOut when there is none."""
    identity = identity_of(request)
    try:
        return await _exchange(request, owned, identity)
    except HeadgateError as error:
        if error.status >= 500:
            request.app[ANSWERED].count("rest", "error")
        raise
    finally:
        # Also when the answer was lost: the change may have been made.
        if owned.changes_answers and request.method not in SAFE_METHODS:
            await account_changed(request, identity)


async def _exchange(request: web.Request, owned: Owned, identity: Identity) -> web.StreamResponse:
    service = request.app[SERVICES][owned.service]
    body = await _body(request, owned)
    try:
        async with service.open(
            request.method,
            request.raw_path,
            identity=identity,
            deadline=_deadline(request, owned),
            headers=_headers_in(request, owned),
            body=body,
        ) as answer:
            if CHANGED_HEADER in answer.headers:
                await account_changed(request, identity)
            return await _pass_back(request, owned, answer)
    except HeadgateError:
        if isinstance(body, BoundedBody) and body.refusal is not None:
            raise body.refusal from None
        raise


async def _body(request: web.Request, owned: Owned) -> bytes | BoundedBody | None:
    """Read first where it may have to be sent twice, else passed on as it comes."""
    if not request.body_exists:
        return None
    limit = imports.MAX_FILE_BYTES if owned.takes_files else request.app[SETTINGS].api_body_max_bytes
    if request.content_length is not None and request.content_length > limit:
        raise PayloadTooLarge(f"This address takes at most {limit} bytes.")
    if IDEMPOTENCY_HEADER in request.headers:
        return await read_body(request, max_bytes=limit, within_s=request.app[SETTINGS].api_timeout_s)
    # Sooner than the service's own time is up: being slow is then told of the client.
    within_s = min(BODY_WITHIN_S, request.app[SETTINGS].api_timeout_s / 2)
    if owned.takes_files:
        within_s = imports.BODY_WITHIN_S
    return BoundedBody(request.content, limit, deadline=Deadline.after(request.app[CLOCK], within_s))


def _deadline(request: web.Request, owned: Owned) -> Deadline:
    settings = request.app[SETTINGS]
    clock: Clock = request.app[CLOCK]
    if owned.takes_files and request.method == "POST":
        return Deadline.after(clock, imports.SEND_WITHIN_S)
    listens = EVENT_STREAM in request.headers.get("Accept", "") or request.path.endswith("/events")
    return Deadline.after(clock, settings.events_timeout_s if listens else settings.api_timeout_s)


def _headers_in(request: web.Request, owned: Owned) -> CIMultiDict[str]:
    headers: CIMultiDict[str] = CIMultiDict()
    for name in PASSED_IN:
        for value in request.headers.getall(name, ()):
            headers.add(name, value)
    if request.body_exists and request.content_length is not None:
        headers["Content-Length"] = str(request.content_length)
    if owned.takes_files and PASSPHRASE_HEADER in request.headers:
        headers[PASSPHRASE_HEADER] = request.headers[PASSPHRASE_HEADER]
    if owned.tells_base:
        headers[BASE_HEADER] = base_url(request)
    return headers


def headers_back(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """What the client may see. An answer for one account is kept by no shared cache."""
    named = {name.strip().lower() for line in headers.getall("Connection", ()) for name in line.split(",")}
    kept: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        if name.lower() not in KEPT_BACK and name.lower() not in named:
            kept.add(name, value)
    kept.setdefault("Cache-Control", "no-store")
    kept.add("Vary", "Authorization, Cookie")
    return kept


async def _pass_back(
    request: web.Request, owned: Owned, answer: aiohttp.ClientResponse
) -> web.StreamResponse:
    headers = headers_back(answer.headers)
    _tell_kind(request, answer.status, headers)
    length = answer.content_length
    if request.method == "HEAD" or answer.status in {204, 304}:
        return web.Response(status=answer.status, headers=headers)
    if owned.has_plays:
        body = with_plays(await answer.read(), base_url(request) + PLAY_PREFIX)
        return web.Response(status=answer.status, headers=headers, body=body)
    if length is not None and length <= WHOLE_BYTES:
        return web.Response(status=answer.status, headers=headers, body=await answer.read())
    return await stream_back(request, answer, headers)


def _tell_kind(request: web.Request, status: int, headers: CIMultiDict[str]) -> None:
    """Count how the answer came about, and say it in the words of RFC 9211 too."""
    if status >= 500:
        request.app[ANSWERED].count("rest", "error")
        return
    kind = kind_of(headers)
    if kind:
        headers[CACHE_HEADER] = kind
        headers["Cache-Status"] = cache_status(kind)
        request.app[ANSWERED].count("rest", kind)


async def stream_back(
    request: web.Request, answer: aiohttp.ClientResponse, headers: CIMultiDict[str]
) -> web.StreamResponse:
    """An answer of any size, as it comes."""
    if answer.content_type == EVENT_STREAM:
        # nginx would gather events until its buffer is full.
        headers["X-Accel-Buffering"] = "no"
    response = web.StreamResponse(status=answer.status, headers=headers)
    if answer.content_length is not None:
        response.content_length = answer.content_length
    with suppress(ConnectionResetError):  # the client has left
        await response.prepare(request)
        if not await _copy(request, answer, response):
            # The head is out, so the only honest sign of a missing rest is a broken connection.
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write_eof()
    return response


async def _copy(request: web.Request, answer: aiohttp.ClientResponse, response: web.StreamResponse) -> bool:
    """Whether the whole body arrived from the service."""
    pieces = answer.content.iter_any().__aiter__()
    while True:
        try:
            piece = await anext(pieces)
        except StopAsyncIteration:
            return True
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("proxied_answer_cut", route=_template(request), reason=type(error).__name__)
            return False
        await response.write(piece)


def _template(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""


def endpoints() -> tuple[Endpoint, ...]:
    """Every owned prefix, for every method its owner may take; the owner says 405 itself."""
    return tuple(
        Endpoint(
            method=method,
            path=path,
            handler=_handler(owned),
            summary=f"Answered by {owned.service}",
            access="account",
            documented=False,
        )
        for owned in OWNED
        for path in (owned.prefix, owned.prefix + r"/{tail:[\s\S]*}")
        for method in METHODS
    )


def _handler(owned: Owned) -> Handler:
    async def pass_on(request: web.Request) -> web.StreamResponse:
        return await proxied(request, owned)

    return pass_on
