"""Asking other servers: the one maker of sessions, the guard, and bounded fetching."""

from libs.common.http.errors import (
    BadAnswer,
    BadEncoding,
    BlockedAddress,
    BodyTooLarge,
    ConnectionReset,
    FetchError,
    InvalidUrl,
    NameNotFound,
    TimedOut,
    TlsFailed,
    TooManyRedirects,
    Unreachable,
    UpstreamStatus,
)
from libs.common.http.fetch import (
    Fetched,
    Fetcher,
    FetchLimits,
    parse_retry_after,
    raise_for_upstream,
    without_secrets,
)
from libs.common.http.guard import Guard, is_loopback
from libs.common.http.session import ClientSession, make_session
from libs.common.http.stream import Stream
from libs.common.http.urls import is_same_origin

__all__ = [
    "BadAnswer",
    "BadEncoding",
    "BlockedAddress",
    "BodyTooLarge",
    "ClientSession",
    "ConnectionReset",
    "FetchError",
    "FetchLimits",
    "Fetched",
    "Fetcher",
    "Guard",
    "InvalidUrl",
    "NameNotFound",
    "Stream",
    "TimedOut",
    "TlsFailed",
    "TooManyRedirects",
    "Unreachable",
    "UpstreamStatus",
    "is_loopback",
    "is_same_origin",
    "make_session",
    "parse_retry_after",
    "raise_for_upstream",
    "without_secrets",
]
