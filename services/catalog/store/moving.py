"""What is taken along of the tables here, and taken in. Not what can be had anew, such as items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from libs.common.db import Database, Queries, Value
from libs.common.db.owned import OwnedTable, count_of, is_there, put_absent, rows_of_account
from libs.common.moving import Outcome
from services.catalog.model import Owner
from services.catalog.store.rows import bound, raise_revision

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

_BY_NAME: Final = {table.name: table for table in TABLES}


class MovingStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def rows(self, account_id: str) -> AsyncIterator[tuple[str, dict[str, Value]]]:
        """Each with its table."""
        for table in TABLES:
            async for row in rows_of_account(self._db, table, account_id):
                yield table.name, row

    async def count(self, owner: Owner, kind: str) -> int:
        return await count_of(self._db, _BY_NAME[kind], **bound(owner))

    async def put(
        self, owner: Owner, kind: str, rows: Sequence[Mapping[str, Value]], *, look: bool, room: int
    ) -> list[Outcome]:
        """Each where none of its keys is, while there is room, unless somebody only looks."""
        table, named = _BY_NAME[kind], [{**row, **bound(owner)} for row in rows]
        if look or not named:
            return await _put(self._db, table, named, look=True, room=room)
        async with self._db.transaction() as tx:
            await raise_revision(tx, owner)
            return await _put(tx, table, named, look=False, room=room)


async def _put(
    queries: Queries, table: OwnedTable, rows: Sequence[Mapping[str, Value]], *, look: bool, room: int
) -> list[Outcome]:
    found: list[Outcome] = []
    for row in rows:
        is_full = found.count("added") >= room
        if look or is_full:
            is_new = not await is_there(queries, table, row)
        else:
            is_new = await put_absent(queries, table, row)
        found.append("there" if not is_new else "refused" if is_full else "added")
    return found
