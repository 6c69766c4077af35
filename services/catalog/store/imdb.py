"""What is kept of IMDb's data sets, and of the list that says which anime are which of its titles.

An import fills a table's twin, then one transaction makes the change. Readers see the old rows until it
commits. Only what differs is written: most rows are the same every day.
"""

# ruff: noqa: S608  # only fixed table and column names are put into statements

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from libs.common.contracts.imdb import SetName
from libs.common.db import Database, Queries, Value, places_for

STEP_ROWS = 100_000
"""Rows of one statement, so that none takes longer than a server allows, whatever the size of a data set."""
STEP_IDS = 200
ALL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its twin. Rows come in the order of `key`, then `values`."""

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def staged(self) -> str:
        return f"{self.name}_staged"

    @property
    def columns(self) -> tuple[str, ...]:
        return self.key + self.values

    def same_key(self, one: str, other: str) -> str:
        return " AND ".join(f"{one}.{column} = {other}.{column}" for column in self.key)

    def among(self, one: str) -> str:
        """A step's rows. Said of both sides of a comparison, or the other one is read from its beginning."""
        return f"{one}.{self.key[0]} > :low AND {one}.{self.key[0]} <= :high"

    def differs(self, one: str, other: str) -> str:
        parts = (f"{one}.{column} IS DISTINCT FROM {other}.{column}" for column in self.values)
        return " OR ".join(parts) or "FALSE"


TABLES: Mapping[SetName, Table] = MappingProxyType(
    {
        "ratings": Table("imdb_ratings", ("id",), ("tenths", "votes")),
        "episodes": Table("imdb_episodes", ("series", "season", "episode", "id"), ()),
        "titles": Table(
            "imdb_titles",
            ("id",),
            ("type", "name", "original_name", "year", "end_year", "runtime_min", "genres", "adult"),
        ),
        "akas": Table("imdb_akas", ("id", "place"), ("name", "region", "language")),
        "anime_ids": Table("anime_ids", ("id", "system"), ("imdb", "season", "episodes_before")),
    }
)
CHOSEN_BY: Mapping[SetName, SetName] = MappingProxyType({"episodes": "ratings", "akas": "titles"})
"""Of these only rows of another one's titles are kept: where that one changes, they are read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of one data set. `imported_at` is epoch milliseconds."""

    name: SetName
    etag: str = ""
    rows: int = 0
    imported_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a swap would do: `staged` rows would stand where `kept` did, of which `common` are in both."""

    staged: int
    kept: int
    common: int

    @property
    def added(self) -> int:
        return self.staged - self.common

    @property
    def removed(self) -> int:
        return self.kept - self.common


class StagingLost(Exception):
    """Another run stages this data set now, or what was staged is gone."""


class ImdbStore:
    """The tables of each data set, and one row that says what is in them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def kept(self) -> dict[SetName, Kept]:
        rows = await self._db.fetch_all("SELECT name, etag, rows, imported_at FROM imdb_sets")
        found = {
            row["name"]: Kept(
                name=row["name"], etag=row["etag"], rows=row["rows"], imported_at=row["imported_at"]
            )
            for row in rows
        }
        return {name: found.get(name, Kept(name=name)) for name in TABLES}

    async def ids(self, name: SetName, *, after: int, limit: int = 5000) -> list[int]:
        """Title numbers of a table whose key is one, in order."""
        rows = await self._db.fetch_all(
            f"SELECT id FROM {TABLES[name].name} WHERE id > :after ORDER BY id LIMIT :limit",
            after=after,
            limit=limit,
        )
        return [row["id"] for row in rows]

    async def begin(self, name: SetName, run: str) -> None:
        """From now on `run` is who stages; what others have staged is gone."""
        async with self._db.transaction() as tx:
            await tx.execute(
                "INSERT INTO imdb_sets (name, etag, rows, imported_at, staging, staged_rows)"
                " VALUES (:name, '', 0, NULL, :run, 0)"
                " ON CONFLICT (name) DO UPDATE SET staging = :run, staged_rows = 0",
                name=name,
                run=run,
            )
            await self._empty(tx, TABLES[name])

    async def stage(self, name: SetName, run: str, rows: Sequence[Sequence[Value]]) -> None:
        """Raises StagingLost, and UniqueViolation for a row that was staged before."""
        table = TABLES[name]
        async with self._db.transaction() as tx:
            # The row is locked by it: whoever begins anew waits for this batch, and empties it away.
            await _hold(tx, name, run, count=len(rows))
            await tx.insert_rows(table.staged, table.columns, rows)

    async def carry_over(self, name: SetName, run: str, ids: Sequence[int]) -> None:
        """Stage what is kept of titles, where nothing of the same place was staged. Raises StagingLost."""
        table = TABLES[name]
        columns = ", ".join(table.columns)
        for start in range(0, len(ids), STEP_IDS):
            places, named = places_for("id", ids[start : start + STEP_IDS])
            async with self._db.transaction() as tx:
                count = await tx.execute(
                    f"INSERT INTO {table.staged} ({columns}) SELECT {columns} FROM {table.name}"
                    f" WHERE id IN ({places}) ON CONFLICT DO NOTHING",
                    **named,
                )
                await _hold(tx, name, run, count=count)

    async def difference(self, name: SetName, run: str) -> Difference:
        """Raises StagingLost when not every staged row is there any more."""
        table = TABLES[name]
        if self._db.dialect == "postgresql":
            for each in (table.staged, table.name):
                await self._db.execute(f"ANALYZE {each}")
        counted = await self._db.fetch_one(
            f"SELECT staging, staged_rows, (SELECT count(*) FROM {table.staged}) AS staged,"
            f" (SELECT count(*) FROM {table.name}) AS kept FROM imdb_sets WHERE name = :name",
            name=name,
        )
        if counted is None or counted["staging"] != run or counted["staged"] != counted["staged_rows"]:
            raise StagingLost
        common = await self._common(table) if counted["kept"] else 0
        return Difference(staged=counted["staged"], kept=counted["kept"], common=common)

    async def _common(self, table: Table) -> int:
        common = 0
        for low, high in await self._steps(table):
            row = await self._db.fetch_one(
                f"SELECT count(*) AS common FROM {table.staged} s JOIN {table.name} k"
                f" ON {table.same_key('s', 'k')} WHERE {table.among('s')} AND {table.among('k')}",
                low=low,
                high=high,
            )
            common += row["common"] if row is not None else 0
        return common

    async def swap(self, name: SetName, run: str, found: Difference, *, etag: str, at: int) -> int:
        """Make the kept rows what was staged, in one step; how many were written. Raises StagingLost."""
        table, steps = TABLES[name], await self._steps(TABLES[name])
        put = self._put(table, is_all_new=not found.common)
        written = 0
        async with self._db.transaction() as tx:
            await _hold(tx, name, run)
            for low, high in steps:
                written += await tx.execute(put, low=low, high=high)
                if found.removed:
                    await tx.execute(_DROP.format(**_names(table)), low=low, high=high)
            await tx.execute(
                "UPDATE imdb_sets SET etag = :etag, rows = :rows, imported_at = :at, staging = '',"
                " staged_rows = 0 WHERE name = :name",
                name=name,
                etag=etag,
                rows=found.staged,
                at=at,
            )
            for other, chooser in CHOSEN_BY.items():
                if chooser == name and (found.added or found.removed):
                    await tx.execute("UPDATE imdb_sets SET etag = '' WHERE name = :other", other=other)
        async with self._db.transaction() as tx:
            await self._empty(tx, table)
        return written

    def _put(self, table: Table, *, is_all_new: bool) -> str:
        """SQLite would hold every row in memory that it reads from the table it writes to; PostgreSQL would
        lock every row that it finds unchanged. So one compares while writing, the other before."""
        columns = ", ".join(table.columns)
        rows = f"SELECT {columns} FROM {table.staged} s WHERE {table.among('s')}"
        put = f"INSERT INTO {table.name} ({columns}) {rows}"
        if is_all_new:
            return put
        if not table.values:
            upsert = "DO NOTHING"
        else:
            sets = ", ".join(f"{column} = excluded.{column}" for column in table.values)
            upsert = f"DO UPDATE SET {sets} WHERE {table.differs(table.name, 'excluded')}"
        if self._db.dialect == "postgresql":
            same = f"{table.same_key('k', 's')} AND {table.among('k')} AND NOT ({table.differs('k', 's')})"
            put += f" AND NOT EXISTS (SELECT 1 FROM {table.name} k WHERE {same})"
        return f"{put} ON CONFLICT ({', '.join(table.key)}) {upsert}"

    async def _empty(self, tx: Queries, table: Table) -> None:
        # Nobody but imports reads a twin. SQLite's DELETE of everything frees pages without visiting rows.
        emptying = "DELETE FROM" if self._db.dialect == "sqlite" else "TRUNCATE"
        await tx.execute(f"{emptying} {table.staged}")

    async def _steps(self, table: Table) -> list[tuple[int, int]]:
        """Ranges of the key's first column, each of about STEP_ROWS staged rows, together everything."""
        steps, low, first = list[tuple[int, int]](), -1, table.key[0]
        while True:
            row = await self._db.fetch_one(
                f"SELECT {first} AS high FROM {table.staged} WHERE {first} > :low ORDER BY {first}"
                " LIMIT 1 OFFSET :rows",
                low=low,
                rows=STEP_ROWS,
            )
            steps.append((low, ALL if row is None else row["high"]))
            if row is None:
                return steps
            low = row["high"]


_DROP = (
    "DELETE FROM {name} WHERE {first} > :low AND {first} <= :high"
    " AND NOT EXISTS (SELECT 1 FROM {staged} s WHERE {same} AND {among})"
)


def _names(table: Table) -> dict[str, str]:
    return {
        "name": table.name,
        "staged": table.staged,
        "first": table.key[0],
        "same": table.same_key("s", table.name),
        "among": table.among("s"),
    }


async def _hold(tx: Queries, name: SetName, run: str, *, count: int = 0) -> None:
    held = await tx.execute(
        "UPDATE imdb_sets SET staged_rows = staged_rows + :count WHERE name = :name AND staging = :run",
        name=name,
        run=run,
        count=count,
    )
    if held != 1:
        raise StagingLost
