"""A row for each owner in every table that names one, whatever the table is: none that is new is left out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import Column, MetaData, Table, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

LINKS: Final = ("addon_id", "family_id", "import_id")
"""Columns of tables that hang on a row of another that names its owner."""


@dataclass(frozen=True)
class Whose:
    """`number` is another one for each."""

    account_id: str
    profile_id: str
    number: int

    @property
    def text(self) -> str:
        return f"{self.account_id}-{self.profile_id}"


@dataclass(frozen=True)
class Tables:
    """Of one service; `schema` is its name on PostgreSQL."""

    url: str
    service: str

    async def put(self, *owners: Whose, **known: object) -> None:
        """`known`: what columns of those names have."""
        async with self._opened() as connection:
            await connection.run_sync(self._put, owners, known)

    async def of(self, whose: Whose) -> dict[str, int]:
        """How many rows each table has of their account."""
        return {table: len(rows) for table, rows in (await self.rows(whose)).items()}

    async def rows(self, whose: Whose) -> dict[str, list[str]]:
        """What each table has of their account."""
        async with self._opened() as connection:
            found = await connection.run_sync(self._read, whose)
        return {table: rows for table, rows in found.items() if rows}

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[AsyncConnection]:
        url = self.url.replace("postgresql:", "postgresql+asyncpg:").replace("sqlite:", "sqlite+aiosqlite:")
        engine = create_async_engine(url)
        try:
            async with engine.begin() as connection:
                yield connection
        finally:
            await engine.dispose()

    def _owned(self, connection: Connection) -> list[Table]:
        """Those that others hang on come first."""
        known = MetaData()
        known.reflect(connection, schema=self.service if self.url.startswith("postgresql") else None)
        return [table for table in known.sorted_tables if _naming(table) is not None]

    def _put(self, connection: Connection, owners: tuple[Whose, ...], known: Mapping[str, object]) -> None:
        for table in self._owned(connection):
            rows = {_key(table, whose): _row(table, whose, known) for whose in owners}
            connection.execute(insert(table), list(rows.values()))

    def _read(self, connection: Connection, whose: Whose) -> dict[str, list[str]]:
        found = {}
        for table in self._owned(connection):
            column = _naming(table)
            assert column is not None
            rows = connection.execute(select(table).where(column == _value(column, whose)))
            found[table.name] = sorted(str(tuple(row)) for row in rows)
        return found


def _naming(table: Table) -> Column[object] | None:
    """The column that says whose a row is."""
    if table.name == "accounts":
        return table.c["id"]
    return next((table.c[name] for name in ("account_id", *LINKS) if name in table.columns), None)


def _key(table: Table, whose: Whose) -> str:
    """What there is but once of an account, and what each of its profiles has."""
    is_of_account = table.name == "accounts" or not {"profile_id", "id", *LINKS} & set(table.columns.keys())
    return whose.account_id if is_of_account else whose.text


def _row(table: Table, whose: Whose, known: Mapping[str, object]) -> dict[str, object]:
    return {column.name: known.get(column.name, _value(column, whose)) for column in table.columns}


def _value(column: Column[object], whose: Whose) -> object:
    name = f"{column.table.name.removesuffix('s')}_id" if column.name == "id" else column.name
    if name == "account_id":
        return whose.account_id
    if name == "profile_id":
        return whose.profile_id
    kind = column.type.python_type
    if kind is bool:
        return False
    if kind in (int, float, Decimal):
        return whose.number
    # What is read as JSON on the way is some.
    text = whose.text if column.name in ("id", *LINKS) else f'{{"of":"{whose.text}"}}'
    return text.encode() if kind is bytes else text
