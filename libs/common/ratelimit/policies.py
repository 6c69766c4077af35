"""The two ways of counting, as pure arithmetic on whole numbers: both engines decide and answer by it.

Times are microseconds since any fixed moment. A state is a tuple of whole numbers, empty before the first
request. Everything stays below 2**53, so that Lua's doubles hold it exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, TypeAlias

State: TypeAlias = tuple[int, ...]
OnOutage: TypeAlias = Literal["local", "allow", "deny"]

SECOND_US = 1_000_000
MAX_PER_SECOND = 10_000
"""More would leave too few microseconds between two requests to count by."""
MAX_EXACT = 2**52


@dataclass(frozen=True, slots=True)
class Rate:
    """GCRA: `count` in `period_s`, evenly, and up to `burst` at once after a rest."""

    name: str
    count: int
    period_s: int
    burst: int
    interval_us: int = field(init=False)
    tolerance_us: int = field(init=False)
    words: tuple[str, str, str] = field(init=False, repr=False, compare=False)
    """What the script in Redis is told of it."""

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that can't be counted by."""
        if self.count < 1 or self.period_s < 1 or self.burst < 1:
            raise ValueError("a rate needs numbers of at least 1")
        if self.count > MAX_PER_SECOND * self.period_s:
            raise ValueError(f"a rate is at most {MAX_PER_SECOND} a second")
        interval_us = round(self.period_s * SECOND_US / self.count)
        if interval_us * self.burst >= MAX_EXACT // 4:
            raise ValueError("the burst takes longer than a century to refill")
        object.__setattr__(self, "interval_us", interval_us)
        object.__setattr__(self, "tolerance_us", interval_us * self.burst)
        object.__setattr__(self, "words", ("rate", str(interval_us), str(self.tolerance_us)))

    @property
    def quota(self) -> int:
        return self.burst

    @property
    def window_s(self) -> int:
        """How long a burst takes to be there again, rounded up."""
        return -(-self.tolerance_us // SECOND_US)

    def due(self, tat_us: int, now_us: int) -> int:
        """The theoretical arrival time as it counts now: never past, and never further than a burst reaches,
        so that a clock set back or a smaller burst locks nobody out."""
        if tat_us < now_us:
            return now_us
        return min(tat_us, now_us + self.tolerance_us)

    def at(self, state: State, now_us: int) -> State:
        return (self.due(state[0] if state else 0, now_us),)

    def taken(self, state: State) -> State:
        return (state[0] + self.interval_us,)

    def wait_us(self, state: State, now_us: int, count: int = 1) -> int:
        """How long until `count` more are admitted, if nobody else takes any; 0 if they are now."""
        return max(0, state[0] + count * self.interval_us - now_us - self.tolerance_us)

    def remaining(self, state: State, now_us: int) -> int:
        return (self.tolerance_us - (state[0] - now_us)) // self.interval_us

    def rebased(self, state: State, from_us: int, to_us: int, replicas: int) -> State:
        """The state on another clock, as `shared_by` counts it: `from_us` there is `to_us` here."""
        return (to_us + (state[0] - from_us) * replicas,)

    def shared_by(self, replicas: int) -> Rate:
        """One replica's share of the rate. The burst stays whole: a home screen may all reach one of them."""
        return Rate(self.name, self.count, self.period_s * replicas, self.burst)


@dataclass(frozen=True, slots=True)
class Quota:
    """A sliding window counter: `count` in any `window_s`, the former window counted as if it was even.

    Its state: the window's number, what was taken in the one before, what was taken in it.
    """

    name: str
    count: int
    window_s: int
    window_ms: int = field(init=False)
    words: tuple[str, str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that can't be counted by."""
        if self.count < 1 or self.window_s < 1:
            raise ValueError("a quota needs numbers of at least 1")
        if self.count * self.window_s * 1000 * 2 >= MAX_EXACT:
            raise ValueError("the quota is too large to be counted exactly")
        object.__setattr__(self, "window_ms", self.window_s * 1000)
        object.__setattr__(self, "words", ("quota", str(self.count), str(self.window_ms)))

    @property
    def quota(self) -> int:
        return self.count

    def at(self, state: State, now_us: int) -> State:
        index = now_us // 1000 // self.window_ms
        if not state or state[0] < index - 1 or state[0] > index + 1:
            return (index, 0, 0)
        if state[0] == index - 1:
            return (index, state[2], 0)
        return (index, state[1], state[2])  # also with a clock that was set back a little

    def taken(self, state: State) -> State:
        return (state[0], state[1], state[2] + 1)

    def wait_us(self, state: State, now_us: int, count: int = 1) -> int:
        """How long until `count` more are admitted, if nobody else takes any; 0 if they are now."""
        window = self.window_ms
        elapsed, (_, before, within) = now_us // 1000 % window, state
        if self._free(state, now_us) >= count * window:
            return 0
        free = self.count - within - count
        if free >= 0 and before:
            until = window - free * window // before
        else:
            # Not in this window: in the next one, what was taken in this one fades.
            until = 2 * window - (self.count - count) * window // max(1, within)
        return (until - elapsed) * 1000 - now_us % 1000

    def remaining(self, state: State, now_us: int) -> int:
        return max(0, self._free(state, now_us) // self.window_ms)

    def _free(self, state: State, now_us: int) -> int:
        """What is left, in shares of a window."""
        window = self.window_ms
        faded = state[1] * (window - now_us // 1000 % window)
        return (self.count - state[2]) * window - faded

    def rebased(self, state: State, from_us: int, to_us: int, replicas: int) -> State:
        """The state on another clock, as `shared_by` counts it; that one's windows begin at other times."""
        index = to_us // 1000 // self.window_ms
        return (index, -(-state[1] // replicas), -(-state[2] // replicas))

    def shared_by(self, replicas: int) -> Quota:
        return Quota(self.name, -(-self.count // replicas), self.window_s)


Policy: TypeAlias = Rate | Quota


@dataclass(frozen=True, slots=True)
class Limit:
    """Policies that one kind of caller meets together, and what holds while Redis is out."""

    name: str
    policies: tuple[Policy, ...]
    on_outage: OnOutage = "local"

    def shared_by(self, replicas: int) -> Limit:
        """What one of so many replicas grants by itself."""
        return self if replicas <= 1 else _shared(self, replicas)


@lru_cache(maxsize=256)
def _shared(limit: Limit, replicas: int) -> Limit:
    policies = tuple(policy.shared_by(replicas) for policy in limit.policies)
    return Limit(limit.name, policies, limit.on_outage)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with one policy. `more_in_us`: when there will be one more, 0 if it is full."""

    policy: Policy
    remaining: int
    more_in_us: int

    @classmethod
    def of(cls, policy: Policy, state: State, now_us: int) -> Standing:
        remaining = policy.remaining(state, now_us)
        full = remaining >= policy.quota
        return cls(policy, remaining, 0 if full else policy.wait_us(state, now_us, remaining + 1))
