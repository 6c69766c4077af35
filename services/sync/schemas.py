"""Jobs on the wire."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated

import msgspec

from libs.common.clock import moment_of, moment_or_none
from libs.common.contracts.sync import ItemCounts, Job, JobPage, JobState
from services.sync.errors import CursorInvalid
from services.sync.model import JobRun

MOST = 200


class JobQuery(msgspec.Struct, frozen=True):
    """`GET /api/v1/sync/jobs`: newest first. `account` is an account at a provider."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 50
    cursor: str = ""
    kind: str = ""
    account: str = ""
    state: JobState | None = None


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    created_at: int
    id: str


def job_of(run: JobRun) -> Job:
    return Job(
        id=run.id,
        kind=run.kind,
        mode=run.mode,
        state=run.state,
        phase=run.phase,
        progress=run.progress,
        counts={
            name: ItemCounts(
                counts.seen,
                counts.added,
                counts.changed,
                counts.removed,
                counts.unchanged,
                dict(counts.remarks),
            )
            for name, counts in run.counts.items()
        },
        error=run.error or None,
        created_at=moment_of(run.created_at),
        started_at=moment_or_none(run.started_at),
        finished_at=moment_or_none(run.finished_at),
        account_id=run.subject or None,
    )


def page_of(runs: Sequence[JobRun], limit: int) -> JobPage:
    """A page made from one run more than it shows, which is how it knows whether another follows."""
    shown = runs[:limit]
    following = _cursor_of(shown[-1]) if len(runs) > limit else None
    return JobPage(tuple(job_of(run) for run in shown), following)


def read_cursor(text: str) -> tuple[int, str]:
    """Where a page begins; raises CursorInvalid for what `page_of` never gave."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        cursor = msgspec.json.decode(raw, type=_Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise CursorInvalid("This cursor did not come from a page of jobs.") from error
    if not 0 <= cursor.created_at < 2**63:
        raise CursorInvalid("This cursor did not come from a page of jobs.")
    return cursor.created_at, cursor.id


def _cursor_of(run: JobRun) -> str:
    raw = msgspec.json.encode(_Cursor(run.created_at, run.id))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
