"""How owners want to be shown ratings. Each change raises the owner's revision in the same transaction."""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

import msgspec

from libs.common.contracts.ratings import RatingSettings
from libs.common.db import Database, Queries
from services.catalog.model import Owner
from services.catalog.store.rows import OWNED, bound, raise_revision

_COLUMNS = RatingSettings.__struct_fields__


class RatingChoiceStore:
    """One row for each owner who chose."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def choose(self, owner: Owner, settings: RatingSettings) -> None:
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            await tx.execute(
                f"INSERT INTO rating_choices (account_id, profile_id, {', '.join(_COLUMNS)})"
                f" VALUES (:account_id, :profile_id, {', '.join(f':{name}' for name in _COLUMNS)})"
                " ON CONFLICT (account_id, profile_id) DO UPDATE SET"
                f" {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS)}",
                **bound(owner),
                **msgspec.structs.asdict(settings),
            )


async def rating_choices(queries: Queries, owner: Owner) -> RatingSettings:
    """What the owner chose, or what holds for everybody else."""
    row = await queries.fetch_one(
        f"SELECT {', '.join(_COLUMNS)} FROM rating_choices WHERE {OWNED}", **bound(owner)
    )
    if row is None:
        return RatingSettings()
    # SQLite keeps true as 1.
    return msgspec.convert({name: row[name] for name in _COLUMNS}, RatingSettings, strict=False)
