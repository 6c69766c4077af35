"""What is taken along of the tables here: when accounts at providers are read. Connections are made anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

from libs.common.db import Database, Value
from libs.common.db.owned import OwnedTable, is_there, put_absent, rows_of_account

_NETWORKS: Final = OwnedTable(
    name="sync_networks",
    keys=("profile_id",),
    columns=("metered", "told_at"),
    flags=frozenset({"metered"}),
)
TABLES: Final = (
    OwnedTable(name="sync_settings", keys=("profile_id", "subject"), columns=("body", "sealed_webhook")),
    _NETWORKS,
)


class MovingStore:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def rows(self, account_id: str) -> AsyncIterator[tuple[str, dict[str, Value]]]:
        """Each with its table."""
        for table in TABLES:
            async for row in rows_of_account(self._db, table, account_id):
                yield table.name, row

    async def put_network(self, row: Mapping[str, Value], *, look: bool) -> bool:
        """Where its profile has told none, unless somebody only looks; whether that is so."""
        if look:
            return not await is_there(self._db, _NETWORKS, row)
        return await put_absent(self._db, _NETWORKS, row)
