"""Changing a part of what a column of a profile's row holds as JSON."""

# ruff: noqa: S608  # only names and conditions of our own are put into statements

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from libs.common.db import Database
from services.sync.model import Owner
from services.sync.store.owned import OWNED, bound

T = TypeVar("T")


async def change_json(
    database: Database,
    owner: Owner,
    place: tuple[str, str],
    change: Callable[[T], T],
    *,
    kind: type[T],
    whose: str = OWNED,
) -> T | None:
    """What is there after it; None where there is no row. `place` names the table and the column."""
    table, column = place
    async with database.transaction() as tx:
        row = await tx.fetch_one(
            # Not read alone: two changes at once must both hold.
            f"UPDATE {table} SET {column} = {column} WHERE {whose} RETURNING {column}",
            **bound(owner),
        )
        if row is None:
            return None
        after = change(msgspec.json.decode(row[column], type=kind))
        await tx.execute(
            f"UPDATE {table} SET {column} = :after WHERE {whose}",
            after=msgspec.json.encode(after).decode(),
            **bound(owner),
        )
    return after
