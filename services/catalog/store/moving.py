"""What is taken along of the tables here. Not what can be had anew: manifests, items, scores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from libs.common.db import Database, Value
from libs.common.db.owned import OwnedTable, rows_of_account

TABLES: Final = (
    OwnedTable(
        name="addons",
        keys=("profile_id", "position", "id"),
        columns=("name", "enabled", "builtin", "pinned", "sealed_url"),
        flags=frozenset({"enabled", "builtin", "pinned"}),
    ),
    OwnedTable(
        name="row_choices",
        keys=("profile_id", "addon_id", "kind", "type", "catalog_id"),
        columns=("included", "name", "searchable", "position"),
        flags=frozenset({"included", "searchable"}),
    ),
    OwnedTable(
        name="merged_rows",
        keys=("profile_id", "key"),
        columns=("type", "mode", "name", "included", "searchable", "position"),
        flags=frozenset({"included", "searchable"}),
    ),
    OwnedTable(
        name="merged_row_members",
        keys=("profile_id", "addon_id", "type", "catalog_id"),
        columns=("row_key", "place"),
    ),
    OwnedTable(
        name="title_choices",
        keys=("profile_id", "kind", "one", "other"),
        columns=("same", "chosen_at"),
        flags=frozenset({"same"}),
    ),
    OwnedTable(
        name="rating_choices",
        keys=("profile_id",),
        columns=(
            *("rows", "titles", "episodes", "name", "description"),
            *("template", "separator", "place", "minimum_votes"),
        ),
        flags=frozenset({"rows", "titles", "episodes", "name", "description"}),
    ),
    OwnedTable(
        name="viewing_choices",
        keys=("profile_id",),
        columns=("hide_watched", "description", "release_info"),
        flags=frozenset({"hide_watched", "description", "release_info"}),
    ),
    OwnedTable(
        name="tmdb_choices", keys=("profile_id",), columns=("language", "poster_size", "background_size")
    ),
    OwnedTable(name="tmdb_keys", keys=("account_id",), columns=("sealed_key",)),
    OwnedTable(
        name="library_providers",
        keys=("profile_id", "created_at", "id"),
        columns=("kind", "name", "host", "play", "sealed"),
    ),
)


class MovingStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def rows(self, account_id: str) -> AsyncIterator[tuple[str, dict[str, Value]]]:
        """Each with its table."""
        for table in TABLES:
            async for row in rows_of_account(self._db, table, account_id):
                yield table.name, row
