"""What Trakt can say instead of an answer.

    TraktError                  reason
    ├── InvalidCredential       invalid_credential  nothing that Trakt gives looks like that; nothing was sent
    ├── BadQuestion             bad_question        400, 405, 412
    ├── NothingThere            nothing_there       404
    ├── Unauthorized            unauthorized        401: the access token has ended or was taken back
    ├── GrantInvalid            grant_invalid       the refresh token is used up: sign in again
    ├── AppRefused              app_refused         403, or a client id or secret that Trakt does not take
    ├── Conflict                conflict            409: this was done already
    ├── LimitReached            limit_reached       420: the account may hold no more
    ├── Unprocessable           unprocessable       422
    ├── AccountLocked           account_locked      423
    ├── VipOnly                 vip_only            426
    ├── TooMany                 too_many            429
    ├── CodeEnded               of a sign-in by code
    │   ├── CodeUnknown         code_unknown        404
    │   ├── CodeUsed            code_used           409
    │   ├── CodeExpired         code_expired        410
    │   └── CodeDenied          code_denied         418
    ├── Unavailable             unavailable         5xx, any other status, and everything below HTTP
    └── AnswerUnreadable        answer_unreadable   not JSON, or of another shape

``str(error)`` is a sentence for people and holds neither token, secret nor address.
"""

from __future__ import annotations

from typing import ClassVar


class TraktError(Exception):
    """``is_failure`` and ``is_retryable`` mean what they mean on FetchError.

    ``acted`` says whether a question that changes something did so: None where nobody here can know, so that
    it must not be asked again before somebody has looked.
    """

    reason: ClassVar[str] = "trakt"
    is_failure: bool = False
    is_retryable: bool = False

    def __init__(
        self, sentence: str, *, retry_after_s: float | None = None, acted: bool | None = False
    ) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s
        self.acted = acted


class InvalidCredential(TraktError):
    reason = "invalid_credential"


class BadQuestion(TraktError):
    reason = "bad_question"


class NothingThere(TraktError):
    reason = "nothing_there"


class Unauthorized(TraktError):
    reason = "unauthorized"


class GrantInvalid(TraktError):
    reason = "grant_invalid"


class AppRefused(TraktError):
    reason = "app_refused"


class Conflict(TraktError):
    """``watched_at`` and ``expires_at`` as Trakt writes times, of a scrobble that it has already."""

    reason = "conflict"

    def __init__(
        self, sentence: str, *, watched_at: str | None = None, expires_at: str | None = None
    ) -> None:
        super().__init__(sentence)
        self.watched_at = watched_at
        self.expires_at = expires_at


class LimitReached(TraktError):
    reason = "limit_reached"


class Unprocessable(TraktError):
    reason = "unprocessable"


class AccountLocked(TraktError):
    """``deactivated`` where its owner has closed the account."""

    reason = "account_locked"

    def __init__(self, sentence: str, *, deactivated: bool = False) -> None:
        super().__init__(sentence)
        self.deactivated = deactivated


class VipOnly(TraktError):
    reason = "vip_only"


class TooMany(TraktError):
    """``retry_after_s`` is None where the answer, of a server before Trakt, tells nothing."""

    reason = "too_many"
    is_retryable = True


class CodeEnded(TraktError):
    """No token comes of this code any more."""


class CodeUnknown(CodeEnded):
    reason = "code_unknown"


class CodeUsed(CodeEnded):
    reason = "code_used"


class CodeExpired(CodeEnded):
    reason = "code_expired"


class CodeDenied(CodeEnded):
    reason = "code_denied"


class Unavailable(TraktError):
    """``cause`` is the reason of the FetchError, or the status."""

    reason = "unavailable"
    is_failure = True
    is_retryable = True

    def __init__(
        self,
        sentence: str,
        *,
        cause: str = "",
        retry_after_s: float | None = None,
        acted: bool | None = False,
    ) -> None:
        super().__init__(sentence, retry_after_s=retry_after_s, acted=acted)
        self.cause = cause


class AnswerUnreadable(TraktError):
    reason = "answer_unreadable"
    is_failure = True
