"""`move`: take in what somebody brought from another hub. The run is about that file."""

from __future__ import annotations

from typing import Final

from libs.common.errors import Conflict, Unavailable, UpstreamFailed, UpstreamTimedOut
from services.sync.kinds.base import Report, Scope, SourceAway
from services.sync.model import Counts, JobRun, Owner, Progress
from services.sync.moving.taking_in import TakingIn
from services.sync.moving.told import Told
from services.sync.store.imports import ImportStore

NAME: Final = "move"


class CarryOutMove:
    name = NAME
    scope: Scope = "account"

    def __init__(self, store: ImportStore, taking: TakingIn) -> None:
        self._store = store
        self._taking = taking

    async def check(self) -> None:
        raise Conflict("What was brought from another hub is applied at /api/v1/me/import.")

    async def run(self, job: JobRun, report: Report) -> None:
        held = await self._store.get(Owner(job.account_id, ""), job.subject)
        if held is None or held.state != "applying":
            return

        async def tell(phase: str, percent: int, told: Told) -> None:
            await report(Progress(phase=phase, percent=percent, counts=_counts(told)))

        try:
            await tell("applied", 99, await self._taking.apply(held, tell))
        except (Unavailable, UpstreamFailed, UpstreamTimedOut, Conflict) as error:
            raise SourceAway(str(error), after_s=error.retry_after_s or 0.0) from None


def _counts(told: Told) -> dict[str, Counts]:
    return {
        kind: Counts(
            counts.added + counts.there + counts.credentials + counts.refused,
            counts.added,
            0,
            0,
            counts.there,
            {
                name: count
                for name, count in (("credentials", counts.credentials), ("refused", counts.refused))
                if count
            },
        )
        for kind, counts in told.result().items()
    }
