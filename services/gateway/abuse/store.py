"""Where scores are kept: in this process, or in Redis for all gateways."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from libs.common.clock import Clock
from services.gateway.abuse.scores import MOST_SCORES, Points, Scores

REMEMBERED_S = 7 * 86_400.0
"""How long a network's former blocks make its next one longer."""


class Store(Protocol):
    """Raises RedisOut where there is a Redis and it does not answer."""

    async def score(self, batch: Sequence[Points]) -> list[float]:
        """For each, the score if its bucket runs over (which empties it), else 0."""
        ...

    async def times_blocked(self, network: str) -> int:
        """How often this network was blocked, this time included."""
        ...


class MemoryStore:
    """For one gateway, until it ends; of too many networks the longest unseen are forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scores = Scores()
        self._times: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def score(self, batch: Sequence[Points]) -> list[float]:
        now = self._clock.monotonic()
        return [self._scores.add(points, now) for points in batch]

    async def times_blocked(self, network: str) -> int:
        now = self._clock.monotonic()
        times, until = self._times.pop(network, (0, now))
        times = times + 1 if until >= now else 1
        self._times[network] = (times, now + REMEMBERED_S)
        while len(self._times) > MOST_SCORES:
            self._times.popitem(last=False)
        return times
