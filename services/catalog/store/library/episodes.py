"""Seasons and episodes of series. An episode keeps its number while the panel keeps its own."""

# ruff: noqa: S608  # only fixed column lists and each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from libs.common.db import Database, Queries, Row, Value
from services.catalog.library_model import Episode, Season
from services.catalog.store.library import many
from services.catalog.store.library.numbers import take_numbers

_CONTENT: Final = (
    "season",
    "number",
    "hash",
    "title",
    "plot",
    "air_date",
    "picture",
    "added",
    "extension",
    "duration_s",
    "rating",
)
_NEW: Final = ("id", "provider", "series", "panel_id", *_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEpisode:
    """An episode as its panel tells it. `hash` is of everything else."""

    panel_id: int
    season: int
    number: int | None
    hash: int
    title: str
    plot: str
    air_date: str
    picture: str
    added: int
    extension: str
    duration_s: int | None
    rating: int | None


class EpisodeStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def of_series(self, series: int) -> tuple[tuple[Season, ...], tuple[Episode, ...]]:
        """In order; of an episode with several streams, the oldest number first."""
        seasons = await self._db.fetch_all(
            "SELECT number, name, plot, air_date, picture FROM library_seasons WHERE series = :series"
            " ORDER BY number",
            series=series,
        )
        episodes = await self._db.fetch_all(
            "SELECT id, provider, series, season, number, panel_id, title, plot, air_date, picture, added,"
            " extension, duration_s, rating, sealed_url, more FROM library_episodes WHERE series = :series",
            series=series,
        )
        # Engines don't agree on where episodes without a number go.
        ordered = sorted(
            map(_episode, episodes),
            key=lambda each: (each.season, each.number is None, each.number or 0, each.id),
        )
        return tuple(Season(**dict(row)) for row in seasons), tuple(ordered)

    async def has_any(self, series: int) -> bool:
        row = await self._db.fetch_one(
            "SELECT id FROM library_episodes WHERE series = :series LIMIT 1", series=series
        )
        return row is not None

    async def put(
        self,
        tx: Queries,
        number: int,
        series: int,
        seasons: Sequence[Season],
        episodes: Sequence[ToldEpisode],
    ) -> None:
        """From now on these are all it has. `number` is its account's."""
        await tx.execute("DELETE FROM library_seasons WHERE series = :series", series=series)
        await tx.insert_rows(
            "library_seasons",
            ("series", "number", "provider", "name", "plot", "air_date", "picture"),
            [(series, s.number, number, s.name, s.plot, s.air_date, s.picture) for s in seasons],
        )
        await self._put_episodes(tx, number, series, {each.panel_id: each for each in episodes})

    async def _put_episodes(
        self, tx: Queries, number: int, series: int, told: dict[int, ToldEpisode]
    ) -> None:
        held = await tx.fetch_all(
            "SELECT id, panel_id, hash, series FROM library_episodes WHERE series = :series UNION"
            " SELECT id, panel_id, hash, series FROM library_episodes WHERE provider = :number"
            f" AND panel_id IN {many.numbers(self._db.dialect, 'told')}",
            series=series,
            number=number,
            told=many.encoded(told),
        )
        known = {row["panel_id"]: row for row in held}
        await tx.execute(
            f"DELETE FROM library_episodes WHERE id IN {many.numbers(self._db.dialect, 'gone')}",
            gone=many.encoded(row["id"] for panel_id, row in known.items() if panel_id not in told),
        )
        changed = [
            {"id": known[panel_id]["id"], "series": series, **_content(each)}
            for panel_id, each in told.items()
            if panel_id in known
            and (known[panel_id]["hash"], known[panel_id]["series"]) != (each.hash, series)
        ]
        await tx.execute_many(
            f"UPDATE library_episodes SET series = :series, {', '.join(f'{n} = :{n}' for n in _CONTENT)}"
            " WHERE id = :id",
            changed,
        )
        new = [each for panel_id, each in told.items() if panel_id not in known]
        if new:
            ids = await take_numbers(tx, "item", len(new))
            await tx.insert_rows(
                "library_episodes",
                _NEW,
                [
                    (id_, number, series, each.panel_id, *_content(each).values())
                    for id_, each in zip(ids, new, strict=True)
                ],
            )


def _content(episode: ToldEpisode) -> dict[str, Value]:
    return {name: getattr(episode, name) for name in _CONTENT}


def _episode(row: Row) -> Episode:
    sealed = row["sealed_url"]
    return Episode(**{**dict(row), "sealed_url": None if sealed is None else bytes(sealed)})
