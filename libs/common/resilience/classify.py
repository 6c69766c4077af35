"""Which errors speak against an upstream's health, and which are worth a second try."""

from libs.common.errors import HeadgateError
from libs.common.http.errors import FAILURE_STATUSES, RETRYABLE_STATUSES


def is_failure(error: Exception) -> bool:
    """Whether a circuit breaker counts it. What isn't counted (4xx, 429, a refused address, a bug of ours) is
    neutral: it says nothing either way. An error of any library with an `is_failure` of its own decides for
    itself."""
    own = getattr(error, "is_failure", None)
    if isinstance(own, bool):
        return own
    if isinstance(error, HeadgateError):
        return error.status in FAILURE_STATUSES
    return isinstance(error, TimeoutError | OSError)


def is_retryable(error: Exception) -> bool:
    """Whether the same idempotent question has a fair chance when asked again. An open circuit has none."""
    own = getattr(error, "is_retryable", None)
    if isinstance(own, bool):
        return own
    if isinstance(error, HeadgateError):
        return error.status in RETRYABLE_STATUSES
    return isinstance(error, TimeoutError | OSError)


def retry_after_s(error: BaseException | None) -> float:
    """The wait the error itself asks for, 0 when it asks for none."""
    value = getattr(error, "retry_after_s", None)
    return value if isinstance(value, float | int) else 0.0
