"""`anime_ids`: which anime are which titles of IMDb, from a list fetched if it has changed, put in at once.

A list that can't be used leaves what was there, and the run says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Final

import structlog

from libs.common.clock import Clock
from libs.common.contracts.imdb import ImdbClient, SetName, Swap
from libs.common.deadline import Deadline
from libs.common.errors import Conflict, InvalidInput, Unavailable, UpstreamFailed, UpstreamTimedOut
from libs.common.http import FetchError
from services.sync.errors import ImportFailed
from services.sync.kinds.base import Report, Scope, SourceAway
from services.sync.kinds.refused import Refused, told
from services.sync.licences import IMDB, Licences
from services.sync.model import Counts, JobRun, Progress
from services.sync.sources.anime_ids import AnimeIdsSource
from services.sync.sources.anime_rows import AnimeRows, ReadingStopped, anime_rows

NAME: Final = "anime_ids"
SET: Final[SetName] = NAME
WITHIN_S: Final = 600.0

log = structlog.get_logger(__name__)


class ImportAnimeIds:
    """`incremental` asks only for a list that has changed, `full` for any."""

    name = NAME
    scope: Scope = "hub"

    def __init__(self, source: AnimeIdsSource, catalog: ImdbClient, licences: Licences, clock: Clock) -> None:
        self._source = source
        self._catalog = catalog
        self._licences = licences
        self._clock = clock

    async def check(self) -> None:
        """The ids serve IMDb's ratings alone: nothing is fetched where these are not wanted.

        Raises LicenceNotAccepted.
        """
        await self._licences.require(IMDB)

    async def run(self, job: JobRun, report: Report) -> None:
        await self.check()
        await report(Progress(phase=NAME, percent=0, counts={}))
        try:
            counts = await self._import(job, report)
        except (Unavailable, UpstreamTimedOut, UpstreamFailed, ReadingStopped) as error:
            raise SourceAway(str(error)) from error
        except FetchError as error:
            raise _failed(told(error)) from error
        except (Refused, Conflict, InvalidInput) as error:
            raise _failed(Refused(str(error))) from error
        await report(Progress(phase=NAME, percent=100, counts={"anime": counts}))

    async def _import(self, job: JobRun, report: Report) -> Counts:
        states = {one.name: one for one in await self._catalog.states(deadline=self._within())}
        state = states[SET]
        file = await self._source.list(etag=state.etag if job.mode == "incremental" else "")
        if file is None:
            return Counts(seen=state.rows, unchanged=state.rows)
        found = await anime_rows(file.body)
        if found.outcome.broken:
            raise Refused(found.outcome.broken)
        await report(Progress(phase=NAME, percent=50, counts={"anime": Counts(seen=found.outcome.entries)}))
        return await self._hand_over(Swap(run=f"{job.id}/{job.attempts}", etag=file.etag), found)

    async def _hand_over(self, swap: Swap, found: AnimeRows) -> Counts:
        await self._catalog.stage(SET, swap.run, _each(found.lines), deadline=self._within())
        counts = await self._catalog.swap(SET, swap, deadline=self._within())
        read = found.outcome
        log.info("anime_ids_imported", entries=read.entries, linked=read.linked, ids=read.ids)
        return Counts(read.entries, counts.added, counts.changed, counts.removed, counts.unchanged)

    def _within(self) -> Deadline:
        return Deadline.after(self._clock, WITHIN_S)


async def _each(lines: Iterable[bytes]) -> AsyncIterator[bytes]:
    for line in lines:
        yield line


def _failed(cause: SourceAway | Refused) -> SourceAway | ImportFailed:
    if isinstance(cause, SourceAway):
        return cause
    log.warning("anime_ids_refused", reason=str(cause))
    return ImportFailed(f"The list of anime ids: {cause} The ids that were there before stay.")
