"""The one way a service calls another: identity, deadline, trace and errors carried across the hop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import aiohttp
import msgspec
import structlog
from multidict import CIMultiDict, CIMultiDictProxy

from libs.common.balance.calls import Calls, Question, Sent, says_overloaded
from libs.common.balance.errors import GivenUp, InstanceFailed
from libs.common.balance.pool import Pool
from libs.common.balance.service import Balancing, open_calls
from libs.common.contracts.problems import error_from_problem
from libs.common.deadline import HEADER as DEADLINE_HEADER
from libs.common.deadline import Deadline
from libs.common.errors import Unavailable, UpstreamFailed, UpstreamTimedOut
from libs.common.hops import outgoing as outgoing_hops
from libs.common.identity import HEADER as IDENTITY_HEADER
from libs.common.identity import SERVICE_ROLE, Identity, IdentitySigner
from libs.common.resilience import Breaker, BreakerOpen
from libs.common.states import BreakerState, InstanceState
from libs.common.trace import outgoing_headers

log = structlog.get_logger(__name__)

T = TypeVar("T")
Heard: TypeAlias = Callable[[CIMultiDictProxy[str]], Awaitable[None]]

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""Largest internal answer held in memory; a catalog page of 100 items is about 100 kB."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
IDEMPOTENCY_HEADER = "Idempotency-Key"


class UnreadableAnswer(Unavailable):
    """The service answered what this version does not understand, as while one is newer than the other."""

    code = "service_answer_unreadable"


class AnswerCut(Unavailable):
    """The service ended in the middle of its answer."""

    code = "service_answer_cut"
    proxy_error = "http_response_incomplete"


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An internal answer passed on as it came."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


SERVICE = Identity(tier="api", roles=(SERVICE_ROLE,))
"""A service calling by itself, for no account."""

FOR_ANYBODY = Identity(roles=(SERVICE_ROLE,))
"""A service calling because somebody asks whom nobody knows: refused before what accounts ask."""


class ServiceClient:
    """Calls one service. Raises `Unavailable` if unreachable, `UpstreamTimedOut` past the deadline.

    With a breaker, every call fails at once with Unavailable and the time to wait while the service is down.

    Which of its instances is asked, and who next when that one fails, is said by `libs.common.balance`.
    """

    def __init__(
        self, name: str, calls: Calls, pool: Pool, *, signer: IdentitySigner, breaker: Breaker | None = None
    ) -> None:
        self.name = name
        self._calls = calls
        self._pool = pool
        self._signer = signer
        self._breaker = breaker
        self.heard: Heard | None = None
        """Told the head of every answer before anybody else."""

    @classmethod
    @asynccontextmanager
    async def connected(
        cls,
        name: str,
        where: str,
        *,
        signer: IdentitySigner,
        balancing: Balancing | None = None,
        breaker: Breaker | None = None,
    ) -> AsyncIterator[ServiceClient]:
        """A client with connections of its own. `where` is what `HEADGATE_<NAME>_URL` may be."""
        async with open_calls(name, where, balancing) as (calls, pool):
            yield cls(name, calls, pool, signer=signer, breaker=breaker)

    def instances(self) -> tuple[InstanceState, ...]:
        """Every instance as this process sees it now."""
        return self._pool.snapshot()

    def breakers(self) -> tuple[BreakerState, ...]:
        """Its breaker as it is now, if it has one."""
        breaker = self._breaker
        if breaker is None:
            return ()
        return (
            BreakerState(
                name=self.name,
                state=breaker.state,
                failures=breaker.failures,
                retry_after_s=round(breaker.retry_after_s, 1),
            ),
        )

    async def _sent(self, question: Question) -> Sent:
        """The head of the answer, which is all that the breaker judges: a body may take an hour."""
        if self._breaker is None or not question.waits:
            return await self._calls.send(question)
        try:
            return await self._breaker.call(lambda: self._calls.send(question), is_failure=_is_away)
        except BreakerOpen as open_:
            raise Unavailable(
                f"The {self.name} service is away for the moment.",
                retry_after_s=max(1.0, open_.retry_after_s),
            ) from open_

    @asynccontextmanager
    async def open(
        self,
        method: str,
        raw_path: str,
        *,
        identity: Identity,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        body: bytes | AsyncIterable[bytes] | None = None,
        waits: bool = True,
        instance: str = "",
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer still unread, for streamed bodies. `raw_path` is sent as it is, never re-quoted.

        `waits` False asks once, breaker or not: for who wants to know whether the service is there now.
        `instance` is the id of the only one to ask.
        """
        if deadline.expired:
            raise UpstreamTimedOut(f"The {self.name} service had no time left to answer.")
        # A streamed body can't be sent twice: once it has begun, there is one attempt.
        is_whole = body is None or isinstance(body, bytes)
        may_repeat = method in _SAFE or (headers is not None and IDEMPOTENCY_HEADER in headers)
        question = Question(
            method,
            raw_path,
            lambda: self._headers(identity, deadline, headers),
            body,
            deadline,
            is_repeatable=is_whole and may_repeat and not instance,
            waits=waits,
            instance=instance,
        )
        try:
            async with await self._sent(question) as response:
                if self._pool.figures is not None and says_overloaded(response):
                    self._pool.figures.overloaded()
                if self.heard is not None:
                    await self.heard(response.headers)
                yield response
        except (TimeoutError, GivenUp) as error:
            raise UpstreamTimedOut(f"The {self.name} service did not answer in time.") from error
        except aiohttp.ClientPayloadError as error:
            raise AnswerCut(f"The {self.name} service broke off its answer.", retry_after_s=2) from error
        except (InstanceFailed, aiohttp.ClientError) as error:
            raise Unavailable(f"The {self.name} service can't be reached.", retry_after_s=2) from error

    async def raw(
        self,
        method: str,
        raw_path: str,
        *,
        identity: Identity,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        waits: bool = True,
        instance: str = "",
    ) -> RawAnswer:
        """The whole answer, whatever its status."""

        def opened() -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
            return self.open(
                method,
                raw_path,
                identity=identity,
                deadline=deadline,
                headers=headers,
                body=body,
                waits=waits,
                instance=instance,
            )

        try:
            return await self._read(opened(), deadline)
        except AnswerCut:
            if method not in _SAFE:
                raise
        return await self._read(opened(), deadline)  # whoever was killed refuses now: another is asked

    async def _read(
        self, opened: AbstractAsyncContextManager[aiohttp.ClientResponse], deadline: Deadline
    ) -> RawAnswer:
        try:
            async with asyncio.timeout(deadline.remaining_s), opened as response:
                content = await response.content.read(MAX_ANSWER_BYTES + 1)
                while len(content) <= MAX_ANSWER_BYTES and not response.content.at_eof():
                    content += await response.content.read(MAX_ANSWER_BYTES + 1 - len(content))
        except TimeoutError as error:
            raise UpstreamTimedOut(f"The {self.name} service did not answer in time.") from error
        if len(content) > MAX_ANSWER_BYTES:
            raise UpstreamFailed(f"The {self.name} service answered with too much.")
        return RawAnswer(response.status, response.headers, content)

    async def call(
        self,
        method: str,
        raw_path: str,
        *,
        identity: Identity,
        deadline: Deadline,
        into: type[T],
        body: msgspec.Struct | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """The answer decoded. Raises the error the service answered with, as the same leaf of the tree."""
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if body is not None else {})}
        answer = await self.raw(
            method,
            raw_path,
            identity=identity,
            deadline=deadline,
            headers=sent or None,
            body=msgspec.json.encode(body) if body is not None else None,
        )
        if answer.status >= 400:
            raise error_from_problem(answer.status, answer.body, answer.headers.get("Retry-After"))
        try:
            return msgspec.json.decode(answer.body or b"null", type=into)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            # The error names the member and the types, never a value.
            wanted = getattr(into, "__name__", str(into))
            log.error("service_answer_unreadable", service=self.name, wanted=wanted, reason=str(error))
            sentence = f"The {self.name} service answered in a way that this version does not understand."
            raise UnreadableAnswer(sentence) from error

    async def hand_over(
        self,
        raw_path: str,
        pieces: bytes | AsyncIterable[bytes],
        content_type: str,
        *,
        identity: Identity,
        deadline: Deadline,
        into: type[T],
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """POSTs a body as it comes, once; the answer decoded. Raises what the service answered, as `call`."""
        async with self.open(
            "POST",
            raw_path,
            identity=identity,
            deadline=deadline,
            headers={**(headers or {}), "Content-Type": content_type},
            body=pieces,
        ) as answer:
            content = await answer.read()
            if answer.status >= 400:
                raise error_from_problem(answer.status, content, answer.headers.get("Retry-After"))
        return msgspec.json.decode(content, type=into)

    def _headers(
        self, identity: Identity, deadline: Deadline, extra: Mapping[str, str] | None
    ) -> CIMultiDict[str]:
        headers: CIMultiDict[str] = CIMultiDict(extra or {})
        headers[IDENTITY_HEADER] = self._signer.sign(identity)
        headers[DEADLINE_HEADER] = deadline.to_header()
        headers.update(outgoing_headers())
        headers.update(outgoing_hops())
        return headers


def _is_away(error: Exception) -> bool:
    """Only not reaching the service counts: an error answered is an answer, and a body that its sender broke
    off (any other error of the connection) is that one's doing."""
    return isinstance(error, InstanceFailed | TimeoutError)
