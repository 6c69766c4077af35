"""What Stremio's account API can say instead of an answer.

    StremioApiError             reason
    ├── LoginRefused            login_refused      no such account, or another password
    ├── KeyRefused              key_refused        the key is none, or no longer one
    ├── CodePending             code_pending       nobody has confirmed the code, or it is none any more
    ├── Declined                declined           any other error, or a write without success
    ├── TooManyRequests         too_many_requests  429
    ├── ServiceDown             service_down       any other status
    └── AnswerUnreadable        answer_unreadable  not JSON, or of another shape

Everything below HTTP is libs.common.http.FetchError. ``str(error)`` is a sentence for people and holds
neither a key, nor a password, nor an address, nor a word of what the other side sent.
"""

from __future__ import annotations

from typing import ClassVar


class StremioApiError(Exception):
    """``is_failure`` and ``is_retryable`` mean what they mean on FetchError."""

    reason: ClassVar[str] = "stremio_api"
    is_failure: bool = False
    is_retryable: bool = False

    def __init__(self, sentence: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class LoginRefused(StremioApiError):
    reason = "login_refused"


class KeyRefused(StremioApiError):
    reason = "key_refused"


class CodePending(StremioApiError):
    """Stremio answers the same to a code that waits, was used, or has ended."""

    reason = "code_pending"


class Declined(StremioApiError):
    reason = "declined"


class TooManyRequests(StremioApiError):
    reason = "too_many_requests"
    is_retryable = True


class ServiceDown(StremioApiError):
    reason = "service_down"
    is_failure = True

    def __init__(self, status: int, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"Stremio answered {status}.", retry_after_s=retry_after_s)
        self.status = status
        self.is_retryable = status in (500, 502, 503, 504)


class AnswerUnreadable(StremioApiError):
    reason = "answer_unreadable"
    is_failure = True
