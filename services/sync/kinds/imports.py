"""`import`: apply what somebody brought in a file, or take it back. The run is about that file."""

from __future__ import annotations

from typing import Final

from libs.common.errors import Conflict, Unavailable, UpstreamFailed, UpstreamTimedOut
from services.sync.imports.applying import Applying
from services.sync.imports.told import Told
from services.sync.kinds.base import Report, Scope, SourceAway
from services.sync.model import Counts, JobRun, Owner, Progress
from services.sync.store.imports import ImportStore

NAME: Final = "import"


class CarryOutImport:
    name = NAME
    scope: Scope = "account"

    def __init__(self, store: ImportStore, applying: Applying) -> None:
        self._store = store
        self._applying = applying

    async def check(self) -> None:
        raise Conflict("A file is applied at /api/v1/imports.")

    async def run(self, job: JobRun, report: Report) -> None:
        held = await self._store.get(Owner(job.account_id, job.profile_id), job.subject)
        if held is None:
            return

        async def tell(phase: str, percent: int, told: Told) -> None:
            await report(Progress(phase=phase, percent=percent, counts=_counts(told)))

        try:
            if held.state == "applying":
                told = await self._applying.apply(held, tell)
                await tell("applied", 99, told)
            elif held.state == "undoing":
                await tell("undo", 0, Told())
                await self._applying.undo(held)
        except (Unavailable, UpstreamFailed, UpstreamTimedOut, Conflict) as error:
            raise SourceAway(str(error), after_s=error.retry_after_s or 0.0) from None


def _counts(told: Told) -> dict[str, Counts]:
    return {
        part: Counts(
            counts.seen,
            counts.added,
            counts.changed,
            counts.removed,
            counts.unchanged,
            {name: count for name, count in (("kept", counts.kept), ("refused", counts.refused)) if count},
        )
        for part, counts in told.parts.items()
    }
