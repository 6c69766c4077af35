"""IMDb's ratings of whatever ids somebody holds: one question to the database, however many they are.

Anime have ids of their own: a list that was imported says where they are at IMDb.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from libs.common.contracts.imdb import Rating
from libs.protocols.imdb.ids import title_id, title_number
from services.catalog.identity.ids import System
from services.catalog.store.ratings import Anime, Place, Rated, RatingStore

ANIME: tuple[System, ...] = ("kitsu", "mal", "anilist", "anidb")

_EPISODE = re.compile(r"(tt[0-9]{1,9}):([0-9]{1,9}):([0-9]{1,9})")
_ANIME = re.compile(rf"({'|'.join(ANIME)}):([0-9]{{1,9}})(?::0*([1-9][0-9]{{0,8}}))?")


class Ratings:
    """Answers for titles (`tt0133093`), episodes by place (`tt0903747:1:2`), anime and theirs (`mal:5:3`)."""

    def __init__(self, store: RatingStore) -> None:
        self._store = store

    async def any(self) -> bool:
        """Whether there are ratings here at all: only once somebody accepted their licence."""
        return await self._store.any()

    async def of(self, ids: Iterable[str]) -> dict[str, Rating]:
        """By id as asked; what has no rating, and what is no such id, isn't there."""
        read = {id_: asked for id_ in ids if (asked := read_id(id_)) is not None}
        if not read:
            return {}
        titles, anime, places = set[int](), set[Anime](), set[Place]()
        for asked in read.values():
            match asked:
                case int():
                    titles.add(asked)
                case Anime():
                    anime.add(asked)
                case _:
                    places.add(asked)
        best: dict[int | Place | Anime, Rated] = {}
        for rated in await self._store.find(sorted(titles), sorted(places), sorted(anime)):
            # A place that IMDb gave to two episodes is rated by the one that more people saw.
            if rated.asked not in best or best[rated.asked].votes < rated.votes:
                best[rated.asked] = rated
        return {id_: _rating(id_, best[asked]) for id_, asked in read.items() if asked in best}


def asked_by(ids: Mapping[System, str]) -> str:
    """What a title with these ids is asked for by; "" where it has none that a rating can be found by."""
    if "imdb" in ids:
        return ids["imdb"]
    return next((f"{system}:{ids[system]}" for system in ANIME if system in ids), "")


def read_id(text: str) -> int | Place | Anime | None:
    """The number of a title, the place of an episode, or an anime; None for any other id."""
    number = title_number(text)
    if number is not None:
        return number
    anime = _ANIME.fullmatch(text)
    if anime is not None:
        return Anime(int(anime[2]), anime[1], int(anime[3] or 0))
    found = _EPISODE.fullmatch(text)
    series = title_number(found[1]) if found is not None else None
    if found is None or series is None:
        return None
    return series, int(found[2]), int(found[3])


def _rating(id_: str, rated: Rated) -> Rating:
    return Rating(id=id_, imdb_id=title_id(rated.id), rating=rated.tenths / 10, votes=rated.votes)
