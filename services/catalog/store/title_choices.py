"""What owners say about entries that are the same title, or are not."""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from libs.common.db import Database, Queries
from services.catalog.errors import TitleChoiceNotFound, TooManyTitleChoices
from services.catalog.identity.choices import Chosen
from services.catalog.model import Owner
from services.catalog.store.rows import OWNED, bound, raise_revision


class TitleChoiceStore:
    """At most one choice for two entries: the latest. Each change raises the owner's revision."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def all_of(self, owner: Owner) -> tuple[Chosen, ...]:
        return await title_choices(self._db, owner)

    async def choose(self, owner: Owner, chosen: Chosen, *, at_most: int) -> None:
        """Raises TooManyTitleChoices and stores nothing."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            await tx.execute(
                "INSERT INTO title_choices (account_id, profile_id, kind, one, other, same, chosen_at)"
                " VALUES (:account_id, :profile_id, :kind, :one, :other, :same, :at)"
                " ON CONFLICT (account_id, profile_id, kind, one, other)"
                " DO UPDATE SET same = excluded.same, chosen_at = excluded.chosen_at",
                **bound(owner),
                kind=chosen.kind,
                one=chosen.one,
                other=chosen.other,
                same=chosen.same,
                at=chosen.at,
            )
            counted = await tx.fetch_one(
                f"SELECT count(*) AS choices FROM title_choices WHERE {OWNED}", **bound(owner)
            )
            if counted is not None and counted["choices"] > at_most:
                raise TooManyTitleChoices(f"A profile holds at most {at_most} choices; take one back first.")

    async def take_back(self, owner: Owner, kind: str, one: str, other: str) -> None:
        """Raises TitleChoiceNotFound."""
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            gone = await tx.execute(
                f"DELETE FROM title_choices WHERE {OWNED} AND kind = :kind AND one = :one AND other = :other",
                **bound(owner),
                kind=kind,
                one=one,
                other=other,
            )
            if not gone:
                raise TitleChoiceNotFound("You have said nothing about these two.")


async def title_choices(queries: Queries, owner: Owner) -> tuple[Chosen, ...]:
    rows = await queries.fetch_all(
        f"SELECT kind, one, other, same, chosen_at FROM title_choices WHERE {OWNED}"
        " ORDER BY chosen_at, kind, one, other",
        **bound(owner),
    )
    return tuple(
        Chosen(
            kind=row["kind"],
            one=row["one"],
            other=row["other"],
            same=bool(row["same"]),
            at=row["chosen_at"],
        )
        for row in rows
    )
