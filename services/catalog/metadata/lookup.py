"""TMDB's own search and titles, for whoever asks for them by REST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from libs.addons.freshness import freshness_of
from libs.common.cache import Cache, Lives, Loaded, LoadTimedOut
from libs.common.clock import Clock
from libs.common.contracts.tmdb import (
    BACKGROUND_SIZES,
    POSTER_SIZES,
    TmdbFound,
    TmdbIds,
    TmdbTitle,
)
from libs.common.deadline import Deadline
from libs.protocols.tmdb.images import image_url
from libs.protocols.tmdb.key import TmdbKey
from libs.protocols.tmdb.wire import MAX_PAGE, SearchItem
from services.catalog.aggregate import Told
from services.catalog.metadata.complete import described
from services.catalog.metadata.errors import TmdbKeyMissing, TmdbTimedOut, TmdbTitleNotFound
from services.catalog.metadata.failures import NOT_YET, told
from services.catalog.metadata.known import ASKING_S, HOUR_S, Knowledge
from services.catalog.metadata.model import KINDS, Facts, HeldKey, Tmdb, question_of
from services.catalog.sources.tmdb import EXPECTED, TmdbSource

TitleType = Literal["movie", "series"]

TYPES: Final[dict[str, TitleType]] = {"movie": "movie", "tv": "series"}
"""By TMDB's kind."""

LIVES: Final = Lives(HOUR_S, HOUR_S, 24 * HOUR_S)


class FoundItems(msgspec.Struct, frozen=True, array_like=True):
    items: tuple[TmdbFound, ...]
    next_page: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; `type` None for films and series together. Pages begin with 1."""

    query: str
    type: TitleType | None = None
    year: int | None = None
    page: int = 1


class TmdbLookup:
    """Raises TmdbKeyMissing for whoever has no key that can be used."""

    def __init__(self, source: TmdbSource, knowledge: Knowledge, *, cache: Cache, clock: Clock) -> None:
        self._source = source
        self._knowledge = knowledge
        self._cache = cache
        self._clock = clock
        self._decoder = msgspec.msgpack.Decoder(FoundItems)

    async def search(self, tmdb: Tmdb, wanted: Wanted, *, deadline: Deadline) -> tuple[FoundItems, Told]:
        """20 titles of a page, less the persons that TMDB has among them. Raises what TMDB does to us."""
        held, key = _usable(tmdb)
        choice = tmdb.choice
        kind = "multi" if wanted.type is None else KINDS[wanted.type]

        async def load() -> Loaded:
            try:
                page = await self._source.search(
                    key,
                    kind,
                    wanted.query,
                    language=choice.language,
                    year=wanted.year,
                    page=wanted.page,
                    deadline=Deadline.after(self._clock, ASKING_S),
                )
            except EXPECTED as error:
                await self._knowledge.heard(held, error)
                raise told(error) from error
            items = (_found(item, item.media_type or kind) for item in page.results)
            last = min(page.total_pages, MAX_PAGE)
            found = FoundItems(
                tuple(item for item in items if item is not None),
                wanted.page + 1 if wanted.page < last else None,
            )
            return Loaded(msgspec.msgpack.encode(found), LIVES)

        asked = (kind, choice.language, wanted.year, wanted.page, wanted.query.strip().casefold())
        name = ":".join(map(str, ("search", *asked)))
        try:
            lookup = await self._cache.get_or_load(name, load, wait_s=deadline.remaining_s)
        except LoadTimedOut as error:
            raise TmdbTimedOut(NOT_YET) from error
        freshness = freshness_of(lookup, self._clock.time())
        return self._decoder.decode(lookup.entry.value), Told(freshness=freshness, state=lookup.state)

    async def title(self, tmdb: Tmdb, type_: str, id_: str, *, deadline: Deadline) -> tuple[TmdbTitle, Told]:
        """Raises TmdbTitleNotFound, also for ids of systems that TMDB doesn't know."""
        held, _ = _usable(tmdb)
        question = question_of(type_, id_, tmdb.choice.language)
        if question is None:
            raise TmdbTitleNotFound("TMDB can't be asked by this id.")
        known = await self._knowledge.of(held, question, deadline=deadline)
        if known.facts is None:
            raise TmdbTitleNotFound("TMDB has no such title.")
        return _title(known.facts, described(known.facts, type_, id_, tmdb.choice)), Told(
            freshness=known.freshness, state=known.state
        )


def _usable(tmdb: Tmdb) -> tuple[HeldKey, TmdbKey]:
    held = tmdb.held
    if held is None or held.key is None or not tmdb.asks:
        raise TmdbKeyMissing("Save a key of TMDB that works first.")
    return held, held.key


def _found(item: SearchItem, kind: str) -> TmdbFound | None:
    type_ = TYPES.get(kind)
    if type_ is None:
        return None
    year = (item.release_date or item.first_air_date or "")[:4]
    return TmdbFound(
        id=f"tmdb:{item.id}",
        type=type_,
        name=item.title or item.name,
        original_name=item.original_title or item.original_name,
        year=int(year) if year.isascii() and year.isdigit() else None,
        description=item.overview or "",
        poster=image_url(item.poster_path, "w342"),
    )


def _title(facts: Facts, meta: bytes) -> TmdbTitle:
    posters = {size: image_url(facts.poster, size) for size in POSTER_SIZES}
    backgrounds = {size: image_url(facts.background, size) for size in BACKGROUND_SIZES}
    return TmdbTitle(
        meta=msgspec.Raw(meta),
        ids=TmdbIds(
            tmdb=f"tmdb:{facts.tmdb_id}",
            imdb=facts.imdb_id or None,
            tvdb=str(facts.tvdb_id) if facts.tvdb_id else None,
            wikidata=facts.wikidata_id or None,
        ),
        posters={size: url for size, url in posters.items() if url is not None},
        backgrounds={size: url for size, url in backgrounds.items() if url is not None},
    )
