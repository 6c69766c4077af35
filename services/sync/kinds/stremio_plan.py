"""`stremio_plan`: carry out what somebody has looked at and confirmed. The run is about that plan."""

from __future__ import annotations

from libs.common.errors import Conflict, Unavailable
from services.sync.kinds.base import Report, Scope, SourceAway
from services.sync.model import MAX_ATTEMPTS, JobRun, Owner, Progress
from services.sync.store.stremio_plans import StremioPlanStore
from services.sync.stremio.applying import Applying
from services.sync.stremio.errors import StremioAway

NAME = "stremio_plan"


class CarryOutPlan:
    """Tried again while Stremio or catalog is away; where that lasts, the plan says how it was left."""

    name = NAME
    scope: Scope = "account"

    def __init__(self, plans: StremioPlanStore, applying: Applying) -> None:
        self._plans = plans
        self._applying = applying

    async def check(self) -> None:
        raise Conflict("A plan is applied at /api/v1/connections/stremio/plans.")

    async def run(self, job: JobRun, report: Report) -> None:
        plan = await self._plans.plan(Owner(job.account_id, job.profile_id), job.subject)
        if plan is None or plan.state != "applying":
            return
        await report(Progress(phase=plan.action, percent=0, counts={}))
        try:
            await self._applying.apply(plan)
        except (StremioAway, Unavailable) as error:
            if job.attempts < MAX_ATTEMPTS:
                raise SourceAway(str(error), after_s=error.retry_after_s or 0.0) from None
            # What the try has kept on its way counts, not what was read before it.
            latest = await self._plans.plan(plan.owner, plan.id)
            await self._applying.give_up(latest or plan, str(error))
