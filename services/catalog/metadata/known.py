"""What TMDB knows of a title: from the cache, else from the database, else asked, once for everybody.

Whatever goes wrong at TMDB, what it said before stays, for as long as its terms allow to keep it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import msgspec

from libs.addons.freshness import Freshness, freshness_of
from libs.common.cache import Cache, Lives, Loaded, LoadTimedOut
from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.catalog import CacheState
from libs.common.deadline import Deadline
from libs.common.errors import Unavailable
from libs.protocols.imdb.ids import title_number
from libs.protocols.tmdb.client import MAX_SEASONS, Source
from libs.protocols.tmdb.errors import KeyRefused
from libs.protocols.tmdb.key import TmdbKey
from libs.protocols.tmdb.wire import Found, Kind, Season
from services.catalog.metadata.errors import TmdbKeyMissing, TmdbTimedOut
from services.catalog.metadata.facts import episodes_of, facts_of
from services.catalog.metadata.failures import NOT_YET, told
from services.catalog.metadata.model import Facts, HeldKey, Question
from services.catalog.metadata.named import the_one, year_and_name
from services.catalog.sources.tmdb import EXPECTED, TmdbSource
from services.catalog.store.title_ids import TitleIdStore
from services.catalog.store.tmdb_titles import StoredTitle, TmdbTitleStore

CACHE_VERSION: Final = 1
"""Of `Facts`, raised when their shape changes."""

MINUTE_S: Final = 60
HOUR_S: Final = 60 * MINUTE_S
DAY_S: Final = 24 * HOUR_S

FRESH: Final = Lives(DAY_S, DAY_S, 7 * DAY_S)
NOTHING: Final = Lives(HOUR_S)
"""A title that TMDB hasn't may be added any day."""
STANDING_IN: Final = Lives(MINUTE_S)
"""For what is older than a day, while TMDB can't be asked."""

KEPT_S: Final = 180 * DAY_S
"""Six months: TMDB's terms allow no longer."""

ASKING_S: Final = 10.0
"""For all questions about a title together. Whoever waits for them leaves long before."""
HAVING_S: Final = 1.5
"""The same where something older is at hand: in time for whoever waits."""

MOST_SEASONS: Final = 3 * MAX_SEASONS

OLD: Final = {"old": "1"}

Refused = Callable[[HeldKey], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Known:
    """`facts` are None for a title that TMDB hasn't."""

    facts: Facts | None
    freshness: Freshness
    state: CacheState


class Knowledge:
    """Answers are shared by everybody who has a key: they are the same for all."""

    def __init__(
        self,
        source: TmdbSource,
        store: TmdbTitleStore,
        ids: TitleIdStore,
        *,
        cache: Cache,
        clock: Clock,
        refused: Refused,
    ) -> None:
        """`refused` is told of a key that TMDB doesn't take any more."""
        self._source = source
        self._store = store
        self._ids = ids
        self._cache = cache
        self._clock = clock
        self._refused = refused
        self._decoder = msgspec.msgpack.Decoder(Facts | None)

    async def of(self, held: HeldKey, question: Question, *, deadline: Deadline) -> Known:
        """Raises a HeadgateError when TMDB can't say and has said nothing before.

        What takes longer than `deadline` is there the next time.
        """

        async def load() -> Loaded:
            return await self._load(held, question)

        try:
            lookup = await self._cache.get_or_load(question.name, load, wait_s=deadline.remaining_s)
        except LoadTimedOut as error:
            raise TmdbTimedOut(NOT_YET) from error
        state: CacheState = "stale" if lookup.entry.info else lookup.state
        facts = self._decoder.decode(lookup.entry.value)
        return Known(facts, freshness_of(lookup, self._clock.time()), state)

    async def heard(self, held: HeldKey, error: Exception) -> None:
        """What TMDB did when it was asked with that key: only of the key itself is anything kept."""
        if isinstance(error, KeyRefused):
            with suppress(Unavailable):
                await self._refused(held)

    async def forget_old(self) -> None:
        await self._store.drop_older(int((self._clock.time() - KEPT_S) * 1000))

    async def _load(self, held: HeldKey, question: Question) -> Loaded:
        stored = await self._stored(question)
        age_s = self._clock.time() - stored.fetched_at / 1000 if stored is not None else KEPT_S
        if stored is not None and age_s < DAY_S:
            return Loaded(stored.facts, Lives(DAY_S - age_s, DAY_S, 7 * DAY_S))
        try:
            facts = await self._ask(held, question, ASKING_S if stored is None else HAVING_S)
        except EXPECTED as error:
            await self.heard(held, error)
            if stored is None:
                raise told(error) from error
            return Loaded(stored.facts, STANDING_IN, info=OLD)
        if facts is None:
            # What TMDB has taken away stays as it was, too.
            return Loaded(msgspec.msgpack.encode(None) if stored is None else stored.facts, NOTHING)
        encoded = msgspec.msgpack.encode(facts)
        with suppress(Unavailable):  # said by the database's own health
            await self._store.put(question.name, encoded, at=epoch_ms(self._clock))
            if (imdb := title_number(facts.imdb_id)) is not None:
                await self._ids.put(facts.kind, facts.tmdb_id, imdb)
        return Loaded(encoded, FRESH)

    async def _stored(self, question: Question) -> StoredTitle | None:
        try:
            stored = await self._store.get(question.name)
        except Unavailable:
            return None
        if stored is None or self._clock.time() - stored.fetched_at / 1000 >= KEPT_S:
            return None
        try:
            self._decoder.decode(stored.facts)
        except msgspec.DecodeError:
            return None  # as another version wrote it
        return stored

    async def _ask(self, held: HeldKey, question: Question, within_s: float) -> Facts | None:
        deadline = Deadline.after(self._clock, within_s)
        place = await self._place(held, question, deadline)
        if place is None:
            return None
        kind, number = place
        details = await self._source.details(
            _key(held), kind, number, language=question.language, deadline=deadline
        )
        if details is None:
            return None
        facts = facts_of(kind, details, question.language)
        if not question.episodes or kind != "tv":
            return facts
        numbers = [season.season_number for season in details.seasons if season.episode_count][:MOST_SEASONS]
        seasons: list[Season] = []
        for first in range(0, len(numbers), MAX_SEASONS):
            seasons += await self._source.seasons(
                _key(held),
                number,
                numbers[first : first + MAX_SEASONS],
                language=question.language,
                deadline=deadline,
            )
        return msgspec.structs.replace(facts, episodes=episodes_of(seasons))

    async def _place(self, held: HeldKey, question: Question, deadline: Deadline) -> tuple[Kind, int] | None:
        """Kind and number of the title at TMDB."""
        if question.system == "tmdb" and question.kind is not None:
            return question.kind, int(question.id)
        if question.system == "name" and question.kind is not None:
            return await self._named(held, question, question.kind, deadline)
        source: Source = "imdb_id" if question.system == "imdb" else "tvdb_id"
        found = await self._source.find(_key(held), source, question.id, deadline=deadline)
        return _found(found, question)

    async def _named(
        self, held: HeldKey, question: Question, kind: Kind, deadline: Deadline
    ) -> tuple[Kind, int] | None:
        """In the profile's language, then in English: names of results are in the language asked."""
        year, name = year_and_name(question.id)
        for language in dict.fromkeys((question.language, "")):
            # Not by year, which would leave out what is a year off.
            page = await self._source.search(
                _key(held), kind, name, language=language, year=None, page=1, deadline=deadline
            )
            number = the_one(page.results, name, year)
            if number is not None:
                return kind, number
        return None


def _found(found: Found, question: Question) -> tuple[Kind, int] | None:
    """An IMDb id stands for one title, whichever kind an addon takes it for; a number of TVDB does not."""
    by_kind: dict[Kind, tuple[int, ...]] = {
        "movie": tuple(item.id for item in found.movie_results),
        "tv": tuple(item.id for item in found.tv_results),
    }
    kinds: list[Kind] = [question.kind] if question.kind is not None else []
    if question.system == "imdb":
        kinds += ["movie", "tv"]
    return next(((kind, by_kind[kind][0]) for kind in kinds if by_kind[kind]), None)


def _key(held: HeldKey) -> TmdbKey:
    if held.key is None:
        raise TmdbKeyMissing("The key of TMDB can't be used.")
    return held.key
