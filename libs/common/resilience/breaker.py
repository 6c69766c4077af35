"""A circuit breaker for coroutines: an upstream that keeps failing is left alone for a while.

pybreaker is the state machine and the source of events; nothing is awaited inside it, since around an await
it lets every caller through half-open and counts cancellation as failure.
"""

import contextlib
import random
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Literal, NoReturn, TypeVar

import structlog
from prometheus_client import Gauge

from libs.common.clock import Clock
from libs.common.metrics import Metrics
from libs.common.resilience.classify import is_failure as default_is_failure

# For a storage nobody uses here, pybreaker would load Redis' client: 20 MB and a seventh of a second at start
# that a hub without Redis saves.
_hidden = "redis" not in sys.modules
if _hidden:
    sys.modules["redis"] = None  # type: ignore[assignment]
try:
    import pybreaker
finally:
    if _hidden:
        del sys.modules["redis"]

T = TypeVar("T")
State = Literal["closed", "half_open", "open"]

log = structlog.get_logger(__name__)

_STATES: dict[str, State] = {
    pybreaker.STATE_CLOSED: "closed",
    pybreaker.STATE_HALF_OPEN: "half_open",
    pybreaker.STATE_OPEN: "open",
}
_GAUGE_VALUES: dict[State, int] = {"closed": 0, "half_open": 1, "open": 2}
_MAX_DOUBLINGS = 16  # 2**16 times any sensible wait is above any sensible ceiling
_JITTER = 0.1  # replicas and upstreams that failed together don't all knock again together


class BreakerOpen(Exception):
    """Not asked: the upstream failed too often just now. It is not worth trying before ``retry_after_s``."""

    reason = "circuit_open"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("This source failed repeatedly and is being left alone for a moment.")
        self.retry_after_s = retry_after_s


class _Failed(Exception):
    """Tells the state machine that a call failed, without touching the caller's exception."""


class Breaker:
    """Trips after ``fail_max`` consecutive failures, or when among at least ``min_calls`` results of the last
    ``window_s`` seconds the share of failures reaches ``ratio``.

    Open, it refuses for ``reset_s`` (± 10 %, doubling up to ``max_reset_s`` each time a probe fails), then
    lets ``max_probes`` calls at a time through; the first result decides. A cancelled call and an error that
    is no failure record nothing. Results of calls admitted before the last change of state are ignored.

    For one event loop: admission and recording run without an await, so nothing can come in between.
    """

    def __init__(
        self,
        name: str,
        *,
        clock: Clock,
        fail_max: int = 5,
        reset_s: float = 30.0,
        max_reset_s: float = 300.0,
        max_probes: int = 1,
        ratio: float = 0.5,
        min_calls: int = 20,
        window_s: float = 10.0,
        metrics: Metrics | None = None,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.name = name
        self._clock = clock
        self._reset_s = reset_s
        self._max_reset_s = max_reset_s
        self._max_probes = max_probes
        self._uniform = uniform
        self._window = _RatioWindow(ratio, min_calls, window_s)
        self._generation = 0
        self._probes = 0
        self._trips = 0
        self.opened = 0
        """How often it opened so far."""
        self._open_until = 0.0
        self._gauge = metrics and state_gauge(metrics).labels(name)
        if self._gauge:
            self._gauge.set(0)
        self._machine = pybreaker.CircuitBreaker(
            fail_max=fail_max,
            reset_timeout=reset_s,  # never read: time is ours, by the injected clock
            name=name,
            listeners=[_Listener(self._entered)],
            throw_new_error_on_trip=False,
        )

    @property
    def state(self) -> State:
        return _STATES[self._machine.current_state]

    @property
    def failures(self) -> int:
        """Consecutive failures so far."""
        count: int = self._machine.fail_counter
        return count

    @property
    def retry_after_s(self) -> float:
        """How long it still refuses every call; 0 when it doesn't."""
        return max(0.0, self._open_until - self._clock.monotonic()) if self.state == "open" else 0.0

    @property
    def admits(self) -> bool:
        """Whether a call made now would be let through."""
        if self.state == "open":
            return self.retry_after_s <= 0
        return self.state == "closed" or self._probes < self._max_probes

    async def call(
        self,
        fn: Callable[[], Awaitable[T]],
        *,
        is_failure: Callable[[Exception], bool] = default_is_failure,
    ) -> T:
        """The result of ``fn``, or its exception. Open, it raises BreakerOpen and ``fn`` isn't called."""
        probe = self._admit()
        generation = self._generation
        try:
            result = await fn()
        except Exception as error:
            if is_failure(error):
                self._record(generation, failed=True)
            raise
        else:
            self._record(generation, failed=False)
            return result
        finally:
            if probe and generation == self._generation:
                self._probes -= 1

    def _admit(self) -> bool:
        """Lets a call in, or raises; says whether it is a probe."""
        if self.state == "open":
            if self.retry_after_s > 0:
                raise BreakerOpen(self.retry_after_s)
            self._machine.half_open()
        if self.state == "closed":
            return False
        if self._probes >= self._max_probes:
            raise BreakerOpen(self.retry_after_s)
        self._probes += 1
        return True

    def _record(self, generation: int, *, failed: bool) -> None:
        if generation != self._generation:
            return
        with contextlib.suppress(_Failed):
            self._machine.call(_fail if failed else _succeed)
        # The machine may just have changed state, which began a new window; half-open keeps none.
        if (
            generation == self._generation
            and self.state == "closed"
            and self._window.push(self._clock.monotonic(), failed=failed)
        ):
            self._machine.open()

    def _entered(self, state: State) -> None:
        self._generation += 1
        self._probes = 0
        self._window.clear()
        if state == "open":
            self._trips += 1
            self.opened += 1
            wait_s = self._reset_s * 2 ** min(self._trips - 1, _MAX_DOUBLINGS)
            wait_s = min(wait_s, self._max_reset_s) * self._uniform(1 - _JITTER, 1 + _JITTER)
            self._open_until = self._clock.monotonic() + wait_s
            if self._trips == 1:
                log.warning("upstream_failing", upstream=self.name, retry_after_s=round(wait_s, 1))
        elif state == "closed":
            self._trips = 0
            log.info("upstream_recovered", upstream=self.name)
        if self._gauge:
            self._gauge.set(_GAUGE_VALUES[state])


def state_gauge(metrics: Metrics) -> Gauge:
    return metrics.gauge(
        "upstream_breaker_state", "Circuit breaker: 0 closed, 1 half-open, 2 open.", ("upstream",)
    )


class _Listener(pybreaker.CircuitBreakerListener):
    def __init__(self, entered: Callable[[State], None]) -> None:
        self._entered = entered

    def state_change(
        self,
        cb: pybreaker.CircuitBreaker,
        old_state: pybreaker.CircuitBreakerState | None,
        new_state: pybreaker.CircuitBreakerState,
    ) -> None:
        self._entered(_STATES[new_state.name])


class _RatioWindow:
    """The results of the last seconds: catches an upstream that fails every other time, which consecutive
    failures never would."""

    def __init__(self, ratio: float, min_calls: int, window_s: float) -> None:
        self._ratio = ratio
        self._min_calls = min_calls
        self._window_s = window_s
        self._results: deque[tuple[float, bool]] = deque()
        self._failures = 0

    def push(self, now: float, *, failed: bool) -> bool:
        """Adds a result; True when there are enough and too many of them failed."""
        self._results.append((now, failed))
        self._failures += failed
        while self._results[0][0] <= now - self._window_s:
            self._failures -= self._results.popleft()[1]
        total = len(self._results)
        return total >= self._min_calls and self._failures >= self._ratio * total

    def clear(self) -> None:
        self._results.clear()
        self._failures = 0


def _fail() -> NoReturn:
    raise _Failed


def _succeed() -> None:
    return None
