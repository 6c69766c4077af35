"""The guide as players read it: of one channel, and all of it."""

# ruff: noqa: S608  # only whole numbers are put into statements

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from libs.common.db import Database, Row

TOGETHER: Final = 2000


@dataclass(frozen=True, slots=True)
class Airing:
    guide_id: str
    start: int
    stop: int
    title: str
    subtitle: str
    plot: str
    categories: str
    icon: str
    season: int | None
    episode: int | None


class AiringStore:
    """Reads only. `provider` is the number of one that was looked up as the owner's."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def of_channel(
        self, provider: int, guide_id: str, *, since: int, until: int, limit: int
    ) -> list[Airing]:
        """What is on a channel between two moments, in epoch seconds."""
        rows = await self._db.fetch_all(
            "SELECT * FROM library_programmes WHERE provider = :provider AND guide_id = :guide_id"
            f" AND stop > :since AND start < :until ORDER BY start LIMIT {limit}",
            provider=provider,
            guide_id=guide_id,
            since=since,
            until=until,
        )
        return [_airing(row) for row in rows]

    async def all(self, provider: int) -> AsyncIterator[list[Airing]]:
        """All of a provider's, by channel and time."""
        guide_id, start = "", -1
        while True:
            rows = await self._db.fetch_all(
                "SELECT * FROM library_programmes WHERE provider = :provider"
                " AND (guide_id, start) > (:guide_id, :start)"
                f" ORDER BY guide_id, start LIMIT {TOGETHER}",
                provider=provider,
                guide_id=guide_id,
                start=start,
            )
            if rows:
                yield [_airing(row) for row in rows]
                guide_id, start = str(rows[-1]["guide_id"]), int(rows[-1]["start"])
            if len(rows) < TOGETHER:
                return


def _airing(row: Row) -> Airing:
    return Airing(
        guide_id=row["guide_id"],
        start=row["start"],
        stop=row["stop"],
        title=row["title"],
        subtitle=row["subtitle"],
        plot=row["plot"],
        categories=row["categories"],
        icon=row["icon"],
        season=row["season"],
        episode=row["episode"],
    )
