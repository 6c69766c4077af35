"""How many calls accounts elsewhere may still be asked, for all replicas and after every restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from libs.common.db import Database

BEYOND_MS: Final = 4 * 3600 * 1000
"""Nobody is told to rest so long: a time further ahead was written by a clock that was wrong."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`wait_ms` is 0 where a call was taken. `strikes`: how many in a row the other side has refused."""

    wait_ms: int
    strikes: int = 0


class BudgetStore:
    """Rates as one time each: when the next call would be due, if all came evenly. No row is one at rest."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def take(
        self, subject: str, kind: str, *, now_ms: int, interval_ms: int, tolerance_ms: int
    ) -> Turn:
        """One call, or how long until there is one: `tolerance_ms` of calls may come at once after a rest."""
        latest_ms = now_ms + tolerance_ms - interval_ms
        row = await self._db.fetch_one(
            "INSERT INTO trakt_budgets (subject, kind, due_ms) VALUES (:subject, :kind, :first)"
            " ON CONFLICT (subject, kind) DO UPDATE SET due_ms ="
            " CASE WHEN trakt_budgets.due_ms < :now OR trakt_budgets.due_ms > :beyond THEN :first"
            " ELSE trakt_budgets.due_ms + :interval END"
            " WHERE trakt_budgets.due_ms <= :latest OR trakt_budgets.due_ms > :beyond RETURNING strikes",
            subject=subject,
            kind=kind,
            first=now_ms + interval_ms,
            now=now_ms,
            interval=interval_ms,
            latest=latest_ms,
            beyond=now_ms + BEYOND_MS,
        )
        if row is not None:
            return Turn(0, int(row["strikes"]))
        row = await self._db.fetch_one(
            "SELECT due_ms, strikes FROM trakt_budgets WHERE subject = :subject AND kind = :kind",
            subject=subject,
            kind=kind,
        )
        return Turn(1) if row is None else Turn(max(1, int(row["due_ms"]) - latest_ms), int(row["strikes"]))

    async def rest(self, subject: str, kind: str, *, due_ms: int, beyond_ms: int) -> None:
        """Nothing more before `due_ms` is; a longer rest that was told before stays."""
        await self._db.execute(
            "INSERT INTO trakt_budgets (subject, kind, due_ms, strikes) VALUES (:subject, :kind, :due, 1)"
            " ON CONFLICT (subject, kind) DO UPDATE SET strikes = trakt_budgets.strikes + 1, due_ms ="
            " CASE WHEN trakt_budgets.due_ms BETWEEN :due AND :beyond THEN trakt_budgets.due_ms"
            " ELSE :due END",
            subject=subject,
            kind=kind,
            due=due_ms,
            beyond=beyond_ms,
        )

    async def answered(self, subject: str, kind: str) -> None:
        """The other side takes calls again."""
        await self._db.execute(
            "UPDATE trakt_budgets SET strikes = 0 WHERE subject = :subject AND kind = :kind AND strikes > 0",
            subject=subject,
            kind=kind,
        )

    async def forget_rested(self, *, before_ms: int) -> None:
        await self._db.execute("DELETE FROM trakt_budgets WHERE due_ms < :before", before=before_ms)
