"""Errors as `application/problem+json` (RFC 9457): the one place where a failure becomes an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
from aiohttp import web

from libs.common.errors import HeadgateError, MemberValue, Unauthenticated

CONTENT_TYPE = "application/problem+json"
CODE: web.ResponseKey[str] = web.ResponseKey("headgate_problem_code", str)
"""What kind of error an answer tells, for who watches answers go by."""

PROXY_NAME = "Headgate"
RETRY_AFTER_S = 5.0
"""When nobody knows better: most of what stands behind us is back by then, or not for long."""

# What aiohttp itself refuses, in our words. Codes are stable; texts may change.
_OF_FRAMEWORK: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "The request is malformed", ""),
    404: ("not_found", "Not found", "There is nothing at this address."),
    405: ("method_not_allowed", "Method not allowed", "This address does not take this method; see Allow."),
    413: ("payload_too_large", "The request is too large", "The body is larger than this address takes."),
    415: ("unsupported_media_type", "The request has the wrong content type", ""),
    417: ("expectation_failed", "Expectation failed", "Only `Expect: 100-continue` is understood."),
}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every error. `errors` names what is wrong by field; `request_id` finds it in the logs."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    request_id: str = ""
    errors: dict[str, str] = {}


_encode = msgspec.json.Encoder().encode


def problem_response(error: HeadgateError, request_id: str) -> web.Response:
    """The answer for `error`; never cached, so that it ends when its cause ends."""
    response = _response(
        Problem(
            type=error.type_uri or f"urn:headgate:problem:{error.code}",
            title=error.title,
            status=error.status,
            code=error.code,
            detail=error.detail,
            request_id=request_id,
            errors=dict(error.fields),
        ),
        error.extra,
    )
    retry_after_s = error.retry_after_s
    if error.proxy_error:
        response.headers["Proxy-Status"] = f"{PROXY_NAME}; error={error.proxy_error}"
        retry_after_s = RETRY_AFTER_S if retry_after_s is None else retry_after_s
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(max(0, math.ceil(retry_after_s)))
    if error.status == Unauthenticated.status:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def plain_problem(problem: Problem) -> web.Response:
    """The answer where there is no request that an id could name."""
    return _response(problem)


def unknown_error_response(request_id: str) -> web.Response:
    """The answer for a bug: opaque, since nobody knows what its message holds."""
    detail = "The error has been logged; the request id finds it."
    return problem_response(HeadgateError(detail), request_id)


def framework_response(error: web.HTTPException, request_id: str) -> web.Response:
    """aiohttp's own refusals (404, 405, 413 …) in our form, keeping headers like Allow."""
    status = error.status
    code, title, detail = _OF_FRAMEWORK.get(status, (f"http_{status}", error.reason, ""))
    response = _response(
        Problem(
            type=f"urn:headgate:problem:{code}",
            title=title,
            status=status,
            code=code,
            detail=detail,
            request_id=request_id,
        )
    )
    for name, value in error.headers.items():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers.add(name, value)
    return response


def _response(problem: Problem, extra: Mapping[str, MemberValue] | None = None) -> web.Response:
    response = web.Response(
        body=_encode({**extra, **msgspec.to_builtins(problem)} if extra else problem),
        status=problem.status,
        headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"},
    )
    response[CODE] = problem.code
    return response
