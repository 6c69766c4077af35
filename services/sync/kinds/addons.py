"""`addons`: fetch the addon manifests whose time has come. Catalog owns them; this only asks it to go on."""

from __future__ import annotations

from dataclasses import replace

from libs.common.clock import Clock
from libs.common.contracts.catalog import CatalogClient, RefreshCounts
from libs.common.deadline import Deadline
from libs.common.errors import Unavailable, UpstreamFailed, UpstreamTimedOut
from services.sync.kinds.base import Report, Scope, SourceAway
from services.sync.model import Counts, JobRun, Progress

BATCH = 20  # manifests per call, so that progress shows and a cancel takes effect between two
BATCH_WITHIN_S = 120.0  # a manifest that doesn't answer costs catalog 20 s, and it fetches several at once
MOST_BATCHES = 10_000


class RefreshAddons:
    """Goes on until a batch comes back smaller than asked for. Both modes do the same: what is due."""

    name = "addons"
    scope: Scope = "hub"

    def __init__(self, catalog: CatalogClient, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock

    async def check(self) -> None:
        """It may always be started."""

    async def run(self, job: JobRun, report: Report) -> None:
        # A fetched manifest is no longer due: whoever takes the run over needs nothing but the counts.
        counts = job.counts.get("manifests", Counts())
        for _ in range(MOST_BATCHES):
            batch = await self._refresh()
            counts = replace(
                counts,
                seen=counts.seen + batch.seen,
                changed=counts.changed + batch.changed,
                unchanged=counts.unchanged + batch.unchanged,
            )
            done = batch.seen < BATCH
            # How many are due isn't known beforehand; another full batch is the best guess.
            percent = 100 if done else 100 * counts.seen // (counts.seen + BATCH)
            await report(Progress(phase="manifests", percent=percent, counts={"manifests": counts}))
            if done:
                return

    async def _refresh(self) -> RefreshCounts:
        deadline = Deadline.after(self._clock, BATCH_WITHIN_S)
        try:
            return await self._catalog.refresh_due(deadline=deadline, limit=BATCH)
        except (Unavailable, UpstreamFailed, UpstreamTimedOut) as error:
            raise SourceAway(str(error)) from error
