"""How addons have been answering, added up over replicas and restarts."""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from collections.abc import Iterable, Mapping

from libs.common.db import Database, Queries, Row, Value
from services.catalog.model import WEIGHT, Health, HealthChange


class HealthStore:
    """One row per addon."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def health_of(self, addon_ids: Iterable[str]) -> dict[str, Health]:
        named = {f"id{number}": addon_id for number, addon_id in enumerate(addon_ids)}
        if not named:
            return {}
        places = ", ".join(f":{name}" for name in named)
        rows = await self._db.fetch_all(
            "SELECT addon_id, calls, failures, failing_in_a_row, latency_ms, last_answer_at, error, error_at"
            f" FROM addon_health WHERE addon_id IN ({places})",
            **named,
        )
        return {row["addon_id"]: _health(row) for row in rows}

    async def add_health(self, changes: Mapping[str, HealthChange]) -> None:
        """Adds to what is stored; observations of addons that have gone are dropped."""
        async with self._db.transaction() as tx:
            # One order for everybody: two replicas that write the same addons can't wait for each other.
            for addon_id in sorted(changes):
                await _add_health(tx, addon_id, changes[addon_id])


async def _add_health(tx: Queries, addon_id: str, change: HealthChange) -> None:
    known = await tx.fetch_one("SELECT id FROM addons WHERE id = :id", id=addon_id)
    if known is None:
        return
    await tx.execute(
        "INSERT INTO addon_health (addon_id, calls, failures, failing_in_a_row, latency_ms, last_answer_at,"
        " error, error_at) VALUES (:id, 0, 0, 0, NULL, NULL, '', NULL) ON CONFLICT (addon_id) DO NOTHING",
        id=addon_id,
    )
    sets = ["calls = calls + :calls", "failures = failures + :failures"]
    values: dict[str, Value] = {"calls": change.calls, "failures": change.failures}
    values["in_a_row"] = change.failing_in_a_row
    sets.append(
        "failing_in_a_row = :in_a_row"
        if change.answered
        else "failing_in_a_row = failing_in_a_row + :in_a_row"
    )
    if change.latency_ms is not None:
        sets.append(f"latency_ms = coalesce(latency_ms + {WEIGHT} * (:latency_ms - latency_ms), :latency_ms)")
        values["latency_ms"] = change.latency_ms
    if change.last_answer_at is not None:
        sets.append("last_answer_at = :last_answer_at")
        values["last_answer_at"] = change.last_answer_at
    if change.error:
        sets.append("error = :error, error_at = :error_at")
        values |= {"error": change.error, "error_at": change.error_at}
    await tx.execute(f"UPDATE addon_health SET {', '.join(sets)} WHERE addon_id = :id", id=addon_id, **values)


def _health(row: Row) -> Health:
    return Health(
        calls=row["calls"],
        failures=row["failures"],
        failing_in_a_row=row["failing_in_a_row"],
        latency_ms=row["latency_ms"],
        last_answer_at=row["last_answer_at"],
        error=row["error"],
        error_at=row["error_at"],
    )
