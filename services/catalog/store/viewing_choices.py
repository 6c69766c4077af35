"""What rows show owners of what they watched. Each change raises the owner's revision in one transaction."""

from __future__ import annotations

from libs.common.contracts.viewing_settings import ViewingSettings
from libs.common.db import Database, Queries
from services.catalog.model import Owner
from services.catalog.store.rows import choice_of, put_choice, raise_revision


class ViewingChoiceStore:
    """One row for each owner who chose."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def choose(self, owner: Owner, settings: ViewingSettings) -> None:
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            await put_choice(tx, "viewing_choices", owner, settings)


async def viewing_choices(queries: Queries, owner: Owner) -> ViewingSettings:
    """What the owner chose, or what holds for everybody else."""
    return await choice_of(queries, "viewing_choices", owner, ViewingSettings)
