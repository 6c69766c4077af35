"""What is on: programmes of channels, by the id that a provider's guide knows a channel by."""

# ruff: noqa: S608  # only bound names and whole numbers are put into statements

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from libs.common.db import Database, Row, Value
from services.catalog.store.library import many, programme_words

LONGEST_S: Final = 24 * 3600
"""Of a programme: one that began longer ago is not looked for."""
MOST_TITLES: Final = 300
"""That have a word: of more, any are taken."""
_END: Final = "\U0010ffff"
_COLUMNS: Final = (
    "g.provider, g.guide_id, g.start, g.stop, g.title, g.subtitle, g.plot, g.categories, g.season, g.episode,"
    " g.sort"
)

ChannelKey: TypeAlias = tuple[int, str]
"""The provider's number and its guide's id of a channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Times are epoch seconds."""

    provider: int
    guide_id: str
    start: int
    stop: int
    title: str
    subtitle: str
    plot: str
    categories: tuple[str, ...]
    season: int | None
    episode: int | None
    sort: str

    @property
    def channel(self) -> ChannelKey:
        return self.provider, self.guide_id


class GuideStore:
    """Reads programmes. Channels and providers have to be the asker's own."""

    def __init__(self, database: Database) -> None:
        self._db = database
        columns: dict[str, many.Type] = {"provider": "number", "guide_id": "text"}
        self._asked = many.rows(database.dialect, "channels", **columns)

    async def now_and_next(
        self, channels: Sequence[ChannelKey], *, at: int
    ) -> dict[ChannelKey, list[Programme]]:
        """Of each channel the last that has begun and the first that is to come, as far as there are."""
        if not channels:
            return {}
        its = "library_programmes x WHERE x.provider = a.provider AND x.guide_id = a.guide_id AND x.start"
        rows = await self._db.fetch_all(
            f"WITH asked AS {self._asked}, near AS MATERIALIZED (SELECT a.provider, a.guide_id,"
            f" (SELECT MAX(x.start) FROM {its} <= :at) AS begun,"
            f" (SELECT MIN(x.start) FROM {its} > :at) AS coming"
            f" FROM asked a) SELECT {_COLUMNS} FROM near n JOIN library_programmes g"
            " ON g.provider = n.provider AND g.guide_id = n.guide_id AND g.start IN (n.begun, n.coming)"
            " ORDER BY g.start",
            channels=many.encoded(dict.fromkeys(channels)),
            at=at,
        )
        return _by_channel(rows)

    async def between(
        self, channels: Sequence[ChannelKey], *, start: int, stop: int, most: int
    ) -> dict[ChannelKey, list[Programme]]:
        """What is on from `start` until before `stop`, the first `most` of all channels together."""
        if not channels:
            return {}
        rows = await self._db.fetch_all(
            f"WITH asked AS {self._asked} SELECT {_COLUMNS} FROM asked a JOIN library_programmes g"
            " ON g.provider = a.provider AND g.guide_id = a.guide_id"
            " AND g.start > :earliest AND g.start < :stop"
            f" WHERE g.stop > :start ORDER BY g.start LIMIT {most}",
            channels=many.encoded(dict.fromkeys(channels)),
            earliest=start - LONGEST_S,
            start=start,
            stop=stop,
        )
        return _by_channel(rows)

    async def titled(self, providers: Sequence[int], folded: str, *, at: int, most: int) -> list[Programme]:
        """On at that time or later: the first whose folded title begins so, and the first that have all of
        its words, the last as a beginning."""
        words = folded.split()[: programme_words.MOST_WORDS]
        telling = max(words, key=len)
        goes_on = telling == words[-1]
        values: dict[str, Value] = {
            "low": folded,
            "high": folded + _END,
            "word": telling,
            "beyond": telling + (_END if goes_on else ""),
            "earliest": at - LONGEST_S,
            "at": at,
        }
        values |= {f"has{place}": f"% {word} %" for place, word in enumerate(words[:-1])}
        values["last"] = f"% {words[-1]}%"
        having = [f"(' ' || sort || ' ') LIKE :has{place}" for place in range(len(words) - 1)]
        titles = (
            "(SELECT sort FROM library_programme_words WHERE provider = :provider AND word >= :word"
            f" AND word {'<' if goes_on else '<='} :beyond AND (' ' || sort || ' ') LIKE :last"
            f"{''.join(f' AND {each}' for each in having)} LIMIT {MOST_TITLES})"
        )
        which = ("sort >= :low AND sort < :high", many.one_of(self._db.dialect, "sort", titles))
        parts = (
            f"SELECT * FROM (SELECT {_COLUMNS} FROM library_programmes g WHERE provider = :provider AND {one}"
            f" AND start > :earliest AND stop > :at ORDER BY sort, start LIMIT {most}) found{place}"
            for place, one in enumerate(which)
        )
        sql = f"{' UNION '.join(parts)} ORDER BY sort, start"
        found: list[Programme] = []
        for provider in providers:
            found += map(_programme, await self._db.fetch_all(sql, provider=provider, **values))
        return found

    async def channels_of(self, keys: Sequence[ChannelKey]) -> dict[ChannelKey, int]:
        """The item with the lowest number of those that show each."""
        if not keys:
            return {}
        rows = await self._db.fetch_all(
            f"WITH asked AS {self._asked} SELECT i.provider, i.guide_id, MIN(i.id) AS id FROM asked a"
            " JOIN library_items i ON i.provider = a.provider AND i.guide_id = a.guide_id"
            " WHERE i.guide_id <> '' AND i.kind = 1 GROUP BY i.provider, i.guide_id",
            channels=many.encoded(keys),
        )
        return {(row["provider"], row["guide_id"]): row["id"] for row in rows}


def _by_channel(rows: Sequence[Row]) -> dict[ChannelKey, list[Programme]]:
    found: dict[ChannelKey, list[Programme]] = {}
    for row in rows:
        programme = _programme(row)
        found.setdefault(programme.channel, []).append(programme)
    return found


def _programme(row: Row) -> Programme:
    values: Mapping[str, object] = dict(row) | {
        "categories": tuple(filter(None, row["categories"].split("\n")))
    }
    return Programme(**values)  # type: ignore[arg-type]  # a row is of the columns that it was asked for
