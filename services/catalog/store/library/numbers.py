"""Own numbers, which stay and are never given out twice."""

from __future__ import annotations

from typing import Literal

from libs.common.db import Queries


async def take_numbers(tx: Queries, name: Literal["item", "category"], count: int) -> range:
    """So many new ones; episodes are items, too. Who takes any has held its account's row before."""
    row = await tx.fetch_one(
        "UPDATE library_numbers SET next = next + :count WHERE name = :name RETURNING next",
        count=count,
        name=name,
    )
    assert row is not None  # noqa: S101  # the migration puts both names in
    return range(row["next"] - count, row["next"])
