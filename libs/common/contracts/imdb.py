"""What catalog keeps of IMDb's data sets: how sync hands them over, and how ratings are asked for.

Beside IMDb's own goes a list of which anime are which of its titles, handed over in the same way.

Rows travel as lines of JSON, each an array of rows, each row an array in the order of its table.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from urllib.parse import quote

import msgspec

from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.contracts.problems import error_from_problem
from libs.common.deadline import Deadline

SetName: TypeAlias = Literal["ratings", "episodes", "titles", "akas", "anime_ids"]

RatingRow: TypeAlias = tuple[int, int, int]
"""Title number, rating in tenths, votes."""
EpisodeRow: TypeAlias = tuple[int, int, int, int]
"""Series, season, episode, the episode's own title number."""
TitleRow: TypeAlias = tuple[int, str, str, str, int | None, int | None, int | None, str, bool]
"""Number, type, name, original name ("" where the same), year, last year, minutes, genres, adult."""
AkaRow: TypeAlias = tuple[int, int, str, str, str]
"""Title number, place in its list, name, region, language."""
AnimeRow: TypeAlias = tuple[int, str, int, int | None, int]
"""Number, system ("kitsu"), title number, season there if its episodes can be placed, episodes before it."""

LINE_BYTES = 2 * 1024 * 1024
"""Longest line taken; the reader makes lines of about 64 kB of the file, and JSON may make more of that."""


class SetState(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one data set. An empty `etag` means that it has to be read again."""

    name: SetName
    rows: int
    etag: str
    imported_at: datetime | None


class SetStates(msgspec.Struct, frozen=True):
    items: tuple[SetState, ...]


class Staged(msgspec.Struct, frozen=True):
    rows: int


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """Put what `run` has staged in place of what there is. `etag` is that of the file it was read from.

    What is kept of `spoilt` titles stays where nothing new of them was staged: their rows couldn't be read.
    """

    run: str
    etag: str
    spoilt: tuple[int, ...] = ()


class SwapCounts(msgspec.Struct, frozen=True, kw_only=True):
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """IMDb's rating of a title or an episode, 1.0 to 10.0. `id` is as asked, `imdb_id` the rated title's."""

    id: Annotated[str, msgspec.Meta(examples=["tt0903747:1:2"])]
    imdb_id: Annotated[str, msgspec.Meta(examples=["tt1054724"])]
    rating: Annotated[float, msgspec.Meta(examples=[8.4], ge=1, le=10)]
    votes: Annotated[int, msgspec.Meta(examples=[35120], ge=0)]


class RatingsWanted(msgspec.Struct, frozen=True):
    """IMDb ids of titles (`tt0133093`), and of episodes by place (`tt0903747:1:2`).

    Ids of Kitsu, MyAnimeList, AniList and AniDB too, of an anime (`kitsu:1`) or its episode (`mal:5:3`).
    """

    ids: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=100)], ...],
        msgspec.Meta(max_length=500, examples=[["tt0017136", "tt0903747:1:2"]]),
    ]


class RatingList(msgspec.Struct, frozen=True):
    """In the order asked, each id once; what has no rating is named in `missing`."""

    items: tuple[Rating, ...]
    missing: Annotated[tuple[str, ...], msgspec.Meta(examples=[["tt0017136"]])] = ()


class ImdbClient:
    """Typed calls to what catalog keeps of IMDb. Only services may hand over."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def states(self, *, deadline: Deadline) -> tuple[SetState, ...]:
        answer = await self._service.call(
            "GET", "/internal/catalog/imdb", identity=SERVICE, deadline=deadline, into=SetStates
        )
        return answer.items

    async def kept_ids(self, name: SetName, *, deadline: Deadline) -> bytes:
        """The titles that a data set has rows of, as the bytes of an IdSet."""
        answer = await self._service.raw(
            "GET", f"/internal/catalog/imdb/{name}/ids", identity=SERVICE, deadline=deadline
        )
        if answer.status >= 400:
            raise error_from_problem(answer.status, answer.body, answer.headers.get("Retry-After"))
        return answer.body

    async def stage(
        self, name: SetName, run: str, lines: AsyncIterable[bytes], *, deadline: Deadline
    ) -> Staged:
        """Hand over every row of a data set. Nothing is changed by it yet; a later `run` ends this one's."""
        return await self._service.hand_over(
            f"/internal/catalog/imdb/{name}/rows?run={quote(run, safe='')}",
            lines,
            "application/x-ndjson",
            identity=SERVICE,
            deadline=deadline,
            into=Staged,
        )

    async def swap(self, name: SetName, swap: Swap, *, deadline: Deadline) -> SwapCounts:
        """Raises Conflict, the old rows kept, for what would remove too much or was staged by another."""
        return await self._service.call(
            "POST",
            f"/internal/catalog/imdb/{name}/swap",
            identity=SERVICE,
            deadline=deadline,
            body=swap,
            into=SwapCounts,
        )
