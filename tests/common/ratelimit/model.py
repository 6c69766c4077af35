"""The plainest way to say what both ways of counting mean: exact fractions, and a log of everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from libs.common.ratelimit import Policy, Rate


@dataclass
class Bucket:
    """A bucket of `burst` tokens that fills at the rate. Tests use rates of whole microseconds."""

    rate: Rate
    tokens: Fraction = field(init=False)
    at_us: int = 0

    def __post_init__(self) -> None:
        self.tokens = Fraction(self.rate.burst)

    def free(self, now_us: int) -> Fraction:
        per_us = Fraction(self.rate.count, self.rate.period_s * 1_000_000)
        self.tokens = min(Fraction(self.rate.burst), self.tokens + (now_us - self.at_us) * per_us)
        self.at_us = now_us
        return self.tokens

    def take(self, now_us: int) -> None:
        self.tokens -= 1


@dataclass
class Windows:
    """Every request with its time; the window before counts by the share of it that is less than one old."""

    count: int
    window_ms: int
    log: list[int] = field(default_factory=list)

    def free(self, now_us: int) -> Fraction:
        now_ms = now_us // 1000
        index = now_ms // self.window_ms
        within = sum(at // self.window_ms == index for at in self.log)
        before = sum(at // self.window_ms == index - 1 for at in self.log)
        share = Fraction(self.window_ms - now_ms % self.window_ms, self.window_ms)
        return self.count - within - before * share

    def take(self, now_us: int) -> None:
        self.log.append(now_us // 1000)


class Model:
    """All or none, for one subject."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.counters = [
            Bucket(policy) if isinstance(policy, Rate) else Windows(policy.count, policy.window_s * 1000)
            for policy in policies
        ]

    def take(self, now_us: int) -> tuple[bool, list[int]]:
        """Whether it was taken, and what is left of each."""
        admitted = all(counter.free(now_us) >= 1 for counter in self.counters)
        if admitted:
            for counter in self.counters:
                counter.take(now_us)
        return admitted, [max(0, counter.free(now_us) // 1) for counter in self.counters]
