"""Runs of jobs. The row is the truth about a run; whoever holds its lease may change it."""

# ruff: noqa: S608  # only fixed column lists are put into statements

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.removals import Removal
from libs.common.db import Database, Row, UniqueViolation, Value, places_for
from libs.common.deadline import Deadline
from services.sync.model import MAX_ATTEMPTS, Counts, JobRun, Progress, State
from services.sync.store.owned import gone_with

_COLUMNS = (
    "id, kind, mode, account_id, profile_id, subject, state, phase, progress, counts, resume_at, error,"
    " attempts, cancel_wanted, version, created_at, started_at, finished_at"
)
_UNFINISHED = "state IN ('queued', 'running')"
_RUNNING = "state = 'running'"
_SILENT = "state = 'running' AND lease_until < :now"
_CLAIMABLE = f"((state = 'queued' AND not_before <= :now) OR ({_SILENT} AND attempts < {MAX_ATTEMPTS}))"
_LETS_OTHERS = (
    "(subject = '' OR (SELECT COUNT(*) FROM job_runs r WHERE r.account_id = job_runs.account_id"
    " AND r.subject <> '' AND r.kind IN ({kinds}) AND r.state = 'running' AND r.lease_until >= :now) < :most)"
)
MOST_OF_ACCOUNT = 2
"""Runs about accounts at providers, of one owner at a time: a provider may take hours, and others wait."""
_MINE = "id = :id AND state = 'running' AND lease_owner = :owner"
CLAIM_TRIES = 5  # how many rows lost to other workers before the next round is waited for

_counts_decoder = msgspec.json.Decoder(dict[str, Counts])


@dataclass(frozen=True, slots=True)
class Beat:
    """The answer to a heartbeat: whether the run is still ours, and whether somebody wants it to end."""

    held: bool
    cancel_wanted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which runs to list: newest first, after (`before_ms`, `before_id`) if that is given.

    `accounts` None is everybody's; else `profile` is whose runs about accounts at providers are among them.
    """

    accounts: Sequence[str] | None
    profile: str = ""
    id: str = ""
    subject: str = ""
    kind: str = ""
    state: str = ""
    before_ms: int | None = None
    before_id: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """A run, as far as the next one depends on it."""

    id: str
    kind: str
    subject: str
    state: State
    created_at: int
    finished_at: int | None


class Store:
    """The table of job runs."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    async def add(self, run: JobRun, *, slot: str | None = None) -> JobRun | None:
        """Queue a run; None if its kind has one unfinished for that subject, or its slot was used."""
        try:
            await self._db.execute(
                "INSERT INTO job_runs (id, kind, mode, account_id, profile_id, subject, state, phase,"
                " progress, counts, resume_at, error, attempts, not_before, cancel_wanted, lease_owner,"
                " lease_until, slot, version, created_at) VALUES (:id, :kind, :mode, :account_id,"
                " :profile_id, :subject, :state,"
                " '', 0, '{}', '', '', 0, 0, FALSE, '', 0, :slot, 0, :created_at)",
                id=run.id,
                kind=run.kind,
                mode=run.mode,
                account_id=run.account_id,
                profile_id=run.profile_id,
                subject=run.subject,
                state=run.state,
                slot=slot,
                created_at=run.created_at,
            )
        except UniqueViolation:
            return None
        return run

    async def forget_owner(self, removal: Removal, _deadline: Deadline) -> None:
        """Remove every run of an account, or those of a profile of it that were its own.

        A worker that is at one finds its lease lost, and stops.
        """
        gone, names = gone_with(removal)
        await self._db.execute(f"DELETE FROM job_runs WHERE {gone}", **names)

    async def forget_subject(self, subject: str) -> None:
        """Remove the runs about an account at a provider that is gone."""
        await self._db.execute("DELETE FROM job_runs WHERE subject = :subject", subject=subject)

    async def latest(self) -> list[Latest]:
        """The newest run of each kind about each account at a provider."""
        rows = await self._db.fetch_all(
            "SELECT j.id, j.kind, j.subject, j.state, j.created_at, j.finished_at FROM job_runs j JOIN"
            " (SELECT kind, subject, max(created_at) AS newest FROM job_runs WHERE subject <> ''"
            " GROUP BY kind, subject) n"
            " ON n.kind = j.kind AND n.subject = j.subject AND n.newest = j.created_at"
        )
        return [
            Latest(
                id=row["id"],
                kind=row["kind"],
                subject=row["subject"],
                state=row["state"],
                created_at=row["created_at"],
                finished_at=row["finished_at"],
            )
            for row in rows
        ]

    async def unfinished(self, kind: str, account_id: str, subject: str = "") -> JobRun | None:
        row = await self._db.fetch_one(
            f"SELECT {_COLUMNS} FROM job_runs WHERE kind = :kind AND account_id = :account_id"
            f" AND subject = :subject AND {_UNFINISHED}",
            kind=kind,
            account_id=account_id,
            subject=subject,
        )
        return None if row is None else _run(row)

    async def is_busy(self, subject: str, kinds: Sequence[str], *, running: bool = False) -> bool:
        """Whether a run of one of `kinds` about the subject is unfinished, or even under way."""
        places, named = places_for("kind", kinds)
        found = await self._db.fetch_one(
            f"SELECT id FROM job_runs WHERE subject = :subject AND kind IN ({places})"
            f" AND {_RUNNING if running else _UNFINISHED} LIMIT 1",
            subject=subject,
            **named,
        )
        return found is not None

    async def get(self, job_id: str) -> JobRun | None:
        row = await self._db.fetch_one(f"SELECT {_COLUMNS} FROM job_runs WHERE id = :id", id=job_id)
        return None if row is None else _run(row)

    async def listed(self, wanted: Filter) -> list[JobRun]:
        conditions, values = ["1 = 1"], dict[str, Value]()
        if wanted.accounts is not None:
            places, named = places_for("account", wanted.accounts)
            conditions.append(f"account_id IN ({places})")
            values |= named
            conditions.append("(profile_id = '' OR profile_id = :profile)")
            values["profile"] = wanted.profile
        for column in ("id", "kind", "state", "subject"):
            if getattr(wanted, column):
                conditions.append(f"{column} = :{column}")
                values[column] = getattr(wanted, column)
        if wanted.before_ms is not None:
            conditions.append("(created_at < :before_ms OR (created_at = :before_ms AND id < :before_id))")
            values |= {"before_ms": wanted.before_ms, "before_id": wanted.before_id}
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM job_runs WHERE {' AND '.join(conditions)}"
            " ORDER BY created_at DESC, id DESC LIMIT :limit",
            limit=wanted.limit,
            **values,
        )
        return [_run(row) for row in rows]

    async def claim(self, owner: str, kinds: Sequence[str], *, lease_s: float) -> JobRun | None:
        """Take the oldest run that waits or whose worker went silent; it is ours until the lease ends."""
        now = epoch_ms(self._clock)
        places, named = places_for("kind", kinds)
        for _ in range(CLAIM_TRIES):
            candidate = await self._db.fetch_one(
                f"SELECT id FROM job_runs WHERE {_CLAIMABLE} AND {_LETS_OTHERS.format(kinds=places)}"
                f" AND kind IN ({places}) ORDER BY created_at, id LIMIT 1",
                now=now,
                most=MOST_OF_ACCOUNT,
                **named,
            )
            if candidate is None:
                return None
            # Checked again in the update: of several workers that saw the row, one changes it.
            row = await self._db.fetch_one(
                "UPDATE job_runs SET state = 'running', lease_owner = :owner, lease_until = :until,"
                " attempts = attempts + 1, version = version + 1, started_at = coalesce(started_at, :now)"
                f" WHERE id = :id AND {_CLAIMABLE} RETURNING {_COLUMNS}",
                id=candidate["id"],
                owner=owner,
                now=now,
                until=now + int(lease_s * 1000),
            )
            if row is not None:
                return _run(row)
        return None

    async def beat(self, job_id: str, owner: str, *, lease_s: float) -> Beat:
        row = await self._db.fetch_one(
            f"UPDATE job_runs SET lease_until = :until WHERE {_MINE} RETURNING cancel_wanted",
            id=job_id,
            owner=owner,
            until=epoch_ms(self._clock) + int(lease_s * 1000),
        )
        return Beat(False) if row is None else Beat(True, bool(row["cancel_wanted"]))

    async def is_cancelled(self, job_id: str) -> bool:
        """Whether somebody wants the run to end."""
        row = await self._db.fetch_one("SELECT cancel_wanted FROM job_runs WHERE id = :id", id=job_id)
        return row is not None and bool(row["cancel_wanted"])

    async def report(self, job_id: str, owner: str, progress: Progress) -> bool:
        """Note how far the run is; False if it is no longer ours."""
        changed = await self._db.execute(
            "UPDATE job_runs SET phase = :phase, progress = :percent, counts = :counts,"
            f" resume_at = :resume_at, version = version + 1 WHERE {_MINE}",
            id=job_id,
            owner=owner,
            phase=progress.phase,
            percent=max(0, min(100, progress.percent)),
            counts=msgspec.json.encode(dict(progress.counts)).decode(),
            resume_at=progress.resume_at,
        )
        return changed == 1

    async def finish(self, job_id: str, owner: str, state: State, *, error: str = "") -> bool:
        """End the run as `state`; False if it is no longer ours."""
        changed = await self._db.execute(
            "UPDATE job_runs SET state = :state, error = :error, finished_at = :now, version = version + 1,"
            " lease_owner = '', progress = CASE WHEN :whole THEN 100 ELSE progress END"
            f" WHERE {_MINE}",
            id=job_id,
            owner=owner,
            state=state,
            error=error,
            now=epoch_ms(self._clock),
            whole=state == "succeeded",
        )
        return changed == 1

    async def requeue(self, job_id: str, owner: str, *, after_s: float = 0, error: str = "") -> bool:
        """Give the run back to whoever comes next. Without an error the try doesn't count: we only stop."""
        changed = await self._db.execute(
            "UPDATE job_runs SET state = 'queued', lease_owner = '', lease_until = 0, error = :error,"
            " not_before = :not_before, version = version + 1,"
            " attempts = attempts - CASE WHEN :counts THEN 0 ELSE 1 END"
            f" WHERE {_MINE}",
            id=job_id,
            owner=owner,
            error=error,
            counts=bool(error),
            not_before=epoch_ms(self._clock) + int(after_s * 1000),
        )
        return changed == 1

    async def cancel(self, job_id: str) -> None:
        """End a waiting run now; ask the worker of a running one to end it. A finished one stays as it is."""
        async with self._db.transaction() as tx:
            await tx.execute(
                "UPDATE job_runs SET state = 'cancelled', finished_at = :now, version = version + 1"
                " WHERE id = :id AND state = 'queued'",
                id=job_id,
                now=epoch_ms(self._clock),
            )
            await tx.execute(
                "UPDATE job_runs SET cancel_wanted = TRUE, version = version + 1"
                " WHERE id = :id AND state = 'running'",
                id=job_id,
            )

    async def bury(self) -> list[str]:
        """Fail the runs whose workers died once too often; gives their kinds."""
        dead = f"{_SILENT} AND attempts >= {MAX_ATTEMPTS}"
        now = epoch_ms(self._clock)
        # Looked for first: this is asked every few seconds, and a write that changes nothing still locks.
        if await self._db.fetch_one(f"SELECT id FROM job_runs WHERE {dead} LIMIT 1", now=now) is None:
            return []
        rows = await self._db.fetch_all(
            "UPDATE job_runs SET state = 'failed', finished_at = :now, version = version + 1, error = :error"
            f" WHERE {dead} RETURNING kind",
            now=now,
            error=f"Given up: the worker stopped {MAX_ATTEMPTS} times while doing this.",
        )
        return [row["kind"] for row in rows]

    async def forget(self, *, older_than_s: float) -> int:
        """Delete the finished runs that ended long ago."""
        return await self._db.execute(
            "DELETE FROM job_runs WHERE finished_at < :before",
            before=epoch_ms(self._clock) - int(older_than_s * 1000),
        )


def _run(row: Row) -> JobRun:
    counts: Mapping[str, Counts] = _counts_decoder.decode(row["counts"])
    return JobRun(
        id=row["id"],
        kind=row["kind"],
        mode=row["mode"],
        account_id=row["account_id"],
        profile_id=row["profile_id"],
        subject=row["subject"],
        state=row["state"],
        phase=row["phase"],
        progress=row["progress"],
        counts=counts,
        resume_at=row["resume_at"],
        error=row["error"],
        attempts=row["attempts"],
        cancel_wanted=bool(row["cancel_wanted"]),
        version=row["version"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )
