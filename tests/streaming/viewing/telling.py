"""What sync would hand over, said in a line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from libs.common.contracts.viewing_handover import (
    Among,
    ListedRow,
    Part,
    PlaybackRow,
    Row,
    ToldCounts,
    ToldPart,
    ViewingHandoverClient,
    WatchedRow,
)
from tests.fakes.clock import START
from tests.streaming.viewing.conftest import Viewer, within

NOW_MS = round(START * 1000)
HOUR_MS = 3600 * 1000


def film(id_: str = "tt1", *, ago_h: float = 1, plays: int = 1, name: str = "The Film") -> WatchedRow:
    return WatchedRow(video_id=id_, title_id=id_, type="movie", name=name, plays=plays, at=ago(ago_h))


def episode(
    season: int, number: int, *, of: str = "tt100", ago_h: float = 1, plays: int = 1, aired: int = 0
) -> WatchedRow:
    return WatchedRow(
        video_id=f"{of}:{season}:{number}",
        title_id=of,
        type="series",
        season=season,
        episode=number,
        name="The Show",
        plays=plays,
        at=ago(ago_h),
        aired=aired,
    )


def listed(id_: str, *, ago_h: float = 1, type_: str = "movie") -> ListedRow:
    return ListedRow(title_id=id_, type=type_, name=f"Called {id_}", at=ago(ago_h))


def stopped(id_: str, share: float, *, ago_h: float = 1, duration_s: float = 0) -> PlaybackRow:
    return PlaybackRow(
        video_id=id_, title_id=id_, type="movie", share=share, duration_s=duration_s, at=ago(ago_h)
    )


def ago(hours: float) -> int:
    return NOW_MS - round(hours * HOUR_MS)


async def tell(
    viewer: Viewer,
    part: Part,
    rows: Iterable[Row],
    *,
    source: str = "trakt",
    whole: bool = True,
    sure: bool = False,
    among: Among | None = None,
) -> ToldCounts:
    async def each() -> AsyncIterator[Row]:
        for row in rows:
            yield row

    return await client(viewer).tell(
        owner(viewer),
        source,
        part,
        each(),
        whole=whole,
        sure=sure,
        among=among,
        deadline=within(),
    )


async def take_back(viewer: Viewer, source: str = "trakt") -> ToldCounts:
    return await client(viewer).take_back(owner(viewer), source, deadline=within())


async def told(viewer: Viewer) -> list[ToldPart]:
    return list(await client(viewer).told(owner(viewer), deadline=within()))


def client(viewer: Viewer) -> ViewingHandoverClient:
    return ViewingHandoverClient(viewer.service.client)


def owner(viewer: Viewer) -> tuple[str, str]:
    return viewer.identity.account_id, viewer.identity.profile_id
