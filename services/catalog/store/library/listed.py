"""Episodes that lists name: like items, each with the series that it is of."""

# ruff: noqa: S608  # only fixed column lists and each engine's own words are put into statements

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from libs.common.db import Database, Value
from services.catalog.library_model import KINDS
from services.catalog.store.library import many
from services.catalog.store.library.items import Page
from services.catalog.store.library.numbers import take_numbers
from services.catalog.store.library.providers import hold

COLUMNS = (
    "id",
    "provider",
    "series",
    "season",
    "number",
    "panel_id",
    "hash",
    "title",
    "added",
    "extension",
    "picture",
    "sealed_url",
)
Record: TypeAlias = tuple[Value, ...]
"""Values in the order of COLUMNS."""
STEP_ROWS = 2000


class ListedEpisodeStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def series(self, number: int, panel_ids: Iterable[int]) -> dict[int, int]:
        """Own ids of series by the panel's."""
        rows = await self._db.fetch_all(
            many.by_panel_id(self._db.dialect, "id, panel_id", "library_items", ("provider", "kind")),
            provider=number,
            kind=KINDS["series"],
            panel_ids=many.encoded(panel_ids),
        )
        return {row["panel_id"]: row["id"] for row in rows}

    async def held(self, number: int, panel_ids: Iterable[int]) -> dict[int, int]:
        """Own ids by the panel's."""
        rows = await self._db.fetch_all(
            many.by_panel_id(self._db.dialect, "id, panel_id", "library_episodes", ("provider",)),
            provider=number,
            panel_ids=many.encoded(panel_ids),
        )
        return {row["panel_id"]: row["id"] for row in rows}

    async def numbers(self, count: int) -> range:
        return await take_numbers(self._db, "item", count)

    async def write(self, number: int, run: str, *, new: Sequence[Record], changed: Sequence[Record]) -> None:
        """Raises RunLost."""
        async with self._db.transaction() as tx:
            await hold(tx, number, run)
            if new:
                await tx.insert_rows("library_episodes", COLUMNS, new)
            if changed:
                await tx.execute_many(_CHANGE, [dict(zip(COLUMNS, one, strict=True)) for one in changed])

    async def count(self, number: int) -> int:
        row = await self._db.fetch_one(
            "SELECT count(*) AS items FROM library_episodes WHERE provider = :number", number=number
        )
        return 0 if row is None else int(row["items"])

    async def hashes(self, number: int, *, after: int | None, limit: int = 20_000) -> Page:
        beyond = "" if after is None else " AND panel_id > :after"
        row = await self._db.fetch_one(
            f"SELECT {many.gathered(self._db.dialect, 'hash')} AS hashes, max(panel_id) AS last"
            " FROM (SELECT hash, panel_id FROM library_episodes"
            f" WHERE provider = :number{beyond} ORDER BY panel_id LIMIT :limit) AS page",
            number=number,
            after=after,
            limit=limit,
        )
        if row is None or row["last"] is None:
            return Page([], None)
        return Page(msgspec.json.decode(row["hashes"], type=list[int]), row["last"])

    async def with_hashes(self, number: int, hashes: Iterable[int]) -> list[int]:
        rows = await self._db.fetch_all(
            "SELECT id FROM library_episodes WHERE provider = :number"
            f" AND hash IN {many.numbers(self._db.dialect, 'hashes')}",
            number=number,
            hashes=many.encoded(hashes),
        )
        return [row["id"] for row in rows]

    async def remove(self, number: int, run: str, ids: Sequence[int]) -> None:
        """Raises RunLost."""
        for start in range(0, len(ids), STEP_ROWS):
            async with self._db.transaction() as tx:
                await hold(tx, number, run)
                await tx.execute(
                    f"DELETE FROM library_episodes WHERE {many.among(self._db.dialect, 'id', 'ids')}",
                    ids=many.encoded(ids[start : start + STEP_ROWS]),
                )


_STAYS = ("id", "provider", "panel_id")
_CHANGE = (
    f"UPDATE library_episodes SET {', '.join(f'{name} = :{name}' for name in COLUMNS if name not in _STAYS)}"
    " WHERE id = :id"
)
