"""`anime_ids`: which anime are which titles of IMDb, from a list fetched if it has changed, put in at once.

A list that can't be used leaves what was there, and the run says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final, Literal

import msgspec
import structlog

from libs.common.clock import Clock
from libs.common.contracts.imdb import ImdbClient, SetName, Swap
from libs.common.deadline import Deadline
from libs.common.errors import Conflict, InvalidInput, Unavailable, UpstreamFailed, UpstreamTimedOut
from libs.common.http import FetchError
from libs.protocols.anime.errors import ListBroken
from libs.protocols.anime.reading import AnimeId, AnimeList, read_list
from services.sync.errors import ImportFailed
from services.sync.kinds.base import Report, SourceAway
from services.sync.kinds.refused import Refused, told
from services.sync.licences import IMDB, Licences
from services.sync.model import Counts, JobRun, Progress
from services.sync.sources.anime_ids import AnimeIdsSource, ListFile

NAME: Final = "anime_ids"
SET: Final[SetName] = NAME
LINE_ROWS: Final = 1000
WITHIN_S: Final = 600.0

log = structlog.get_logger(__name__)


class ImportAnimeIds:
    """`incremental` asks only for a list that has changed, `full` for any."""

    name = NAME
    scope: Literal["hub", "account"] = "hub"

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
        except (Unavailable, UpstreamTimedOut, UpstreamFailed) as error:
            raise SourceAway(str(error)) from error
        except FetchError as error:
            raise _failed(told(error)) from error
        except (ListBroken, Conflict, InvalidInput) as error:
            raise _failed(Refused(str(error))) from error
        await report(Progress(phase=NAME, percent=100, counts={"anime": counts}))

    async def _import(self, job: JobRun, report: Report) -> Counts:
        states = {one.name: one for one in await self._catalog.states(deadline=self._within())}
        state = states[SET]
        file = await self._source.list(etag=state.etag if job.mode == "incremental" else "")
        if file is None:
            return Counts(seen=state.rows, unchanged=state.rows)
        # A tenth of a second's work would be a stutter for everybody else.
        found = await asyncio.to_thread(read_list, file.body)
        await report(Progress(phase=NAME, percent=50, counts={"anime": Counts(seen=found.entries)}))
        return await self._hand_over(f"{job.id}/{job.attempts}", found, file)

    async def _hand_over(self, run: str, found: AnimeList, file: ListFile) -> Counts:
        await self._catalog.stage(SET, run, _lines(found.ids), deadline=self._within())
        counts = await self._catalog.swap(SET, Swap(run=run, etag=file.etag), deadline=self._within())
        log.info("anime_ids_imported", entries=found.entries, linked=found.linked, ids=len(found.ids))
        return Counts(found.entries, counts.added, counts.changed, counts.removed, counts.unchanged)

    def _within(self) -> Deadline:
        return Deadline.after(self._clock, WITHIN_S)


async def _lines(ids: Sequence[AnimeId]) -> AsyncIterator[bytes]:
    for start in range(0, len(ids), LINE_ROWS):
        yield msgspec.json.encode(ids[start : start + LINE_ROWS]) + b"\n"


def _failed(cause: SourceAway | Refused) -> SourceAway | ImportFailed:
    if isinstance(cause, SourceAway):
        return cause
    log.warning("anime_ids_refused", reason=str(cause))
    return ImportFailed(f"The list of anime ids: {cause} The ids that were there before stay.")
