"""Living with upstreams that fail: retry, circuit breaker, concurrency limit, and the order they go in."""

from libs.common.http.errors import UpstreamStatus
from libs.common.http.fetch import raise_for_upstream
from libs.common.resilience.breaker import Breaker, BreakerOpen
from libs.common.resilience.classify import is_failure, is_retryable
from libs.common.resilience.last_known import LastKnown
from libs.common.resilience.limit import Limiter, LimitExceeded
from libs.common.resilience.retry import RetryBudget, RetryPolicy, retrying
from libs.common.resilience.upstream import (
    ResilienceSettings,
    Upstream,
    UpstreamResting,
    Upstreams,
)

__all__ = [
    "Breaker",
    "BreakerOpen",
    "LastKnown",
    "LimitExceeded",
    "Limiter",
    "ResilienceSettings",
    "RetryBudget",
    "RetryPolicy",
    "Upstream",
    "UpstreamResting",
    "UpstreamStatus",
    "Upstreams",
    "is_failure",
    "is_retryable",
    "raise_for_upstream",
    "retrying",
]
