"""How often an account may ask: 500 questions in any five minutes, one change a second."""

from __future__ import annotations

import json
import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from aiohttp import web

from libs.common.clock import Clock
from tests.fakes.trakt.person import Person, moment

JITTER_S = 0.05
"""What two changes that left a second apart may come closer on their way."""


@dataclass
class Limits:
    clock: Clock
    reads: int = 500
    period_s: float = 300.0
    writes: int = 1
    write_period_s: float = 1.0
    read_at: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    """By account: when each question was answered that is not too old to count."""
    written_at: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    refused: int = 0
    most_read: int = 0
    """The most questions of one account, answered or not, in any period."""
    _asked_at: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def check(self, method: str, person: Person) -> web.Response | None:
        """A refusal, or None and the call is counted."""
        if method != "GET":
            return self._check(
                "AUTHED_API_POST_LIMIT",
                self.written_at[person.name],
                self.writes,
                self.write_period_s - JITTER_S,
            )
        asked = self._asked_at[person.name]
        self._age(asked, self.period_s)
        asked.append(self.clock.time())
        self.most_read = max(self.most_read, len(asked))
        return self._check("AUTHED_API_GET_LIMIT", self.read_at[person.name], self.reads, self.period_s)

    def _check(self, name: str, calls: deque[float], most: int, period_s: float) -> web.Response | None:
        self._age(calls, period_s)
        now = self.clock.time()
        if len(calls) < most:
            calls.append(now)
            return None
        self.refused += 1
        until = calls[0] + period_s
        told = {
            "name": name,
            "period": math.ceil(period_s),
            "limit": most,
            "remaining": 0,
            "until": moment(int(until * 1000)),
        }
        headers = {"Retry-After": str(max(1, math.ceil(until - now))), "X-Ratelimit": json.dumps(told)}
        return web.Response(status=429, headers=headers)

    def _age(self, calls: deque[float], period_s: float) -> None:
        while calls and calls[0] <= self.clock.time() - period_s:
            calls.popleft()
