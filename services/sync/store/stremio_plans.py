"""What is to be changed at Stremio accounts, how far that is, and their lists as they were before."""

# ruff: noqa: S608  # only fixed column lists and conditions are put into statements

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from libs.common.contracts.stremio_account import PlanAction, PlanState
from libs.common.db import Database, Row
from services.sync.model import Owner
from services.sync.store.owned import OWNED, bound

MOST_PLANS: Final = 20
MOST_BACKUPS: Final = 20
"""Of one profile. The oldest go."""

_PLAN: Final = (
    "id, account_id, profile_id, action, state, problem, sealed_body, sealed_progress, created_at, ended_at"
)
_BACKUP: Final = "id, account_id, profile_id, stremio_user, action, addons, sealed_body, made_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """Times are epoch milliseconds."""

    id: str
    owner: Owner
    action: PlanAction
    state: PlanState
    problem: str = ""
    sealed_body: bytes = field(repr=False)
    sealed_progress: bytes | None = field(default=None, repr=False)
    created_at: int
    ended_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBackup:
    """The list of `stremio_user`, the account there."""

    id: str
    owner: Owner
    stremio_user: str
    action: PlanAction
    addons: int
    sealed_body: bytes = field(repr=False)
    made_at: int


class StremioPlanStore:
    """Plans and backups, each a profile's."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, plan: StoredPlan) -> None:
        """The oldest go, but for those that are not over."""
        async with self._db.transaction() as tx:
            await tx.execute(
                "INSERT INTO stremio_plans (id, account_id, profile_id, action, state, sealed_body,"
                " created_at) VALUES (:id, :account_id, :profile_id, :action, :state, :body, :at)",
                id=plan.id,
                action=plan.action,
                state=plan.state,
                body=plan.sealed_body,
                at=plan.created_at,
                **bound(plan.owner),
            )
            await tx.execute(
                f"DELETE FROM stremio_plans WHERE {OWNED} AND state NOT IN ('applying', 'interrupted')"
                f" AND id NOT IN (SELECT id FROM stremio_plans WHERE {OWNED}"
                " ORDER BY created_at DESC, id LIMIT :most)",
                most=MOST_PLANS,
                **bound(plan.owner),
            )

    async def plan(self, owner: Owner, plan_id: str) -> StoredPlan | None:
        row = await self._db.fetch_one(
            f"SELECT {_PLAN} FROM stremio_plans WHERE {OWNED} AND id = :id", id=plan_id, **bound(owner)
        )
        return None if row is None else _plan(row)

    async def plans(self, owner: Owner) -> list[StoredPlan]:
        """Newest first."""
        rows = await self._db.fetch_all(
            f"SELECT {_PLAN} FROM stremio_plans WHERE {OWNED} ORDER BY created_at DESC, id LIMIT :most",
            most=MOST_PLANS,
            **bound(owner),
        )
        return [_plan(row) for row in rows]

    async def begin(self, owner: Owner, plan_id: str) -> bool:
        """Begin, or go on; False where another of the profile is under way, or this is over."""
        begun = await self._db.execute(
            f"UPDATE stremio_plans SET state = 'applying', problem = '' WHERE {OWNED} AND id = :id"
            " AND state IN ('planned', 'applying', 'interrupted') AND NOT EXISTS (SELECT 1 FROM stremio_plans"
            f" o WHERE o.account_id = :account_id AND o.profile_id = :profile_id AND o.id <> :id"
            " AND o.state IN ('applying', 'interrupted'))",
            id=plan_id,
            **bound(owner),
        )
        return begun == 1

    async def keep_body(self, plan_id: str, sealed: bytes) -> None:
        await self._db.execute(
            "UPDATE stremio_plans SET sealed_body = :sealed WHERE id = :id", sealed=sealed, id=plan_id
        )

    async def keep_progress(self, plan_id: str, sealed: bytes) -> None:
        await self._db.execute(
            "UPDATE stremio_plans SET sealed_progress = :sealed WHERE id = :id", sealed=sealed, id=plan_id
        )

    async def end(self, plan_id: str, state: PlanState, problem: str = "", *, at: int) -> None:
        await self._db.execute(
            "UPDATE stremio_plans SET state = :state, problem = :problem, ended_at = :at WHERE id = :id"
            " AND state = 'applying'",
            state=state,
            problem=problem,
            at=at,
            id=plan_id,
        )

    async def applied(self, plan_id: str, problem: str = "", *, undid: str = "", at: int) -> None:
        """It is done; what it undid, if anything, can't be undone again."""
        async with self._db.transaction() as tx:
            await tx.execute(
                "UPDATE stremio_plans SET state = 'applied', problem = :problem, ended_at = :at"
                " WHERE id = :id AND state = 'applying'",
                problem=problem,
                at=at,
                id=plan_id,
            )
            await tx.execute("UPDATE stremio_plans SET state = 'undone' WHERE id = :id", id=undid)

    async def back_up(self, backup: StoredBackup) -> None:
        """Keeps it once, whoever tries again. The oldest go."""
        async with self._db.transaction() as tx:
            await tx.execute(
                f"INSERT INTO stremio_backups ({_BACKUP}) VALUES (:id, :account_id, :profile_id, :user,"
                " :action, :addons, :body, :at) ON CONFLICT (id) DO NOTHING",
                id=backup.id,
                user=backup.stremio_user,
                action=backup.action,
                addons=backup.addons,
                body=backup.sealed_body,
                at=backup.made_at,
                **bound(backup.owner),
            )
            await tx.execute(
                f"DELETE FROM stremio_backups WHERE {OWNED} AND id NOT IN (SELECT id FROM stremio_backups"
                f" WHERE {OWNED} ORDER BY made_at DESC, id LIMIT :most)",
                most=MOST_BACKUPS,
                **bound(backup.owner),
            )

    async def backup(self, owner: Owner, backup_id: str) -> StoredBackup | None:
        row = await self._db.fetch_one(
            f"SELECT {_BACKUP} FROM stremio_backups WHERE {OWNED} AND id = :id",
            id=backup_id,
            **bound(owner),
        )
        return None if row is None else _backup(row)

    async def backups(self, owner: Owner) -> Sequence[StoredBackup]:
        """Newest first."""
        rows = await self._db.fetch_all(
            f"SELECT {_BACKUP} FROM stremio_backups WHERE {OWNED} ORDER BY made_at DESC, id",
            **bound(owner),
        )
        return [_backup(row) for row in rows]


def _plan(row: Row) -> StoredPlan:
    progress = row["sealed_progress"]
    return StoredPlan(
        id=row["id"],
        owner=Owner(row["account_id"], row["profile_id"]),
        action=row["action"],
        state=row["state"],
        problem=row["problem"],
        sealed_body=bytes(row["sealed_body"]),
        sealed_progress=None if progress is None else bytes(progress),
        created_at=row["created_at"],
        ended_at=row["ended_at"],
    )


def _backup(row: Row) -> StoredBackup:
    return StoredBackup(
        id=row["id"],
        owner=Owner(row["account_id"], row["profile_id"]),
        stremio_user=row["stremio_user"],
        action=row["action"],
        addons=row["addons"],
        sealed_body=bytes(row["sealed_body"]),
        made_at=row["made_at"],
    )
