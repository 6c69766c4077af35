"""The calls that one account at Trakt may be asked, counted for all replicas and across restarts."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.deadline import Deadline
from libs.common.http import Fetched
from libs.protocols.times import moment_ms
from libs.protocols.trakt.client import CallKind
from libs.protocols.trakt.errors import TooMany
from services.sync.store.budgets import BEYOND_MS, BudgetStore

PATIENCE_S: Final = 60.0
"""How long a call waits for its turn where its caller names no deadline."""
FIRST_REST_S: Final = 5.0
LONGEST_REST_S: Final = 300.0
REST_AT_MOST_S: Final = 3600.0
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Rate:
    """One call every `interval_ms`, and `at_once` of them after a rest."""

    interval_ms: int
    at_once: int

    @property
    def tolerance_ms(self) -> int:
        return self.interval_ms * self.at_once


def rates(*, write_every_s: float) -> Mapping[CallKind, Rate]:
    return MappingProxyType(
        {
            # Trakt takes 500 in any 5 minutes: these are 480 in the worst of them.
            "read": Rate(interval_ms=750, at_once=80),
            "write": Rate(interval_ms=round(write_every_s * 1000), at_once=1),
        }
    )


RATES: Final = rates(write_every_s=1.1)
"""Trakt takes one change a second, by when they arrive."""


class _Told(msgspec.Struct, frozen=True):
    """`X-Ratelimit`. `until` ends its period."""

    remaining: int | None = None
    until: str | None = None


def rest_s(fetched: Fetched, now_s: float) -> float | None:
    """For how long Trakt wants quiet; None where it doesn't say, or wants none.

    As it says in `Retry-After`, else until the end of a period in which nothing is left, by its own clock.
    """
    if fetched.retry_after_s is not None:
        return fetched.retry_after_s
    try:
        told = msgspec.json.decode(fetched.headers.get("X-Ratelimit", ""), type=_Told)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    ends_ms = moment_ms(told.until)
    if told.remaining != 0 or ends_ms is None:
        return None
    return max(0.0, ends_ms / 1000 - _date_s(fetched, now_s))


def _date_s(fetched: Fetched, now_s: float) -> float:
    try:
        return parsedate_to_datetime(fetched.headers["Date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return now_s


class Budget:
    """`uniform` (low, high) is where jitter comes from."""

    def __init__(
        self,
        store: BudgetStore,
        clock: Clock,
        *,
        rates: Mapping[CallKind, Rate] = RATES,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rates = rates
        self._uniform = uniform

    def of(self, subject: str) -> AccountBudget:
        return AccountBudget(self._store, self._clock, subject, self._rates, self._uniform)

    async def forget_rested(self) -> None:
        """Rows that say nothing any more."""
        await self._store.forget_rested(before_ms=int((self._clock.time() - REST_AT_MOST_S) * 1000))


class AccountBudget:
    """One account's; a `Pace` of its client."""

    def __init__(
        self,
        store: BudgetStore,
        clock: Clock,
        subject: str,
        rates: Mapping[CallKind, Rate],
        uniform: Callable[[float, float], float],
    ) -> None:
        self._store = store
        self._clock = clock
        self._subject = subject
        self._rates = rates
        self._uniform = uniform
        self._strikes = dict[CallKind, int]()

    async def take(self, kind: CallKind, deadline: Deadline | None) -> None:
        """Wait for the next turn. Raises TooMany at once when that would come too late."""
        until = deadline or Deadline.after(self._clock, PATIENCE_S)
        rate = self._rates[kind]
        while True:
            turn = await self._store.take(
                self._subject,
                kind,
                now_ms=epoch_ms(self._clock),
                interval_ms=rate.interval_ms,
                tolerance_ms=rate.tolerance_ms,
            )
            self._strikes[kind] = turn.strikes
            if not turn.wait_ms:
                return
            wait_s = turn.wait_ms / 1000
            if wait_s > until.remaining_s:
                raise TooMany("Trakt can't be asked more at the moment.", retry_after_s=wait_s)
            await self._clock.sleep(wait_s)

    async def heed(self, kind: CallKind, fetched: Fetched) -> None:
        """Take what an answer says of how much more may be asked for everybody who asks for this account."""
        told_s = rest_s(fetched, self._clock.time())
        if told_s is not None:
            await self._rest(kind, min(told_s, REST_AT_MOST_S))
        elif fetched.status == _TOO_MANY:
            await self._rest_all()
        elif self._strikes.get(kind):
            await self._store.answered(self._subject, kind)

    async def _rest_all(self) -> None:
        """A server before Trakt has refused, which tells nothing, and to which all calls are the same."""
        strikes = max(self._strikes.values(), default=0)
        told_s = min(LONGEST_REST_S, FIRST_REST_S * 2 ** min(strikes, 10))
        for each in self._rates:
            await self._rest(each, told_s * self._uniform(0.75, 1.25))

    async def _rest(self, kind: CallKind, rest_s: float) -> None:
        rate, now_ms = self._rates[kind], epoch_ms(self._clock)
        # The first call after it is one, not as many as after a quiet time.
        due_ms = now_ms + int(rest_s * 1000) + rate.tolerance_ms - rate.interval_ms
        await self._store.rest(self._subject, kind, due_ms=due_ms, beyond_ms=now_ms + BEYOND_MS)
