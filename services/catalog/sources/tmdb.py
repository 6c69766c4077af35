"""TMDB as catalog asks it: at a rate that it allows, and not while it is down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.http import FetchError
from libs.common.ratelimit import Engine, Limit, Rate
from libs.common.resilience import BreakerOpen, LimitExceeded, Upstream, UpstreamResting
from libs.protocols.tmdb.client import SearchKind, Source, TmdbClient
from libs.protocols.tmdb.errors import (
    AnswerUnreadable,
    NothingThere,
    ServiceDown,
    TmdbError,
    TooManyRequests,
)
from libs.protocols.tmdb.key import TmdbKey
from libs.protocols.tmdb.wire import Details, Found, Kind, SearchPage, Season
from services.catalog.sources.pace import turn

NOT_ASKED = (BreakerOpen, UpstreamResting, LimitExceeded)
EXPECTED = (FetchError, TmdbError, *NOT_ASKED)
"""Everything TMDB may do to us; anything else is a mistake of ours and stays what it is."""

HELD = (TooManyRequests, UpstreamResting, LimitExceeded)
AWAY = (FetchError, ServiceDown, AnswerUnreadable, BreakerOpen)

UPSTREAM = "tmdb"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """How TMDB last did, as this process saw it. `rests_s` is how long it is not asked."""

    state: Literal["works", "rate_held", "away"]
    detail: str
    rests_s: float


class Pace:
    """Turns of which no second ever holds more than `per_second`, counted by `engine`: for all replicas.

    An eighth of them may be taken at once, so that a title's few questions don't wait for each other.
    """

    def __init__(self, engine: Engine, per_second: int, clock: Clock) -> None:
        at_once = max(1, per_second // 8)
        self._limits = (Limit("tmdb", (Rate("tmdb", per_second - at_once, 1, at_once),)),)
        self._engine = engine
        self._clock = clock

    async def turn(self, deadline: Deadline) -> None:
        """Waits for the next turn. Raises LimitExceeded at once when it would come too late."""
        await turn(self._engine, UPSTREAM, self._limits, clock=self._clock, deadline=deadline)


class TmdbSource:
    """One for the process: everybody's questions share its pace, its breaker and its limit."""

    def __init__(self, client: TmdbClient, upstream: Upstream, pace: Pace) -> None:
        self._client = client
        self._upstream = upstream
        self._pace = pace
        self._last: Exception | None = None

    @property
    def seen(self) -> Seen:
        """Works, unless the last answer says otherwise: what is held or away is asked again by itself."""
        rests_s = self._upstream.state.retry_after_s
        if isinstance(self._last, AWAY):
            return Seen("away", str(self._last), rests_s)
        if rests_s > 0:
            return Seen("rate_held", str(self._last or ""), rests_s)
        return Seen("works", "", 0.0)

    async def check_key(self, key: TmdbKey, *, deadline: Deadline) -> None:
        """Raises one of EXPECTED; KeyRefused for a key that TMDB doesn't know."""
        await self._call(lambda until: self._client.check_key(key, deadline=until), deadline)

    async def search(
        self,
        key: TmdbKey,
        kind: SearchKind,
        query: str,
        *,
        language: str,
        year: int | None,
        page: int,
        deadline: Deadline,
    ) -> SearchPage:
        """Raises one of EXPECTED."""
        return await self._call(
            lambda until: self._client.search(
                key, kind, query, language=language, year=year, page=page, deadline=until
            ),
            deadline,
        )

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

    async def seasons(
        self, key: TmdbKey, number: int, seasons: Sequence[int], *, language: str, deadline: Deadline
    ) -> list[Season]:
        """Episodes of up to 20 seasons. Raises one of EXPECTED."""
        return await self._call(
            lambda until: self._client.seasons(key, number, seasons, language=language, deadline=until),
            deadline,
        )

    async def _call(self, ask: Callable[[Deadline], Awaitable[T]], deadline: Deadline) -> T:
        async def in_turn(until: Deadline) -> T:
            await self._pace.turn(until)
            return await ask(until)

        try:
            answer = await self._upstream.call(in_turn, deadline=deadline)
        except EXPECTED as error:
            # A key that is refused, or a title that isn't there, is an answer.
            self._last = error if isinstance(error, (*HELD, *AWAY)) else None
            raise
        self._last = None
        return answer
