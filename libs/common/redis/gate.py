"""Whether Redis is asked at all. Free of the client, which only a hub that has a Redis loads."""

from __future__ import annotations

import structlog

from libs.common.clock import Clock

FAILURES = 3  # in a row, before Redis counts as out
RESET_S = 1.0  # between two probes while it is out

log = structlog.get_logger(__name__)


class RedisOut(Exception):
    """Redis did not answer, or is not asked because it did not a moment ago."""


class Gate:
    """Lets calls to Redis through while it answers; while it doesn't, one probe each `RESET_S`.

    Smaller than the breaker for upstreams on purpose: Redis is either there or not, and the answer to "not"
    is always the same. Logs once when it goes and once when it is back.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._failures = 0
        self._probe_at = 0.0
        self.out = False

    def admit(self) -> bool:
        if not self.out:
            return True
        now = self._clock.monotonic()
        if now < self._probe_at:
            return False
        self._probe_at = now + RESET_S
        return True

    def failed(self, error: BaseException) -> None:
        self._failures += 1
        if self._failures >= FAILURES:
            self.shut(error)

    def shut(self, error: BaseException) -> None:
        """Redis is known to be gone: a closed link says so before any call fails."""
        self._probe_at = self._clock.monotonic() + RESET_S
        if not self.out:
            self.out = True
            log.warning("redis_lost", used_for=self._name, error=type(error).__name__)

    def passed(self) -> None:
        self._failures = 0
        if self.out:
            self.out = False
            log.info("redis_back", used_for=self._name)
