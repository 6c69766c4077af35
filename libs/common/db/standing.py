"""How far the tables of a service are, for diagnostics."""

from __future__ import annotations

from libs.common.db.database import Queries
from libs.common.db.errors import DatabaseUnavailable
from libs.common.db.history import History
from libs.common.reports import MigrationsReport


async def migrations_of(database: Queries, history: History) -> MigrationsReport:
    """A database that a newer program has migrated is at a version that this one doesn't know."""
    try:
        row = await database.fetch_one(f"SELECT version_num FROM {history.version_table}")  # noqa: S608
    except DatabaseUnavailable:
        row = None
    current = None if row is None else str(row["version_num"])
    pending = sum(1 for revision in history.revisions if current is None or revision > current)
    return MigrationsReport(current=current, head=history.head, pending=pending)
