"""`details`: what a panel tells of single series and films, asked for gently, as long as nothing else is due.

Catalog asks the panel and says how long to leave it alone; this only goes on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from libs.common.clock import Clock
from libs.common.contracts.handover import HandoverClient
from libs.common.deadline import Deadline
from libs.common.errors import NotFound, Unavailable, UpstreamFailed, UpstreamTimedOut
from services.sync.errors import ImportFailed
from services.sync.kinds.base import Report, Scope, SourceAway
from services.sync.kinds.turns import DETAILS, Turns
from services.sync.model import Counts, JobRun, Progress

STEP: Final = 20
STEP_WITHIN_S: Final = 120.0
MOST_STEPS: Final = 100_000
LONGEST_WAIT_S: Final = 60.0


class FillDetails:
    """Ends when nothing is left, when the panel has had enough, or when the account is to be synced.

    Of what it has `seen` to be without details, it has `changed` so many.
    """

    name = DETAILS
    scope: Scope = "provider"

    def __init__(self, handover: HandoverClient, clock: Clock, turns: Turns) -> None:
        self._handover = handover
        self._clock = clock
        self._turns = turns

    async def check(self) -> None:
        """It may always be started."""

    async def run(self, job: JobRun, report: Report) -> None:
        # What was filled is no longer missing: whoever takes the run over needs nothing but the counts.
        counts = job.counts.get(DETAILS, Counts())
        for _ in range(MOST_STEPS):
            if await self._turns.is_wanted(job):
                return
            try:
                step = await self._handover.fill_details(
                    job.subject, limit=STEP, deadline=Deadline.after(self._clock, STEP_WITHIN_S)
                )
            except (Unavailable, UpstreamFailed, UpstreamTimedOut) as error:
                raise SourceAway(str(error)) from error
            except NotFound as error:
                raise ImportFailed("The account was removed meanwhile.") from error
            remarks = (
                {"failed": counts.remarks.get("failed", 0) + step.failed} if step.failed else counts.remarks
            )
            done = counts.changed + step.done
            counts = replace(counts, seen=done + step.left, changed=done, remarks=remarks)
            percent = 100 * done // max(1, counts.seen)
            await report(Progress(phase=DETAILS, percent=percent, counts={DETAILS: counts}))
            if not step.left:
                return
            if step.problem:
                raise ImportFailed(step.problem)
            await self._clock.sleep(min(LONGEST_WAIT_S, step.wait_s))
