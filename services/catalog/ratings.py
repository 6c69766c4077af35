"""IMDb's ratings of whatever ids somebody holds: one question to the database, however many they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from libs.common.contracts.imdb import Rating
from libs.protocols.imdb.ids import title_id, title_number
from services.catalog.store.ratings import Rated, RatingStore

Place: TypeAlias = tuple[int, int, int]
"""Series, season, episode."""

_EPISODE = re.compile(r"(tt[0-9]{1,9}):([0-9]{1,9}):([0-9]{1,9})")


class Ratings:
    """Answers for titles (`tt0133093`) and episodes by place (`tt0903747:1:2`)."""

    def __init__(self, store: RatingStore) -> None:
        self._store = store

    async def any(self) -> bool:
        """Whether there are ratings here at all: only once somebody accepted their licence."""
        return await self._store.any()

    async def of(self, ids: Iterable[str]) -> dict[str, Rating]:
        """By id as asked; what has no rating, and what is no IMDb id, isn't there."""
        read = {id_: place for id_ in ids if (place := read_id(id_)) is not None}
        if not read:
            return {}
        titles = sorted({place for place in read.values() if isinstance(place, int)})
        places = sorted({place for place in read.values() if not isinstance(place, int)})
        by_place: dict[int | Place, Rated] = {}
        for rated in await self._store.find(titles, places):
            where = rated.place or rated.id
            # A place that IMDb gave to two episodes is rated by the one that more people saw.
            if where not in by_place or by_place[where].votes < rated.votes:
                by_place[where] = rated
        return {id_: _rating(id_, by_place[place]) for id_, place in read.items() if place in by_place}


def read_id(text: str) -> int | Place | None:
    """The number of a title, or the place of an episode; None for any other id."""
    number = title_number(text)
    if number is not None:
        return number
    found = _EPISODE.fullmatch(text)
    series = title_number(found[1]) if found is not None else None
    if found is None or series is None:
        return None
    return series, int(found[2]), int(found[3])


def _rating(id_: str, rated: Rated) -> Rating:
    return Rating(id=id_, imdb_id=title_id(rated.id), rating=rated.tenths / 10, votes=rated.votes)
