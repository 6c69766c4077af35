"""A failure that repeats is told once a minute, not once a request: an outage must not fill the disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from libs.common.clock import Clock

EVERY_S = 60.0
MOST_KEYS = 1024


class Repeats:
    """Says which of many equal lines are written: the first, then one every `EVERY_S` with their number."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def due(self, key: Hashable) -> int | None:
        """How many were left out since the last one written, or None if this one is left out too."""
        now = self._clock.monotonic()
        told_at, left_out = self._told.pop(key, (float("-inf"), 0))
        if now - told_at < EVERY_S:
            self._told[key] = (told_at, left_out + 1)
            return None
        self._told[key] = (now, 0)
        while len(self._told) > MOST_KEYS:
            self._told.popitem(last=False)
        return left_out
