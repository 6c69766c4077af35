"""What a provider tells of one film or series, asked for when somebody wants to know, and ahead of that.

Nothing a provider says by being away is believed: what it told before stays, with a sentence why it is old.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.handover import ProviderAccess, StepDone
from libs.common.db import Database
from libs.common.deadline import Deadline
from libs.common.http import ConnectionReset, Unreachable
from libs.common.resilience import UpstreamResting
from libs.common.secrets import SecretsError
from libs.common.tasks import Tasks
from libs.protocols.xtream.errors import Blocked, LoginRefused, NothingThere, TooManyRequests
from libs.providers.states import EXPECTED, NOT_ASKED, state_of
from services.catalog.errors import ItemNotFound, ProviderNotFound
from services.catalog.library.told import episodes_told, facts_of, movie_told, seasons_told, series_told
from services.catalog.library_model import KINDS, Detailed, Provider, Season, Told
from services.catalog.model import Owner
from services.catalog.sources.panel import LONGEST_REST_S, REST_S, Panels
from services.catalog.store.library.details import Asked, DetailStore, Facts, Held, still_there
from services.catalog.store.library.episodes import EpisodeStore, ToldEpisode
from services.catalog.store.library.providers import ProviderStore

log = structlog.get_logger(__name__)

WAIT_S: Final = 8.0
"""Somebody looks at a page meanwhile; the question goes on, and its answer is there the next time."""
FLIGHT_S: Final = 60.0
ROOM_S: Final = 3.0
"""A question that is begun ahead of time with less than this left would hardly be answered."""

DAY_MS: Final = 24 * 3600 * 1000
KNOWN_MS: Final = 30 * DAY_MS
"""A series says when it last changed, and a film does not change."""
UNKNOWN_MS: Final = 2 * DAY_MS
"""Of a series that doesn't say, and of what the provider has nothing to tell about."""
RETRY_MS: Final = 10 * 60 * 1000
LONGEST_RETRY_MS: Final = DAY_MS
BELIEVED: Final = 3
"""So many times in a row a series says that it has lost all its episodes, before they go."""

AWAY: Final = (*NOT_ASKED, TooManyRequests, LoginRefused, Blocked, Unreachable, ConnectionReset)
"""They say nothing about the one item that was asked for."""

NOT_YET: Final = "The provider has not answered yet. Ask again in a moment."
SILENT: Final = "The provider told nothing of it the last time. What it told before is shown."
FAILED: Final = "The provider's answer could not be read the last time. It is asked again later."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a question. `is_away` says that the next one would fare no better, for `wait_s` or so."""

    problem: str = ""
    is_away: bool = False
    wait_s: float = REST_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a panel told, as it is kept. Of films there are no episodes."""

    told: Told = field(default_factory=Told)
    facts: Facts = field(default_factory=Facts)
    seasons: Sequence[Season] = ()
    episodes: Sequence[ToldEpisode] = ()


class Details:
    """Details as they are held; the provider is asked first where they are missing or old."""

    def __init__(
        self,
        database: Database,
        providers: ProviderStore,
        panels: Panels,
        *,
        opened: Callable[[Provider], ProviderAccess],
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._db = database
        self._store = DetailStore(database)
        self._episodes = EpisodeStore(database)
        self._providers = providers
        self._panels = panels
        self._opened = opened
        self._tasks = tasks
        self._clock = clock
        self._flights: dict[int, asyncio.Task[Outcome]] = {}

    async def of_series(self, owner: Owner, item: int, *, deadline: Deadline) -> Detailed:
        """Of the series of that number. Raises ItemNotFound; a provider that is away is a `problem`."""
        return await self._of(owner, item, KINDS["series"], deadline)

    async def of_movie(self, owner: Owner, item: int, *, deadline: Deadline) -> Detailed:
        """The same of a film."""
        return await self._of(owner, item, KINDS["movies"], deadline)

    async def fill(self, provider_id: str, *, limit: int, deadline: Deadline) -> StepDone:
        """Asks for the details of some items that lack them, series first. Raises ProviderNotFound."""
        provider = await self._providers.get(provider_id)
        if provider is None:
            raise ProviderNotFound("There is no such account.")
        if provider.kind == "m3u":
            return StepDone(done=0, left=0)
        done = failed = 0
        outcome = Outcome()
        for asked in await self._due(provider.number, limit):
            if deadline.remaining_s < ROOM_S:
                break
            outcome = await self._landed(asked, deadline)
            if outcome.is_away:
                break
            done, failed = done + 1, failed + bool(outcome.problem)
        return StepDone(
            done=done,
            left=await self._left(provider.number),
            failed=failed,
            wait_s=outcome.wait_s if outcome.is_away else 0.0,
            problem=outcome.problem if outcome.is_away else "",
        )

    async def _of(self, owner: Owner, item: int, kind: int, deadline: Deadline) -> Detailed:
        asked = await self._store.asked(owner, item, kind)
        if asked is None:
            raise ItemNotFound("Nothing of your library has this id.")
        held, problem = await self._store.held(item), ""
        if asked.provider_kind == "xtream":
            if self._is_due(held, asked):
                problem = (await self._landed(asked, deadline.sooner(WAIT_S))).problem
                held = await self._store.held(item)
            elif held is not None and held.failures:
                problem = SILENT if held.fetched_at else FAILED
        return await self._detailed(item, held, problem)

    async def _detailed(self, item: int, held: Held | None, problem: str) -> Detailed:
        seasons, episodes = await self._episodes.of_series(item)
        return Detailed(
            told=Told() if held is None else held.told,
            seasons=seasons,
            episodes=episodes,
            fetched_at=None if held is None else held.fetched_at or None,
            problem=problem,
        )

    async def _due(self, number: int, limit: int) -> list[Asked]:
        now = epoch_ms(self._clock)
        found = await self._store.due(number, KINDS["series"], now=now, limit=limit)
        if len(found) < limit:
            found += await self._store.due(number, KINDS["movies"], now=now, limit=limit - len(found))
        return found

    async def _left(self, number: int) -> int:
        now = epoch_ms(self._clock)
        return sum([await self._store.left(number, KINDS[kind], now=now) for kind in ("series", "movies")])

    def _is_due(self, held: Held | None, asked: Asked) -> bool:
        if held is None or held.next_at <= epoch_ms(self._clock):
            return True
        return asked.kind == KINDS["series"] and not held.failures and held.modified != asked.added

    async def _landed(self, asked: Asked, deadline: Deadline) -> Outcome:
        """What comes of the question, which everybody who asks it meanwhile shares."""
        flight = self._flights.get(asked.item)
        if flight is None:
            flight = self._tasks.spawn("library_details", self._ask(asked))
            self._flights[asked.item] = flight
            flight.add_done_callback(lambda _: self._flights.pop(asked.item, None))
        await asyncio.wait({flight}, timeout=deadline.remaining_s)
        if not flight.done():
            return Outcome(problem=NOT_YET)
        return flight.result()

    async def _ask(self, asked: Asked) -> Outcome:
        provider = await self._providers.get(asked.provider)
        if provider is None:
            return Outcome(is_away=True)
        rests_s = (provider.rests_until - epoch_ms(self._clock)) / 1000
        if rests_s > 0:
            return Outcome(problem=state_of(UpstreamResting(rests_s)).problem, is_away=True, wait_s=rests_s)
        try:
            access = self._opened(provider)
        except SecretsError:
            return Outcome(problem="The account can't be opened. Enter its password again.", is_away=True)
        deadline = Deadline.after(self._clock, FLIGHT_S)
        try:
            answer = await self._answer(asked, access, deadline)
        except EXPECTED as error:
            return await self._note_failure(asked, error)
        return await self._keep(asked, answer)

    async def _answer(self, asked: Asked, access: ProviderAccess, deadline: Deadline) -> Answer:
        """Raises one of EXPECTED. What the panel has nothing of is an answer, and empty."""
        try:
            if asked.kind == KINDS["movies"]:
                movie = await self._panels.movie(access, asked.panel_id, deadline=deadline)
                return Answer(told=movie_told(movie), facts=facts_of(movie.title))
            series = await self._panels.series(access, asked.panel_id, deadline=deadline)
        except NothingThere:
            return Answer()
        return Answer(
            told=series_told(series),
            facts=facts_of(series.title),
            seasons=seasons_told(series),
            episodes=episodes_told(series),
        )

    async def _note_failure(self, asked: Asked, error: Exception) -> Outcome:
        if isinstance(error, LoginRefused):
            # Known at once, and not only with the next sync.
            await self._providers.put_state(asked.provider, state_of(error), at=epoch_ms(self._clock))
        if isinstance(error, TooManyRequests):
            # Told to every replica: each question of another one would prolong a ban.
            rests_s = min(error.retry_after_s or REST_S, LONGEST_REST_S)
            await self._providers.rest(asked.provider, until=epoch_ms(self._clock) + int(rests_s * 1000))
        if isinstance(error, AWAY):
            wait_s = self._panels.rests_s(asked.provider) or REST_S
            return Outcome(problem=state_of(error).problem, is_away=True, wait_s=wait_s)
        await self._store.fail(asked, next_at=await self._retry_at(asked))
        log.info(
            "library_details_failed", provider=asked.provider, item=asked.item, reason=type(error).__name__
        )
        return Outcome(problem=state_of(error).problem)

    async def _keep(self, asked: Asked, answer: Answer) -> Outcome:
        is_silent = answer.told == Told() if asked.kind == KINDS["movies"] else not answer.episodes
        if is_silent and not await self._is_believed(asked):
            await self._store.fail(asked, next_at=await self._retry_at(asked))
            return Outcome(problem=SILENT)
        now = epoch_ms(self._clock)
        is_known = not is_silent and (asked.kind == KINDS["movies"] or asked.added > 0)
        async with self._db.transaction() as tx:
            if not await still_there(tx, asked):
                return Outcome()
            next_at = now + (KNOWN_MS if is_known else UNKNOWN_MS)
            await self._store.put(tx, asked, answer.told, at=now, next_at=next_at)
            await self._store.supplement(tx, asked, answer.facts)
            if asked.kind == KINDS["series"]:
                await self._episodes.put(tx, asked.number, asked.item, answer.seasons, answer.episodes)
        return Outcome()

    async def _is_believed(self, asked: Asked) -> bool:
        """Silence about what was told before has to be repeated."""
        held = await self._store.held(asked.item)
        if held is None or not held.fetched_at or held.failures + 1 >= BELIEVED:
            return True
        if asked.kind == KINDS["movies"]:
            return held.told == Told()
        return not await self._episodes.has_any(asked.item)

    async def _retry_at(self, asked: Asked) -> int:
        held = await self._store.held(asked.item)
        failures = 0 if held is None else held.failures
        return epoch_ms(self._clock) + min(RETRY_MS << min(failures, 10), LONGEST_RETRY_MS)
