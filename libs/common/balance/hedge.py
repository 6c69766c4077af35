"""A second copy of a read that takes longer than most: when it is sent, and how many are."""

from __future__ import annotations

from collections import deque

SHARE = 0.05
"""Of all reads. A service that is slow as a whole must not get twice the work."""
MOST_SAVED = 10.0
RECENT = 256
ENOUGH = 32
QUANTILE = 0.95


class Hedging:
    """Of one service's instances together, since they do the same work."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=RECENT)
        self._delay_s: float | None = None
        self._noted = 0
        self._saved = 0.0

    def note(self, seconds: float) -> None:
        """A read was answered after so long."""
        self._seconds.append(seconds)
        self._saved = min(MOST_SAVED, self._saved + SHARE)
        self._noted += 1
        if self._noted % ENOUGH == 0:
            self._delay_s = sorted(self._seconds)[int(len(self._seconds) * QUANTILE)]

    @property
    def delay_s(self) -> float | None:
        """How long most reads take; None until enough are known."""
        return self._delay_s

    def take(self) -> bool:
        """Whether one more copy may be sent."""
        if self._saved < 1.0:
            return False
        self._saved -= 1.0
        return True
