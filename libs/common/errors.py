"""The errors that every service shares; each carries its HTTP status and a stable code.

    HeadgateError                    500 internal
    ├── MalformedRequest             400 bad_request
    ├── InvalidInput                 422 invalid_input
    ├── Unauthenticated              401 unauthenticated
    ├── Forbidden                    403 forbidden
    ├── NotFound                     404 not_found
    ├── RequestTimedOut              408 request_timed_out
    ├── Conflict                     409 conflict
    ├── PayloadTooLarge              413 payload_too_large
    ├── UnsupportedMediaType         415 unsupported_media_type
    ├── RateLimited                  429 rate_limited
    ├── UpstreamFailed               502 upstream_failed
    ├── Unavailable                  503 unavailable
    │   └── Overloaded               503 overloaded
    └── UpstreamTimedOut             504 upstream_timed_out
    StartupRefused                   the process can't start; one sentence says what to do
    └── SettingsError                a setting is wrong

A service draws its own leaves below these, with its own `code`. `libs.common.web.problems` renders them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

PROBLEM_TYPES: Final = "https://iana.org/assignments/http-problem-types"
"""Where the registered problem types stand; a leaf of ours may be one of them."""

MemberValue = str | int | float | bool | list[str]


class HeadgateError(Exception):
    """An error that may be shown to a caller: `detail` is written for people and holds no secret.

    `fields` says what is wrong field by field, `retry_after_s` when asking again makes sense, `extra` is what
    the problem's type defines beside the usual members. `type_uri` is for a type that somebody registered,
    `proxy_error` is what RFC 9209 calls a failure of what stands behind us.
    """

    status: ClassVar[int] = 500
    code: str = "internal"
    title: ClassVar[str] = "Something went wrong"
    type_uri: ClassVar[str] = ""
    proxy_error: ClassVar[str] = ""
    is_flood: ClassVar[bool] = False
    """Who is told this goes on regardless: its access line is written once a minute, with their number."""

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after_s: float | None = None,
        fields: Mapping[str, str] | None = None,
        extra: Mapping[str, MemberValue] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.fields: Mapping[str, str] = fields if fields is not None else {}
        self.extra: Mapping[str, MemberValue] = extra if extra is not None else {}

    def __str__(self) -> str:
        return self.detail if self.detail else self.title


class MalformedRequest(HeadgateError):
    """What was sent breaks the rules of HTTP itself."""

    status = 400
    code = "bad_request"
    title = "The request is malformed"


class InvalidInput(HeadgateError):
    """The request can't be understood: wrong shape, wrong type, out of bounds."""

    status = 422
    code = "invalid_input"
    title = "The request is not valid"


class Unauthenticated(HeadgateError):
    """Nobody, or nobody we know, is asking."""

    status = 401
    code = "unauthenticated"
    title = "Sign in first"


class Forbidden(HeadgateError):
    """We know who is asking and the answer is no."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(HeadgateError):
    """There is no such thing, or not for this account."""

    status = 404
    code = "not_found"
    title = "Not found"


class RequestTimedOut(HeadgateError):
    """The client took too long to send its request."""

    status = 408
    code = "request_timed_out"
    title = "The request took too long to arrive"


class Conflict(HeadgateError):
    """The thing exists already, or changed meanwhile."""

    status = 409
    code = "conflict"
    title = "That conflicts with what is there"


class PayloadTooLarge(HeadgateError):
    """The body is larger than this address takes."""

    status = 413
    code = "payload_too_large"
    title = "The request is too large"


class UnsupportedMediaType(HeadgateError):
    """The body is of a type this address doesn't read."""

    status = 415
    code = "unsupported_media_type"
    title = "The request has the wrong content type"


class RateLimited(HeadgateError):
    """Too many requests; `retry_after_s` says when the next one is welcome."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"


class UpstreamFailed(HeadgateError):
    """Somebody else's server answered wrongly or not at all."""

    status = 502
    code = "upstream_failed"
    title = "The source failed"
    proxy_error = "http_protocol_error"


class Unavailable(HeadgateError):
    """We can't answer now; nothing is lost."""

    status = 503
    code = "unavailable"
    title = "Not available now"
    proxy_error = "destination_unavailable"


class Overloaded(Unavailable):
    """Refused before any work was done on it, because there is too much already."""

    code = "overloaded"
    title = "Too busy at the moment"
    proxy_error = "http_request_denied"
    type_uri = f"{PROBLEM_TYPES}#temporary-reduced-capacity"


class UpstreamTimedOut(HeadgateError):
    """Somebody else's server did not answer in time."""

    status = 504
    code = "upstream_timed_out"
    title = "The source took too long"
    proxy_error = "http_response_timeout"


class StartupRefused(Exception):
    """The process can't start. The text is one plain sentence that says what to do; it is all people see."""


class SettingsError(StartupRefused):
    """A setting is missing or wrong; the text names the variable and what is allowed."""
