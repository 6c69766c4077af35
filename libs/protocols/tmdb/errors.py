"""What TMDB can say instead of an answer.

    TmdbError                   reason
    ├── InvalidKey              invalid_key        no key of TMDB's looks like that; nothing was sent
    ├── BadQuestion             bad_question       400, 422, or a page out of bounds, which isn't even asked
    ├── KeyRefused              key_refused        401, 403
    ├── NothingThere            nothing_there      404
    ├── TooManyRequests         too_many_requests  429
    ├── ServiceDown             service_down       any other status
    └── AnswerUnreadable        answer_unreadable  not JSON, or of another shape

Everything below HTTP is libs.common.http.FetchError. ``str(error)`` is a sentence for people and holds
neither key nor address.
"""

from __future__ import annotations

from typing import ClassVar


class TmdbError(Exception):
    """``is_failure`` and ``is_retryable`` mean what they mean on FetchError."""

    reason: ClassVar[str] = "tmdb"
    is_failure: bool = False
    is_retryable: bool = False

    def __init__(self, sentence: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class InvalidKey(TmdbError):
    reason = "invalid_key"


class BadQuestion(TmdbError):
    reason = "bad_question"


class KeyRefused(TmdbError):
    reason = "key_refused"


class NothingThere(TmdbError):
    reason = "nothing_there"


class TooManyRequests(TmdbError):
    """Its considered answer, which says nothing about its health."""

    reason = "too_many_requests"
    is_retryable = True


class ServiceDown(TmdbError):
    reason = "service_down"
    is_failure = True

    def __init__(self, status: int, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"TMDB answered {status}.", retry_after_s=retry_after_s)
        self.status = status
        self.is_retryable = status in (502, 503, 504)


class AnswerUnreadable(TmdbError):
    reason = "answer_unreadable"
    is_failure = True
