"""Limits counted in this process alone."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from libs.common.clock import Clock
from libs.common.ratelimit.engine import Verdict, judged, policies_of
from libs.common.ratelimit.policies import SECOND_US, Limit, Policy, Rate, Standing, State

MAX_KEYS = 20_000
"""Callers remembered at once, least recently seen forgotten first; forgotten means rested."""


class MemoryEngine:
    """An `Engine` on the monotonic clock of one process."""

    where: Final = "memory"
    out: Final = False
    decided_alone: Final = 0

    def __init__(self, clock: Clock, *, max_keys: int = MAX_KEYS) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._states: OrderedDict[tuple[str, str], State] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    async def take(self, subject: str, limits: tuple[Limit, ...]) -> Verdict:
        return self.take_now(subject, limits)

    def take_now(self, subject: str, limits: tuple[Limit, ...]) -> Verdict:
        """`take` without a turn of the loop."""
        now_us = int(self._clock.monotonic() * SECOND_US)
        pairs = policies_of(limits)
        held = self._states
        keys = [(policy.name, subject) for _, policy in pairs]
        states = [policy.at(held.get(key, ()), now_us) for (_, policy), key in zip(pairs, keys, strict=True)]
        admitted = not any(
            policy.wait_us(state, now_us) for (_, policy), state in zip(pairs, states, strict=True)
        )
        if admitted:
            states = [policy.taken(state) for (_, policy), state in zip(pairs, states, strict=True)]
            for key, state in zip(keys, states, strict=True):
                held[key] = state
                held.move_to_end(key)
            while len(held) > self._max_keys:
                held.popitem(last=False)
        return judged(pairs, states, now_us, admitted=admitted)

    def put(self, subject: str, policy: Policy, state: State) -> None:
        """Go on from a state that somebody else counted."""
        self._states[policy.name, subject] = state


class LocalRate:
    """One rate that is never asked about elsewhere, for what comes too often to pay for a verdict."""

    def __init__(self, rate: Rate, clock: Clock, *, max_keys: int = MAX_KEYS) -> None:
        self.rate = rate
        self._clock = clock
        self._max_keys = max_keys
        self._due_us: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._due_us)

    def take(self, subject: str) -> int:
        """How much of the tolerance is left after this request, in µs; negative: refused, so much too early.

        A refused one takes nothing.
        """
        rate, held = self.rate, self._due_us
        now_us = int(self._clock.monotonic() * SECOND_US)
        due_us = rate.due(held.get(subject, 0), now_us) + rate.interval_us
        left_us = now_us + rate.tolerance_us - due_us
        if left_us >= 0:
            held[subject] = due_us
            held.move_to_end(subject)
            if len(held) > self._max_keys:
                held.popitem(last=False)
        return left_us

    def verdict(self, left_us: int) -> Verdict:
        """What `take` answered, in full."""
        rate = self.rate
        if left_us < 0:
            return Verdict((Standing(rate, 0, -left_us),), (rate.name,), rate.name, -left_us / SECOND_US)
        remaining, part_us = divmod(left_us, rate.interval_us)
        return Verdict((Standing(rate, remaining, rate.interval_us - part_us),))
