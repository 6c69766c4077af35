"""What people decided about films and series of their providers: which title one is, or that it is none.

A decision is kept by what it was made about, a name and its year, and by the provider's own number where it
was about one row alone. It names no row of ours, so that none has to stay for it.
"""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from typing import NamedTuple

from libs.common.db import Database, Queries
from services.catalog.model import Owner
from services.catalog.store.rows import OWNED, bound


class About(NamedTuple):
    """What was decided about. `item` is "" for every row of that name; `year` is 0 where there is none."""

    kind: int
    key: str
    year: int
    item: str = ""


class TooManyMatchChoices(Exception):
    """The profile holds as many as it may."""


class MatchChoiceStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def all_of(self, owner: Owner) -> dict[About, int | None]:
        """By what they are about; None says that it is none of the titles."""
        rows = await self._db.fetch_all(
            f"SELECT kind, name_key, name_year, item, imdb FROM match_choices WHERE {OWNED}", **bound(owner)
        )
        return {
            About(row["kind"], row["name_key"], row["name_year"], row["item"]): row["imdb"] for row in rows
        }

    async def choose(
        self, tx: Queries, owner: Owner, about: About, imdb: int | None, *, at: int, at_most: int
    ) -> None:
        """In place of an earlier one about the same. Raises TooManyMatchChoices."""
        await tx.execute(
            "INSERT INTO match_choices (account_id, profile_id, kind, name_key, name_year, item, imdb,"
            " chosen_at) VALUES (:account_id, :profile_id, :kind, :key, :year, :item, :imdb, :at)"
            " ON CONFLICT (account_id, profile_id, kind, name_key, name_year, item)"
            " DO UPDATE SET imdb = excluded.imdb, chosen_at = excluded.chosen_at",
            **bound(owner),
            **about._asdict(),
            imdb=imdb,
            at=at,
        )
        counted = await tx.fetch_one(
            f"SELECT count(*) AS choices FROM match_choices WHERE {OWNED}", **bound(owner)
        )
        if counted is not None and counted["choices"] > at_most:
            raise TooManyMatchChoices

    async def take_back(self, tx: Queries, owner: Owner, about: About, *, only_this: bool = False) -> None:
        """What was decided about a row alone, and, unless `only_this`, about every row of its name."""
        await tx.execute(
            f"DELETE FROM match_choices WHERE {OWNED} AND kind = :kind AND name_key = :key"
            " AND name_year = :year AND (item = :item OR (item = '' AND NOT :only_this))",
            **bound(owner),
            **about._asdict(),
            only_this=only_this,
        )
