"""Errors carried across a hop: what another service answered with, as the same leaf of our tree."""

from __future__ import annotations

import msgspec

from libs.common.errors import (
    Conflict,
    Forbidden,
    HeadgateError,
    InvalidInput,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    RateLimited,
    RequestTimedOut,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    UpstreamFailed,
    UpstreamTimedOut,
)

_BY_STATUS: dict[int, type[HeadgateError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    408: RequestTimedOut,
    409: Conflict,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
    422: InvalidInput,
    429: RateLimited,
    502: UpstreamFailed,
    503: Unavailable,
    504: UpstreamTimedOut,
}


class Problem(msgspec.Struct, frozen=True):
    """The members of an RFC 9457 body that survive the hop."""

    code: str = ""
    detail: str = ""
    errors: dict[str, str] = {}


def error_from_problem(status: int, body: bytes, retry_after: str | None) -> HeadgateError:
    """The error another service answered with, as the same leaf of the tree by status, keeping its code.

    A status of no leaf is a mistake inside the hub, hence a 500 and never the fault of a source.
    """
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        problem = Problem()
    wait_s = float(retry_after) if retry_after is not None and retry_after.isdigit() else None
    kind = Overloaded if problem.code == Overloaded.code else _BY_STATUS.get(status, HeadgateError)
    error = kind(problem.detail, retry_after_s=wait_s, fields=problem.errors)
    if problem.code:
        error.code = problem.code
    return error
