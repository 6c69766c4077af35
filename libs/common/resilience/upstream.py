"""Everything between the hub and one upstream, in the one right order: deadline, retry, breaker, limit."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from prometheus_client import Counter

from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.http.errors import TimedOut
from libs.common.metrics import Metrics
from libs.common.resilience.breaker import Breaker, BreakerOpen, state_gauge
from libs.common.resilience.classify import is_failure, is_retryable, retry_after_s
from libs.common.resilience.limit import Limiter, LimitExceeded
from libs.common.resilience.retry import RetryBudget, RetryPolicy, retrying
from libs.common.states import BreakerState

T = TypeVar("T")

# A key becomes a metric label and a log field: an opaque id, never a URL, which may hold somebody's password.
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,128}", re.ASCII)
_OUTCOMES = ("ok", "failed", "neutral", "rejected")
_EARLY_S = 0.05  # a timer may wake a retry this much before the rest it waited out is over


class UpstreamResting(Exception):
    """Not asked: the upstream itself asked, by ``Retry-After``, for ``retry_after_s`` of quiet from now."""

    reason = "asked_to_wait"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("This source asked to be left alone for a while.")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True, kw_only=True)
class ResilienceSettings:
    """How upstreams are treated. ``attempt_s`` bounds one attempt, whatever the deadline still allows;
    ``max_rest_s`` the rest an upstream may ask for."""

    attempt_s: float = 20.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget_ratio: float = 0.2
    budget_min_concurrent: int = 3
    fail_max: int = 5
    reset_s: float = 30.0
    max_reset_s: float = 300.0
    max_probes: int = 1
    ratio: float = 0.5
    min_calls: int = 20
    window_s: float = 10.0
    max_rest_s: float = 300.0
    max_concurrent: int = 16
    max_waiting: int = 64
    max_upstreams: int = 1024


class Upstream:
    """One upstream's budget, breaker, rest and limit, shared by every call to it."""

    def __init__(self, name: str, *, clock: Clock, metrics: Metrics, settings: ResilienceSettings) -> None:
        self.name = name
        self._clock = clock
        self._settings = settings
        self._budget = RetryBudget(settings.budget_ratio, settings.budget_min_concurrent)
        self._breaker = Breaker(
            name,
            clock=clock,
            fail_max=settings.fail_max,
            reset_s=settings.reset_s,
            max_reset_s=settings.max_reset_s,
            max_probes=settings.max_probes,
            ratio=settings.ratio,
            min_calls=settings.min_calls,
            window_s=settings.window_s,
            metrics=metrics,
        )
        self._limiter = Limiter(settings.max_concurrent, settings.max_waiting)
        self._rests_until = 0.0
        calls = _calls_counter(metrics)
        self._counts = {outcome: calls.labels(name, outcome) for outcome in _OUTCOMES}

    @property
    def state(self) -> BreakerState:
        return BreakerState(
            name=self.name,
            state=self._breaker.state,
            failures=self._breaker.failures,
            retry_after_s=max(self._breaker.retry_after_s, self._rest_s),
            in_flight=self._limiter.in_flight,
            waiting=self._limiter.waiting,
        )

    @property
    def trusted(self) -> bool:
        """Whether it answered when last asked, as far as its breaker goes."""
        return self._breaker.state == "closed"

    async def call(
        self,
        fn: Callable[[Deadline], Awaitable[T]],
        *,
        deadline: Deadline,
        idempotent: bool = True,
    ) -> T:
        """The result of ``fn``, which is handed the deadline of its attempt.

        Raises what ``fn`` raises, TimedOut, BreakerOpen, UpstreamResting or LimitExceeded. Only idempotent
        calls are tried again. A call without time left is not made and says nothing about the upstream.
        """
        if deadline.expired:
            raise TimedOut("There was no time left to ask.")

        async def attempt() -> T:
            return await self._breaker.call(lambda: self._limited(fn, deadline))

        try:
            if idempotent:
                result = await retrying(
                    attempt,
                    policy=self._settings.retry,
                    budget=self._budget,
                    deadline=deadline,
                    clock=self._clock,
                )
            else:
                result = await attempt()
        except Exception as error:
            self._counts[_outcome(error)].inc()
            raise
        self._counts["ok"].inc()
        return result

    async def _limited(self, fn: Callable[[Deadline], Awaitable[T]], deadline: Deadline) -> T:
        self._raise_if_resting()
        await self._limiter.acquire(deadline.remaining_s)
        try:
            self._raise_if_resting()  # somebody ahead in the queue may have been told to wait
            until = deadline.sooner(self._settings.attempt_s)
            async with asyncio.timeout(until.remaining_s):
                return await fn(until)
        except TimeoutError:
            raise TimedOut("The source did not answer in time.") from None
        except Exception as error:
            self._rest_if_asked(error)
            raise
        finally:
            self._limiter.release()

    @property
    def _rest_s(self) -> float:
        return max(0.0, self._rests_until - self._clock.monotonic())

    def _raise_if_resting(self) -> None:
        if self._rest_s > _EARLY_S:
            raise UpstreamResting(self._rest_s)

    def _rest_if_asked(self, error: Exception) -> None:
        """``Retry-After`` speaks for the whole upstream, not for the question that met it."""
        if isinstance(error, UpstreamResting) or not (is_failure(error) or is_retryable(error)):
            return
        rest_s = min(retry_after_s(error), self._settings.max_rest_s)
        self._rests_until = max(self._rests_until, self._clock.monotonic() + rest_s)


class Upstreams:
    """The upstreams of one app, by opaque key. Beyond ``settings.max_upstreams`` the least recently used is
    forgotten, its breaker's memory and its metrics with it."""

    def __init__(self, *, clock: Clock, metrics: Metrics, settings: ResilienceSettings | None = None) -> None:
        self._clock = clock
        self._metrics = metrics
        self._settings = settings or ResilienceSettings()
        self._upstreams: OrderedDict[str, Upstream] = OrderedDict()
        # Known to whoever scrapes before the first call is made.
        state_gauge(metrics)
        _calls_counter(metrics)

    def get(self, key: str) -> Upstream:
        """The upstream of that key, made on first use. A key that could be a URL is a ValueError."""
        upstream = self._upstreams.get(key)
        if upstream is not None:
            self._upstreams.move_to_end(key)
            return upstream
        if not _KEY.fullmatch(key):
            raise ValueError("an upstream's key is an opaque id of letters, digits and . _ : -")
        while len(self._upstreams) >= self._settings.max_upstreams:
            self._forget(next(iter(self._upstreams)))
        upstream = Upstream(key, clock=self._clock, metrics=self._metrics, settings=self._settings)
        self._upstreams[key] = upstream
        return upstream

    def trusts(self, key: str) -> bool:
        """Whether that upstream is asked as any other is, and not only to see whether it is back."""
        upstream = self._upstreams.get(key)
        return upstream is None or upstream.trusted

    def forget(self, key: str) -> None:
        """What was held against that upstream holds no more."""
        if key in self._upstreams:
            self._forget(key)

    def snapshot(self) -> list[BreakerState]:
        """Every upstream's state, by key."""
        return [upstream.state for _, upstream in sorted(self._upstreams.items())]

    def _forget(self, key: str) -> None:
        del self._upstreams[key]
        state_gauge(self._metrics).remove(key)
        for outcome in _OUTCOMES:
            _calls_counter(self._metrics).remove(key, outcome)


def _outcome(error: Exception) -> str:
    if isinstance(error, BreakerOpen | UpstreamResting | LimitExceeded):
        return "rejected"
    return "failed" if is_failure(error) else "neutral"


def _calls_counter(metrics: Metrics) -> Counter:
    return metrics.counter(
        "upstream_calls", "Calls to an upstream by outcome, retries not counted.", ("upstream", "outcome")
    )
