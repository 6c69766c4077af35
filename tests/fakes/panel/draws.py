"""Numbers that depend on a seed and an index alone, so that any row can be made without those before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1


def mixed(seed: int, index: int) -> int:
    """64 bits without a visible pattern (splitmix64)."""
    value = (seed + (index + 1) * 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def falls_in(share: float, seed: int, index: int) -> bool:
    """Whether `index` is among the `share` of all that the seed chooses."""
    return (mixed(seed, index) >> 11) < share * (1 << 53)


class Draws:
    """One sequence of draws. A quarter of what `random.Random(seed)` costs to begin."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, index: int) -> None:
        self._state = mixed(seed, index)

    def below(self, limit: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & _MASK
        return (self._state >> 33) % limit

    def pick(self, among: Sequence[T]) -> T:
        return among[self.below(len(among))]

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def between(self, low: int, high: int) -> int:
        """Both ends included."""
        return low + self.below(high - low + 1)
