"""What can go wrong when the hub asks another server for something.

    FetchError                  reason
    ├── InvalidUrl              invalid_url
    ├── BlockedAddress          blocked_address
    ├── Unreachable             unreachable
    │   ├── NameNotFound        name_not_found
    │   └── TlsFailed           tls_failed
    ├── TimedOut                timed_out
    ├── ConnectionReset         connection_reset
    ├── BodyTooLarge            body_too_large
    ├── BadEncoding             bad_encoding
    ├── BadAnswer               bad_answer
    ├── TooManyRedirects        too_many_redirects
    └── UpstreamStatus          upstream_status, not_found, refused or rate_limited

``str(error)`` is a sentence for the person who owns the hub. It may name the host, never the path, the query
or the user part of a URL: addons and providers keep keys and passwords there.
"""

from http import HTTPStatus
from typing import ClassVar


class FetchError(Exception):
    """An upstream gave no usable answer.

    ``is_failure`` says whether it speaks against the upstream's health (a circuit breaker counts it);
    ``is_retryable`` whether the same question, asked again within the deadline, has a fair chance.
    """

    code: ClassVar[str] = "fetch_failed"
    is_failure: bool = True
    is_retryable: bool = False

    def __init__(self, sentence: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s

    @property
    def reason(self) -> str:
        """A short stable code, one of few: fit for a metric label and for problem+json."""
        return self.code


class InvalidUrl(FetchError):
    """The text is not an http or https address the hub would ask. Nothing was sent."""

    code = "invalid_url"
    is_failure = False


class BlockedAddress(FetchError):
    """The guard refuses the address the URL, its name or its redirect leads to. Nothing was sent there."""

    code = "blocked_address"
    is_failure = False


class Unreachable(FetchError):
    """No connection could be made."""

    code = "unreachable"
    is_retryable = True


class NameNotFound(Unreachable):
    """The host name has no address. It will have none in a second either, so it isn't tried again."""

    code = "name_not_found"
    is_retryable = False


class TlsFailed(Unreachable):
    """The certificate or the handshake was refused."""

    code = "tls_failed"
    is_retryable = False


class TimedOut(FetchError):
    """The whole answer was not there when the time was over."""

    code = "timed_out"
    is_retryable = True


class ConnectionReset(FetchError):
    """The connection ended before the answer did."""

    code = "connection_reset"
    is_retryable = True


class BodyTooLarge(FetchError):
    """The body, or what it unpacks to, passes the limit. Reading stopped there."""

    code = "body_too_large"


class BadEncoding(FetchError):
    """The body can't be unpacked by the coding its header names."""

    code = "bad_encoding"


class BadAnswer(FetchError):
    """What came back is not HTTP."""

    code = "bad_answer"


class TooManyRedirects(FetchError):
    """The redirects lead in a circle or too far."""

    code = "too_many_redirects"
    is_failure = False


RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})
FAILURE_STATUSES = frozenset({500, 502, 503, 504})
_CODES = {401: "refused", 403: "refused", 404: "not_found", 410: "not_found", 429: "rate_limited"}


class UpstreamStatus(FetchError):
    """The upstream answered with an error status.

    500, 502, 503 and 504 speak against its health; 429 and every other 4xx are its considered answer.
    """

    code = "upstream_status"

    def __init__(self, status: int, retry_after_s: float | None = None, *, host: str = "The server") -> None:
        super().__init__(f"{host} answered {_status_line(status)}.", retry_after_s=retry_after_s)
        self.status = status
        self.is_failure = status in FAILURE_STATUSES
        self.is_retryable = status in RETRYABLE_STATUSES

    @property
    def reason(self) -> str:
        return _CODES.get(self.status, self.code)


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
