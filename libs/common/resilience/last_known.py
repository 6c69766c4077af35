"""Going on with what a source last said while it is away: for reading only, and not for long."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

import structlog

from libs.common.clock import Clock
from libs.common.errors import Unavailable, UpstreamTimedOut

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

log = structlog.get_logger(__name__)

KEPT_S = 600.0
"""What was said longer ago is not used any more: the source being away is then the answer."""

PATIENCE_S = 2.0
"""How long a source is waited for by those who could go on without it."""

QUIET_S = 1.0
"""How often a source that is away is tried, by one caller at a time; the others go on at once."""


class LastKnown(Generic[K, V]):
    """Answers of one source by key. Fails open: away (Unavailable, UpstreamTimedOut, or silent) the source's
    last answer stands in, if it is at most ``kept_s`` old. Logged once when it goes and once when it is back.
    """

    def __init__(self, source: str, *, clock: Clock, kept_s: float = KEPT_S, max_entries: int = 1000) -> None:
        self._source = source
        self._clock = clock
        self._kept_s = kept_s
        self._max_entries = max_entries
        self._said: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._away = False
        self._trying = False
        self._quiet_until = 0.0

    def last(self, key: K) -> V | None:
        """What was last said, however long ago."""
        said = self._said.get(key)
        return None if said is None else said[1]

    def keep(self, key: K, value: V) -> None:
        """``value`` is what the source says now."""
        self._said[key] = (self._clock.monotonic(), value)
        self._said.move_to_end(key)
        while len(self._said) > self._max_entries:
            self._said.popitem(last=False)

    async def get(self, key: K, ask: Callable[[], Awaitable[V]]) -> V:
        """What ``ask`` says, or said. Raises what ``ask`` raises when nothing is known that may stand in."""
        when, known = self._said.get(key, (0.0, None))
        if known is None or self._clock.monotonic() - when > self._kept_s:
            return self._heard(key, await ask())
        if self._away and (self._trying or self._clock.monotonic() < self._quiet_until):
            return known
        self._trying = True
        try:
            async with asyncio.timeout(PATIENCE_S):
                value = await ask()
        except (Unavailable, UpstreamTimedOut, TimeoutError) as error:
            self._gone(error)
            return known
        finally:
            self._trying = False
        return self._heard(key, value)

    def _heard(self, key: K, value: V) -> V:
        self.keep(key, value)
        if self._away:
            self._away = False
            log.info("source_back", source=self._source)
        return value

    def _gone(self, error: Exception) -> None:
        self._quiet_until = self._clock.monotonic() + QUIET_S
        if not self._away:
            self._away = True
            log.warning("source_away_last_known_used", source=self._source, error=str(error))
