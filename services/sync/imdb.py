"""IMDb's data sets as an administrator sees them: what is agreed, what is here, how the last import went."""

from __future__ import annotations

from contextlib import suppress

from libs.common.clock import moment_of
from libs.common.contracts.imdb import ImdbClient, SetState
from libs.common.contracts.sync import ImdbView, Job, LicenceView
from libs.common.deadline import Deadline
from libs.common.errors import Unavailable, UpstreamTimedOut
from libs.common.identity import Identity
from services.sync.jobs import Jobs
from services.sync.licences import IMDB, Licences
from services.sync.schemas import job_of
from services.sync.store.jobs import Filter

KIND = "imdb"
ANIME_KIND = "anime_ids"


class ImdbStatus:
    """For administrators alone, which their routes see to."""

    def __init__(self, catalog: ImdbClient, jobs: Jobs, licences: Licences, *, refresh_s: float) -> None:
        self._catalog = catalog
        self._jobs = jobs
        self._licences = licences
        self._refresh_s = refresh_s

    async def view(self, deadline: Deadline) -> ImdbView:
        return ImdbView(
            licence=await self._licence(),
            refresh_s=self._refresh_s,
            sets=await self._sets(deadline),
            job=await self._latest(KIND),
            anime_job=await self._latest(ANIME_KIND),
        )

    async def agree(self, identity: Identity, *, accepted: bool) -> None:
        if accepted:
            await self._licences.accept(IMDB, identity.account_id)
        else:
            await self._licences.withdraw(IMDB)

    async def _latest(self, kind: str) -> Job | None:
        runs = await self._jobs.listed(Filter(accounts=None, kind=kind, limit=1))
        return job_of(runs[0]) if runs else None

    async def _licence(self) -> LicenceView:
        given = await self._licences.acceptance(IMDB)
        return LicenceView(
            notice=IMDB.notice,
            attribution=IMDB.attribution,
            terms_url=IMDB.terms_url,
            accepted=given is not None,
            accepted_by=None if given is None else given.accepted_by,
            accepted_at=None if given is None else moment_of(given.accepted_at),
        )

    async def _sets(self, deadline: Deadline) -> tuple[SetState, ...]:
        with suppress(Unavailable, UpstreamTimedOut):
            return await self._catalog.states(deadline=deadline)
        return ()
