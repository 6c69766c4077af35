"""How everybody's connections are, without whose they are."""

from __future__ import annotations

from libs.common.clock import moment_or_none
from libs.common.contracts.standing import ConnectionsStanding, ConnectionStanding
from libs.common.db import Database


class StandingStore:
    """Reads the tables of all kinds of connections. For administrators."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def connections(self, limit: int) -> ConnectionsStanding:
        """Refused ones first, then those read longest ago."""
        rows = await self._db.fetch_all(
            "SELECT kind, state, reason, remark, synced_at FROM"
            " (SELECT 'trakt' AS kind, id, state, reason, remark, synced_at FROM trakt_connections"
            " WHERE state <> 'leaving'"
            " UNION ALL SELECT 'stremio' AS kind, id, state, reason, '' AS remark, synced_at"
            " FROM stremio_connections) AS every_one"
            " ORDER BY CASE WHEN state = 'refused' THEN 0 ELSE 1 END, COALESCE(synced_at, 0), id"
            " LIMIT :most",
            most=limit,
        )
        counted = await self._db.fetch_one(
            "SELECT (SELECT COUNT(*) FROM trakt_connections WHERE state <> 'leaving')"
            " + (SELECT COUNT(*) FROM stremio_connections)"
            " AS n"
        )
        items = tuple(
            ConnectionStanding(
                kind=row["kind"],
                state=row["state"],
                reason=row["reason"],
                remark=row["remark"],
                synced_at=moment_or_none(row["synced_at"]),
            )
            for row in rows
        )
        return ConnectionsStanding(items=items, in_all=0 if counted is None else int(counted["n"]))
