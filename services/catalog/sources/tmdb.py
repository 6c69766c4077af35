"""TMDB as catalog asks it: at a rate that it allows, and not while it is down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.http import FetchError
from libs.common.resilience import BreakerOpen, LimitExceeded, Upstream, UpstreamResting
from libs.protocols.tmdb.client import Source, TmdbClient
from libs.protocols.tmdb.errors import NothingThere, TmdbError
from libs.protocols.tmdb.key import TmdbKey
from libs.protocols.tmdb.wire import Details, Found, Kind

NOT_ASKED = (BreakerOpen, UpstreamResting, LimitExceeded)
EXPECTED = (FetchError, TmdbError, *NOT_ASKED)
"""Everything TMDB may do to us; anything else is a mistake of ours and stays what it is."""

UPSTREAM = "tmdb"

T = TypeVar("T")


class Pace:
    """Turns of which no second ever holds more than `per_second`.

    An eighth of them may be taken at once, so that a title's few questions don't wait for each other.
    """

    def __init__(self, per_second: int, clock: Clock) -> None:
        at_once = max(1, per_second // 8)
        self._step_s = 1 / (per_second - at_once)
        self._slack_s = (at_once - 1) * self._step_s
        self._clock = clock
        self._due = clock.monotonic()

    async def turn(self, deadline: Deadline) -> None:
        """Waits for the next turn. Raises LimitExceeded at once when it would come too late."""
        now = self._clock.monotonic()
        at = max(now, self._due - self._slack_s)
        if at > deadline.at:
            raise LimitExceeded
        self._due = max(self._due, at) + self._step_s
        if at > now:
            await self._clock.sleep(at - now)


class TmdbSource:
    """One for the process: everybody's questions share its pace, its breaker and its limit."""

    def __init__(self, client: TmdbClient, upstream: Upstream, pace: Pace) -> None:
        self._client = client
        self._upstream = upstream
        self._pace = pace

    async def check_key(self, key: TmdbKey, *, deadline: Deadline) -> None:
        """Raises one of EXPECTED; KeyRefused for a key that TMDB doesn't know."""
        await self._call(lambda until: self._client.check_key(key, deadline=until), deadline)

    async def find(self, key: TmdbKey, source: Source, id_: str, *, deadline: Deadline) -> Found:
        """Raises one of EXPECTED."""
        return await self._call(lambda until: self._client.find(key, source, id_, deadline=until), deadline)

    async def details(
        self, key: TmdbKey, kind: Kind, number: int, *, language: str, deadline: Deadline
    ) -> Details | None:
        """None for a title that TMDB has not, or no more. Raises one of EXPECTED."""
        try:
            return await self._call(
                lambda until: self._client.details(key, kind, number, language=language, deadline=until),
                deadline,
            )
        except NothingThere:
            return None

    async def _call(self, ask: Callable[[Deadline], Awaitable[T]], deadline: Deadline) -> T:
        async def in_turn(until: Deadline) -> T:
            await self._pace.turn(until)
            return await ask(until)

        return await self._upstream.call(in_turn, deadline=deadline)
