"""How long callers stand in line for what this process has too little of: a database connection, a thread.

Beside the event loop's lag it is the other sign of too much to do: whoever stands in line leaves the loop
free. As in CoDel (RFC 8289) the least time counts. A line that empties, or that somebody comes through at
once, is a burst and does its work; one through which nobody comes any faster for a while, or nobody at all,
only makes everybody late.

What others are slow at, such as an addon, is no line of ours and is not measured here.
"""

from __future__ import annotations

from collections import deque

from libs.common.clock import Clock
from libs.common.metrics import Metrics

TARGET_S = 0.02
STUCK_S = 1.0
"""Nobody comes through for so long: then whoever is first in line tells. Sooner, one large transaction that
somebody waits for would count."""


class Sojourn:
    """One line. `target_s` is a time that is well worth standing in it."""

    def __init__(self, clock: Clock, target_s: float) -> None:
        self.least_s = 0.0
        """As it was at the last look."""
        self._joined: deque[float] = deque()
        self._target_s = target_s
        self._clock = clock
        self._seen: float | None = None

    @property
    def waiting(self) -> int:
        return len(self._joined)

    @property
    def stands(self) -> bool:
        return self.least_s >= self._target_s

    def join(self) -> float:
        """Begin to wait; what it returns is for `leave`."""
        now = self._clock.monotonic()
        self._joined.append(now)
        return now

    def leave(self, joined_at: float, *, served: bool = True) -> float:
        """How long it was. Who isn't `served` gave up, which says nothing about how fast the line moves."""
        self._joined.remove(joined_at)  # the first but for those who give up: lines are fair
        waited_s = self._clock.monotonic() - joined_at
        if not self._joined:
            self._seen = 0.0
        elif served and (self._seen is None or waited_s < self._seen):
            self._seen = waited_s
        return waited_s

    def look(self) -> None:
        """Judge those who have left since the last look. While nobody does, what was true stays true, until
        the line counts as stuck."""
        if self._seen is not None:
            self.least_s = self._seen
            self._seen = None
        elif self._joined:
            first_s = self._clock.monotonic() - self._joined[0]
            if first_s >= STUCK_S:
                self.least_s = first_s


class Sojourns:
    """The lines of one app."""

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self._lines: dict[str, Sojourn] = {}
        self._gauge = metrics.gauge(
            "queue_wait_seconds",
            "Least time that anybody has stood in this line lately; 0 when it empties.",
            ("line",),
        )

    def line(self, name: str, *, target_s: float = TARGET_S) -> Sojourn:
        """A new line."""
        line = self._lines[name] = Sojourn(self._clock, target_s)
        self._gauge.labels(name).set_function(lambda: line.least_s)
        return line

    def look(self) -> bool:
        """Whether any line stands."""
        stands = False
        for line in self._lines.values():
            line.look()
            stands = stands or line.stands
        return stands

    @property
    def longest_s(self) -> float:
        return max((line.least_s for line in self._lines.values()), default=0.0)
