"""Where callers stood when Redis last told, and what follows for their next request."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from libs.common.clock import Clock
from libs.common.ratelimit.engine import Verdict, judged
from libs.common.ratelimit.policies import SECOND_US, Limit, Policy, State

TRUSTED_S = 5.0
MOST_UNCONFIRMED = 8
MOST_UNCONFIRMED_SHARE = 16
RECENT_S = 0.1
"""So many are admitted of a caller before Redis has heard of them, or that part of its quota if that is more
and Redis told recently: coming by several gateways, it may exceed a burst by that for each but one."""

Pairs: TypeAlias = tuple[tuple[Limit, Policy], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A state, when that was in Redis' time, and when in ours."""

    state: State
    now_us: int
    since: float


class Known:
    """What Redis told of at most `max_keys` callers and policies, the latest heard of."""

    def __init__(self, clock: Clock, max_keys: int) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._told: OrderedDict[tuple[str, str], Told] = OrderedDict()
        self._unconfirmed: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._told)

    def note(self, subject: str, pairs: Pairs, states: Sequence[State], now_us: int, since: float) -> None:
        """States as Redis has them, to which those it hasn't heard of yet are added."""
        told = self._told
        for (_, policy), state in zip(pairs, states, strict=True):
            shown = state
            for _ in range(self._unconfirmed.get(subject, 0)):
                shown = policy.taken(shown)
            told[subject, policy.name] = Told(shown, now_us, since)
            told.move_to_end((subject, policy.name))
        while len(told) > self._max_keys:
            told.popitem(last=False)

    def pop(self, subject: str, policy: Policy) -> Told | None:
        return self._told.pop((subject, policy.name), None)

    def take_ahead(self, subject: str, pairs: Pairs) -> Verdict | None:
        """A verdict that Redis would give too, taken here until it is told: see `confirmed`.

        None unless every policy had more than half left a moment ago, and few await their confirmation.
        """
        unconfirmed = self._unconfirmed.get(subject, 0)
        now, now_us = self._clock.monotonic(), 0
        taken: list[tuple[Told, State]] = []
        for _, policy in pairs:
            told = self._told.get((subject, policy.name))
            if told is None or now - told.since > TRUSTED_S:
                return None
            is_recent = now - told.since <= RECENT_S
            share = policy.quota // MOST_UNCONFIRMED_SHARE if is_recent else 0
            if unconfirmed >= max(MOST_UNCONFIRMED, share):
                return None
            now_us = told.now_us + round((now - told.since) * SECOND_US)
            state = policy.at(told.state, now_us)
            if policy.remaining(state, now_us) * 2 <= policy.quota:
                return None
            taken.append((told, policy.taken(state)))
        for (_, policy), (told, state) in zip(pairs, taken, strict=True):
            self._told[subject, policy.name] = replace(told, state=state)
        self._unconfirmed[subject] += 1
        return judged(pairs, [state for _, state in taken], now_us, admitted=True)

    def is_ahead(self, subject: str) -> bool:
        """Whether any await their confirmation."""
        return subject in self._unconfirmed

    def confirmed(self, subject: str) -> None:
        """One that was taken ahead has been counted in Redis, or never will be."""
        self._unconfirmed[subject] -= 1
        if self._unconfirmed[subject] <= 0:
            del self._unconfirmed[subject]
