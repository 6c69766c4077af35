"""Everything a table holds of one account, page by page; and rows that are put where none are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

from libs.common.db.database import Queries
from libs.common.db.statement import Value

PAGE_ROWS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedTable:
    """`keys` tell the rows of an account apart and are the order they are read in. `flags` are the columns
    that are true or false, which SQLite keeps as numbers."""

    name: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    flags: frozenset[str] = frozenset()


async def rows_of_account(
    database: Queries, table: OwnedTable, account_id: str
) -> AsyncIterator[dict[str, Value]]:
    """In bounded memory. What is written meanwhile may be in it or not."""
    columns = tuple(dict.fromkeys((*table.keys, *table.columns)))
    keys = ", ".join(table.keys)
    after = ", ".join(f":after_{number}" for number in range(len(table.keys)))
    first = f"SELECT {', '.join(columns)} FROM {table.name} WHERE account_id = :account_id"  # noqa: S608  names of our own
    order = f" ORDER BY {keys} LIMIT :page"
    last: dict[str, Value] = {}
    while True:
        beyond = f" AND ({keys}) > ({after})" if last else ""
        rows = await database.fetch_all(first + beyond + order, account_id=account_id, page=PAGE_ROWS, **last)
        for row in rows:
            yield {name: bool(row[name]) if name in table.flags else row[name] for name in columns}
        if len(rows) < PAGE_ROWS:
            return
        last = {f"after_{number}": rows[-1][key] for number, key in enumerate(table.keys)}


async def count_of(queries: Queries, table: OwnedTable, *, account_id: str, profile_id: str) -> int:
    found = await queries.fetch_one(
        f"SELECT COUNT(*) AS held FROM {table.name}"  # noqa: S608  a name of our own
        " WHERE account_id = :account_id AND profile_id = :profile_id",
        account_id=account_id,
        profile_id=profile_id,
    )
    return 0 if found is None else int(found["held"])


async def is_there(queries: Queries, table: OwnedTable, row: Mapping[str, Value]) -> bool:
    """Whether its owner has one of the same keys."""
    keys = tuple(dict.fromkeys(("account_id", *table.keys)))
    same = " AND ".join(f"{key} = :{key}" for key in keys)
    found = await queries.fetch_one(
        f"SELECT account_id FROM {table.name} WHERE {same}",  # noqa: S608  names of our own
        **{key: row[key] for key in keys},
    )
    return found is not None


async def put_absent(queries: Queries, table: OwnedTable, row: Mapping[str, Value]) -> bool:
    """False, and nothing is written, where its owner has one of the same keys."""
    columns = tuple(dict.fromkeys(("account_id", *table.keys, *table.columns)))
    put = await queries.execute(
        f"INSERT INTO {table.name} ({', '.join(columns)})"  # noqa: S608  names of our own
        f" VALUES ({', '.join(f':{name}' for name in columns)}) ON CONFLICT DO NOTHING",
        **{name: row[name] for name in columns},
    )
    return put == 1
