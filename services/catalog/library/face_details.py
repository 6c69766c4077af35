"""One film or series as players read it, with what its provider tells beyond the list."""

from __future__ import annotations

from libs.common.deadline import Deadline
from services.catalog.library.details import Details
from services.catalog.library.face_making import genre_names
from services.catalog.library.face_rows import movie_info, series_info
from services.catalog.library.face_shapes import FaceMovieInfo, FaceSeriesInfo
from services.catalog.library.face_shelves import MOVIES, SERIES
from services.catalog.model import Owner
from services.catalog.store.library.face import FaceItem, FaceStore


class FaceDetails:
    """A provider that is away leaves what is known: players show no reasons."""

    def __init__(self, store: FaceStore, details: Details) -> None:
        self._store = store
        self._details = details

    async def movie(self, owner: Owner, number: int, *, deadline: Deadline) -> FaceMovieInfo | None:
        item = await self._store.item(owner, MOVIES, number)
        if item is None:
            return None
        detailed = await self._details.of_movie(owner, number, deadline=deadline)
        return movie_info(item, await self._others(item), detailed, genres=await self._genres(item))

    async def series(self, owner: Owner, number: int, *, deadline: Deadline) -> FaceSeriesInfo | None:
        item = await self._store.item(owner, SERIES, number)
        if item is None:
            return None
        detailed = await self._details.of_series(owner, number, deadline=deadline)
        return series_info(item, await self._others(item), detailed, genres=await self._genres(item))

    async def _others(self, item: FaceItem) -> list[int]:
        return (await self._store.other_categories([item.id])).get(item.id, [])

    async def _genres(self, item: FaceItem) -> str:
        return genre_names(item.genres, await self._store.genres()) if item.genres else ""
