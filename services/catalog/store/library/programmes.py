"""The guide as a run writes it. A programme is known by its channel's guide id and its start."""

# ruff: noqa: S608  # only fixed column lists and each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from libs.common.db import Database, Queries, Value
from services.catalog.store.library import many, programme_words
from services.catalog.store.library.providers import hold

COLUMNS = (
    "provider",
    "guide_id",
    "start",
    "stop",
    "hash",
    "title",
    "subtitle",
    "plot",
    "categories",
    "icon",
    "season",
    "episode",
    "sort",
)
Record: TypeAlias = tuple[Value, ...]
"""Values in the order of COLUMNS."""
STEP_ROWS = 2000
Key: TypeAlias = tuple[str, int]
"""Guide id and start."""


class Mark(NamedTuple):
    """Where a walk by the time of ending goes on."""

    stop: int
    guide_id: str
    start: int


class Ended(NamedTuple):
    stop: int
    guide_id: str
    start: int
    hash: int


class ProgrammeStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def held(self, number: int, keys: Sequence[Key]) -> set[Key]:
        given = many.rows(self._db.dialect, "keys", guide_id="text", start="number")
        same = "p.provider = :number AND p.guide_id = given.guide_id AND p.start = given.start"
        # Asked for one by one: see many.by_panel_id.
        rows = await self._db.fetch_all(
            f"SELECT p.guide_id, p.start FROM {given} AS given CROSS JOIN library_programmes p WHERE {same}"
            if self._db.dialect == "sqlite"
            else f"SELECT p.guide_id, p.start FROM {given} AS given,"
            f" LATERAL (SELECT guide_id, start FROM library_programmes p WHERE {same}"
            " ORDER BY provider, guide_id, start LIMIT 1) AS p",
            number=number,
            keys=many.encoded(keys),
        )
        return {(row["guide_id"], row["start"]) for row in rows}

    async def write(self, number: int, run: str, *, new: Sequence[Record], changed: Sequence[Record]) -> None:
        """Raises RunLost."""
        async with self._db.transaction() as tx:
            await hold(tx, number, run)
            if new:
                await tx.insert_rows("library_programmes", COLUMNS, new)
            were = await self._titles(tx, number, [(one[1], one[2]) for one in changed])
            if changed:
                await tx.execute_many(_CHANGE, [dict(zip(COLUMNS, one, strict=True)) for one in changed])
            said = [str(one[_SORT]) for one in (*new, *changed)]
            await programme_words.add(tx, self._db.dialect, number, said)
            await programme_words.forget(tx, self._db.dialect, number, were - {*said})

    async def hashes(
        self, number: int, *, after: Mark | None, limit: int = 20_000
    ) -> tuple[list[int], Mark | None]:
        rows = await self._walk(number, after=after, limit=limit)
        return [row.hash for row in rows], _mark(rows)

    async def ended(
        self, number: int, *, before: int, after: Mark | None, limit: int = 5000
    ) -> tuple[list[Ended], Mark | None]:
        rows = await self._walk(number, before=before, after=after, limit=limit)
        return rows, _mark(rows)

    async def running(
        self, number: int, *, since: int, after: Mark | None, limit: int = 20_000
    ) -> tuple[list[Ended], Mark | None]:
        """Those that end later than `since`."""
        mark = after or Mark(since, "\U0010ffff", 2**62)
        rows = await self._walk(number, after=mark, limit=limit)
        return rows, _mark(rows)

    async def remove(self, number: int, run: str, keys: Sequence[Key]) -> int:
        """Raises RunLost."""
        given = many.rows(self._db.dialect, "keys", guide_id="text", start="number")
        return sum(
            [
                await self._remove(
                    number, run, f"SELECT guide_id, start FROM {given} AS given", keys=many.encoded(step)
                )
                for step in (keys[at : at + STEP_ROWS] for at in range(0, len(keys), STEP_ROWS))
            ]
        )

    async def remove_some(self, number: int, run: str) -> int:
        """Whichever come first; how many. Raises RunLost."""
        some = "SELECT guide_id, start FROM library_programmes WHERE provider = :number LIMIT :most"
        return await self._remove(number, run, some, most=STEP_ROWS)

    async def archived(self, number: int) -> dict[str, int]:
        """For how many days each channel that has an archive can be watched again, by guide id."""
        rows = await self._db.fetch_all(
            "SELECT guide_id, more FROM library_items WHERE provider = :number AND guide_id <> ''"
            " AND kind = 1 AND more LIKE '%\"archive_days\"%'",
            number=number,
        )
        found = dict[str, int]()
        for row in rows:
            days = msgspec.json.decode(row["more"], type=_Archive).archive_days
            found[row["guide_id"]] = max(days, found.get(row["guide_id"], 0))
        return found

    async def _remove(self, number: int, run: str, which: str, **parameters: Value) -> int:
        async with self._db.transaction() as tx:
            await hold(tx, number, run)
            gone = await tx.fetch_all(
                f"DELETE FROM library_programmes WHERE provider = :number AND (guide_id, start) IN ({which})"
                " RETURNING sort",
                number=number,
                **parameters,
            )
            await programme_words.forget(tx, self._db.dialect, number, [row["sort"] for row in gone])
        return len(gone)

    async def _titles(self, tx: Queries, number: int, keys: Sequence[tuple[Value, Value]]) -> set[str]:
        """Folded, as they are held."""
        if not keys:
            return set()
        given = many.rows(self._db.dialect, "keys", guide_id="text", start="number")
        rows = await tx.fetch_all(
            "SELECT DISTINCT sort FROM library_programmes WHERE provider = :number"
            f" AND (guide_id, start) IN (SELECT guide_id, start FROM {given} AS given)",
            number=number,
            keys=many.encoded(keys),
        )
        return {row["sort"] for row in rows}

    async def _walk(
        self, number: int, *, after: Mark | None, limit: int, before: int | None = None
    ) -> list[Ended]:
        """By the time of ending, out of the index alone."""
        beyond = "" if after is None else " AND (stop, guide_id, start) > (:stop, :guide_id, :start)"
        until = "" if before is None else " AND stop < :before"
        rows = await self._db.fetch_all(
            f"SELECT {', '.join(Ended._fields)} FROM library_programmes"
            f" WHERE provider = :number{beyond}{until} ORDER BY stop, guide_id, start LIMIT :limit",
            number=number,
            limit=limit,
            before=before,
            **({} if after is None else after._asdict()),
        )
        return [Ended(*row) for row in rows]


class _Archive(msgspec.Struct, frozen=True):
    archive_days: int = 0


_SORT = COLUMNS.index("sort")
_KEY = ("provider", "guide_id", "start")
_CHANGE = (
    f"UPDATE library_programmes SET {', '.join(f'{name} = :{name}' for name in COLUMNS if name not in _KEY)}"
    f" WHERE {' AND '.join(f'{name} = :{name}' for name in _KEY)}"
)


def _mark(rows: Sequence[Ended]) -> Mark | None:
    return Mark(rows[-1].stop, rows[-1].guide_id, rows[-1].start) if rows else None
