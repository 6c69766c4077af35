"""How much one process takes on: requests beyond that are refused at once, anonymous ones first.

The signs of too much are the event loop's lag, the time by which a timer is late, since everything ready to
run waits that long in the same queue, and the time requests stand in lines of ours (`libs.common.sojourn`).
As in CoDel, only what stays above the target for a whole interval counts; a single pause, of the garbage
collector for example, does not.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Literal, TypeAlias, get_args

import structlog

from libs.common.clock import Clock
from libs.common.errors import Overloaded
from libs.common.metrics import Metrics
from libs.common.sojourn import Sojourns
from libs.common.states import LoadState

Priority: TypeAlias = Literal["account", "anonymous"]
"""What health checks and scrapers ask has none: it is never refused."""

TICK_S = 0.05
TARGET_S = 0.02
INTERVAL_S = 0.1
SHRINK = 0.8
STEPS_BACK = 20
"""Intervals without waiting in which the limit grows by what was taken on when it began."""
CALM_INTERVALS = 10
"""Without waiting and with nobody refused: then it is over, however low the limit still is."""
LEAST = 16
"""The limit shrinks no further: some always get through, and tell whether it is over."""
FLOOR = 128
"""Accounts' requests that are let in at once whatever the limit, far above the 40 rows of a home screen."""
ANONYMOUS_SHARE = 0.6
RETRY_AFTER_S = (1.0, 3.0)

log = structlog.get_logger(__name__)


class Pressure:
    """Requests in flight and how many there may be. `ceiling` always holds; under pressure there is a lower
    limit.

    An anonymous request is then let in while all that are in flight, or have ended since the last tick, are
    fewer than their share of the limit: those that never wait would otherwise never be two at a time, and
    nothing could hold them. Of accounts' requests `FLOOR` are let in at once and from tick to tick as many as
    the limit, but no fewer than `FLOOR` when only the loop lags: that may be the machine's doing, and
    accounts refused for it would be refused in vain. A line grows by nothing but requests.
    """

    def __init__(
        self,
        ceiling: int,
        *,
        clock: Clock,
        metrics: Metrics,
        sojourns: Sojourns,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.in_flight = 0
        self.lag_s = 0.0
        self.threshold = _anonymous(ceiling)
        """The hot path's one comparison: with fewer in flight everybody is welcome."""
        self._ceiling = ceiling
        self._floor = min(FLOOR, ceiling)
        self._least = min(LEAST, ceiling)
        self._limit: float = ceiling
        self._room: float = ceiling
        self._step = 0.0
        self._calm = 0
        self._refused = False
        self._ended = 0
        self._most = 0
        self._sojourns = sojourns
        self._by_line = False
        self._clock = clock
        self._service = metrics.service
        self._uniform = uniform
        self._late_since: float | None = None
        self._judged_at = clock.monotonic()
        self._shed = dict.fromkeys(get_args(Priority), 0)
        counter = metrics.counter(
            "requests_shed", "Requests refused because the process had too much to do.", ("priority",)
        )
        self._count = {priority: counter.labels(priority).inc for priority in get_args(Priority)}
        _show(self, metrics)

    @property
    def limit(self) -> int:
        return int(self._limit)

    @property
    def is_pressed(self) -> bool:
        """Whether waiting holds the limit below its ceiling."""
        return self._limit < self._ceiling

    def enter(self) -> None:
        self.in_flight += 1

    def leave(self) -> None:
        self.in_flight -= 1
        self._ended += 1

    def judge(self, priority: Priority) -> None:
        """Raises Overloaded when one more of this priority is too much; the asker itself counts already."""
        if self._has_room(priority):
            return
        self._refused = True
        self._ended -= 1  # what is refused takes no room from those who come after
        self._shed[priority] += 1
        self._count[priority]()
        raise Overloaded(
            "There is more to do here than can be done at the moment.",
            retry_after_s=self._uniform(*RETRY_AFTER_S),
        )

    def _has_room(self, priority: Priority) -> bool:
        if priority == "anonymous":
            held = self.in_flight + self._ended if self.is_pressed else self.in_flight
            return held <= _anonymous(self.limit)
        if self.in_flight > self._ceiling:
            return False
        # Only other accounts take an account's room, or a crowd of strangers would be its problem too.
        if self.is_pressed:
            if self._room < 1:
                return False
            self._room -= 1
        return True

    def tick(self, lag_s: float) -> None:
        """Every `TICK_S`, with the time by which this call is late."""
        now = self._clock.monotonic()
        self.lag_s = lag_s
        self._most = max(self._most, self.in_flight + self._ended)
        self._ended = 0
        stands = self._sojourns.look()
        if lag_s < TARGET_S and not stands:
            self._late_since = None
        elif self._late_since is None:
            self._late_since = now
            self._judged_at = now
        if now - self._judged_at > INTERVAL_S - TICK_S / 2:  # the nearest tick; no timer is exact
            self._judged_at = now
            if self._late_since is not None:
                self._shrink(by_line=stands)
            elif self.is_pressed:
                self._grow()
            self._most = 0
        self._make_room()

    def state(self) -> LoadState:
        return LoadState(
            lag_s=round(self.lag_s, 4),
            queued_s=round(self._sojourns.longest_s, 4),
            in_flight=self.in_flight,
            limit=self.limit,
            limit_max=self._ceiling,
            shed=dict(self._shed),
        )

    def _make_room(self) -> None:
        """For accounts, from tick to tick."""
        refill = self._limit if self._by_line else max(self._limit, self._floor)
        self._room = min(self._room + refill, max(self._limit, self._floor))

    def _shrink(self, *, by_line: bool) -> None:
        taken_on = min(self._limit, max(self._most, self._floor))
        begins = not self.is_pressed
        if begins:
            self._step = max(1.0, taken_on / STEPS_BACK)
        self._calm = 0
        self._by_line = by_line
        self._limit = max(self._least, taken_on * SHRINK)
        if begins and self.is_pressed:
            self.threshold = -1
            log.warning(
                "overloaded",
                service=self._service,
                lag_ms=round(self.lag_s * 1000),
                queued_ms=round(self._sojourns.longest_s * 1000),
                limit=self.limit,
            )

    def _grow(self) -> None:
        self._calm = 0 if self._refused else self._calm + 1
        self._refused = False
        grown = self._limit + self._step
        self._limit = self._ceiling if self._calm >= CALM_INTERVALS else min(self._ceiling, grown)
        if not self.is_pressed:
            self._calm = 0
            self.threshold = _anonymous(self._ceiling)
            log.info("overload_over", service=self._service, shed=dict(self._shed))


class LoopLag:
    """Tells `pressure` how late the loop runs its timers. Not a task: a tick costs a microsecond.

    By the loop's own time, which its timers go by.
    """

    def __init__(self, pressure: Pressure) -> None:
        self._pressure = pressure
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + TICK_S
        self._handle = loop.call_at(due, self._tick, loop, due)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _tick(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._pressure.tick(max(0.0, loop.time() - due))
        self.start()


def _anonymous(limit: int) -> int:
    return max(1, int(limit * ANONYMOUS_SHARE))


def _show(pressure: Pressure, metrics: Metrics) -> None:
    lag = metrics.gauge("event_loop_lag_seconds", "Time by which the event loop runs its timers late.")
    lag.set_function(lambda: pressure.lag_s)
    in_flight = metrics.gauge("http_requests_in_flight", "Requests being answered now.")
    in_flight.set_function(lambda: pressure.in_flight)
    limit = metrics.gauge(
        "http_requests_in_flight_limit", "Requests that may be answered at a time; lower under pressure."
    )
    limit.set_function(lambda: pressure.limit)
