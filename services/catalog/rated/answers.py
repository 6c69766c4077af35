"""Rows, titles and searches with IMDb's ratings in them: one question to the database for a whole answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import msgspec

from libs.addons.items import Item
from libs.common.clock import Clock
from libs.common.contracts.catalog import SourceProblem
from libs.common.contracts.imdb import Rating
from libs.common.contracts.ratings import RatingSettings
from libs.common.errors import Unavailable
from services.catalog.aggregate import Found, RowPage, Title, Told
from services.catalog.model import BRIEF
from services.catalog.rated.metas import (
    Members,
    episode_id,
    rated_meta,
    rated_video,
    read_members,
    series_of,
    title_id,
    videos_of,
)
from services.catalog.ratings import Ratings

WAIT_S: Final = 1.0
"""How long an answer waits for its ratings: a hundred take a millisecond, and none is worth a late answer."""

LOOK_AGAIN_S: Final = 10.0
"""How often a hub without ratings looks whether it has some now. One that has some keeps them."""

BIG_BYTES: Final = 256 * 1024
"""From so much JSON on a thread does the work: it would be a stutter for everybody else."""

NO_RATINGS: Final = SourceProblem(
    "ratings", "IMDb's ratings", Unavailable.code, "The database can't be asked for them at the moment."
)

T = TypeVar("T")
RatingById = dict[str, Rating]


class RatedAnswers:
    """Fails open: without its ratings an answer is as the addons gave it, and is not to be kept for long.

    `texts` puts them into names and descriptions too, as far as the owner chose so: for players, which have
    no other place for them. Whoever asks by REST wants the texts as they are.
    """

    def __init__(self, ratings: Ratings, *, clock: Clock, wait_s: float = WAIT_S) -> None:
        self._ratings = ratings
        self._clock = clock
        self._wait_s = wait_s
        self._any = False
        self._looking = asyncio.Lock()
        self._look_at = clock.monotonic()

    async def page(self, page: RowPage, how: RatingSettings, *, texts: bool) -> RowPage:
        if not how.rows or page.kind == "addons" or not await self._has_any():
            return page
        items, found = await self._items(page.items, how, texts=texts)
        return replace(page, items=items, told=_told(page.told, found))

    async def found(self, found: Found, how: RatingSettings) -> Found:
        """What rows found, rated as rows are."""
        if not how.rows or not await self._has_any():
            return found
        places = found.gathered.places
        items, ratings = await self._items([place.item for place in places], how, texts=False)
        rated = tuple(replace(place, item=item) for place, item in zip(places, items, strict=True))
        return replace(found, gathered=replace(found.gathered, places=rated), told=_told(found.told, ratings))

    async def title(self, title: Title, how: RatingSettings, *, texts: bool) -> Title:
        if not (how.titles or how.episodes) or not await self._has_any():
            return title
        size = len(title.meta)
        asked = await _worked(size, lambda: _Asked(title.meta, how))
        found = await self._of(asked.ids, how)
        if not found:
            return replace(title, told=_told(title.told, found))
        meta = await _worked(size, lambda: asked.rated(found, how if texts else None))
        return replace(title, meta=meta)

    async def _items(
        self, items: Sequence[Item], how: RatingSettings, *, texts: bool
    ) -> tuple[tuple[Item, ...], RatingById | None]:
        size = sum(len(item.raw) for item in items)
        metas = await _worked(size, lambda: [read_members(item.raw) for item in items])
        ids = [title_id(meta) for meta in metas]
        found = await self._of(ids, how)
        if not found:
            return tuple(items), found
        within = how if texts else None
        rated = await _worked(
            size,
            lambda: tuple(
                Item(item.identity, msgspec.json.encode(rated_meta(meta, found[id_], within)))
                if id_ in found
                else item
                for item, meta, id_ in zip(items, metas, ids, strict=True)
            ),
        )
        return rated, found

    async def _of(self, ids: Sequence[str], how: RatingSettings) -> RatingById | None:
        """None where nobody can say."""
        try:
            async with asyncio.timeout(self._wait_s):
                found = await self._ratings.of(ids)
        except (Unavailable, TimeoutError):
            return None
        return {id_: rating for id_, rating in found.items() if rating.votes >= how.minimum_votes}

    async def _has_any(self) -> bool:
        if self._any:
            return True
        async with self._looking:
            if not self._any and self._clock.monotonic() >= self._look_at:
                try:
                    async with asyncio.timeout(self._wait_s):
                        self._any = await self._ratings.any()
                except (Unavailable, TimeoutError):
                    pass  # said by the database's own health
                self._look_at = self._clock.monotonic() + LOOK_AGAIN_S
        return self._any


class _Asked:
    """A title's meta, and what it and its episodes are asked by; "" for what is not asked for."""

    def __init__(self, raw: bytes, how: RatingSettings) -> None:
        self._meta = read_members(raw)
        self._videos = videos_of(self._meta) if how.episodes else []
        self._read: list[Members] = [read_members(video) for video in self._videos]
        self._own = title_id(self._meta) if how.titles else ""
        series = series_of(self._meta)
        self._places = [episode_id(video, series) for video in self._read]

    @property
    def ids(self) -> list[str]:
        return [self._own, *self._places]

    def rated(self, found: RatingById, texts: RatingSettings | None) -> bytes:
        meta = self._meta
        if self._own in found:
            meta = rated_meta(meta, found[self._own], texts)
        videos = [
            msgspec.Raw(msgspec.json.encode(rated_video(video, found[place], texts)))
            if place in found
            else raw
            for raw, video, place in zip(self._videos, self._read, self._places, strict=True)
        ]
        if videos:
            meta = {**meta, "videos": msgspec.Raw(msgspec.json.encode(videos))}
        return msgspec.json.encode(meta)


def _told(told: Told, found: RatingById | None) -> Told:
    """An answer whose ratings could not be had lacks a part, and is asked for again soon."""
    if found is not None:
        return told
    problems = (*told.problems, NO_RATINGS)
    return replace(told, freshness=told.freshness.least(BRIEF), state="partial", problems=problems)


async def _worked(size: int, work: Callable[[], T]) -> T:
    return work() if size < BIG_BYTES else await asyncio.to_thread(work)
