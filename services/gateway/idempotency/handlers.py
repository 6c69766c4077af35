"""Handlers of the REST API that heed `Idempotency-Key`."""

from collections.abc import Iterable
from dataclasses import replace

from aiohttp import web

from libs.common.contracts.client import IDEMPOTENCY_HEADER
from libs.common.errors import HeadgateError
from libs.common.web import (
    Endpoint,
    Handler,
    deadline_of,
    identity_of,
    problem_response,
    read_body,
    request_id_of,
)
from services.gateway.errors import IdempotencyKeyInvalid
from services.gateway.idempotency.model import MAX_KEPT_BYTES, Change, KeptAnswer, is_final
from services.gateway.idempotency.once import NotKept
from services.gateway.keys import ONCE, SETTINGS

REPLAYED_HEADER = "Idempotency-Replayed"
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REPEATED_HEADERS = ("Cache-Control", "Content-Type", "ETag", "Link", "Location", "Vary", "X-Headgate-Partial")


def repeatable(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """The same endpoints; those that change something heed the key. Others cost nothing more than before."""
    return [
        replace(endpoint, handler=heeding(endpoint.handler)) if _changes(endpoint) else endpoint
        for endpoint in endpoints
    ]


def _changes(endpoint: Endpoint) -> bool:
    return endpoint.method in METHODS and endpoint.path.startswith("/api/v1/")


def heeding(handler: Handler) -> Handler:
    async def once(request: web.Request) -> web.StreamResponse:
        keys = request.headers.getall(IDEMPOTENCY_HEADER, [])
        identity = identity_of(request)
        if not keys or identity.is_anonymous:
            return await handler(request)
        if len(keys) > 1:
            raise IdempotencyKeyInvalid("Send one Idempotency-Key.")
        change = Change.of(
            identity,
            method=request.method,
            raw_path=request.raw_path,
            key=keys[0],
            sent=request.headers.get("Content-Type", "").encode() + b"\n" + await _body(request),
        )
        return await _answered_once(request, change, handler)

    return once


async def _body(request: web.Request) -> bytes:
    settings = request.app[SETTINGS]
    return await read_body(request, max_bytes=settings.api_body_max_bytes, within_s=settings.api_timeout_s)


async def _answered_once(request: web.Request, change: Change, handler: Handler) -> web.StreamResponse:
    answers: list[web.StreamResponse] = []

    async def carry_out() -> KeptAnswer | NotKept:
        try:
            answer = await handler(request)
        except HeadgateError as error:
            if not is_final(error.status):
                raise
            answer = problem_response(error, request_id_of(request))
        answers.append(answer)
        return _kept(answer)

    kept = await request.app[ONCE].run(change, carry_out, deadline=deadline_of(request))
    return answers[0] if kept is None else _replayed(kept)


def _kept(answer: web.StreamResponse) -> KeptAnswer | NotKept:
    """Only an answer that is whole and not too large; one that was streamed has left already."""
    if not is_final(answer.status):
        return "not_final"
    if not isinstance(answer, web.Response) or answer.prepared:
        return "too_large"
    body = b"" if answer.body is None else answer.body
    if not isinstance(body, bytes | bytearray) or len(body) > MAX_KEPT_BYTES:
        return "too_large"
    headers = [(name, value) for name in REPEATED_HEADERS for value in answer.headers.getall(name, [])]
    return KeptAnswer(answer.status, tuple(headers), bytes(body))


def _replayed(kept: KeptAnswer) -> web.Response:
    answer = web.Response(status=kept.status, body=kept.body or None)
    for name, value in kept.headers:
        answer.headers.add(name, value)
    answer.headers[REPLAYED_HEADER] = "true"
    return answer
