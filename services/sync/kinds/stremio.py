"""`stremio`: read what has changed in a profile's library at Stremio, and hand it over to viewing state."""

from __future__ import annotations

from typing import Final

from libs.common.errors import Conflict, Unavailable, UpstreamFailed, UpstreamTimedOut
from services.sync.errors import ImportFailed
from services.sync.kinds.base import Report, Scope, SourceAway
from services.sync.model import Counts, JobRun, Owner, Progress
from services.sync.store.stremio import StremioStore
from services.sync.stremio.errors import StremioNotConnected
from services.sync.stremio.library import Library, Read
from services.sync.stremio.reasons import TEXTS
from services.sync.stremio.writing import Writing

NAME: Final = "stremio"


class SyncStremio:
    """`incremental` reads what has changed, `full` everything anew. Then what was watched here is written
    there, if its owner wants that."""

    name = NAME
    scope: Scope = "profile"

    def __init__(self, connections: StremioStore, library: Library, writing: Writing) -> None:
        self._connections = connections
        self._library = library
        self._writing = writing

    async def check(self) -> None:
        """It may always be started."""

    async def subject_of(self, owner: Owner) -> str:
        held = await self._connections.of(owner)
        if held is None:
            raise StremioNotConnected(TEXTS["not_connected"])
        return held.id

    async def run(self, job: JobRun, report: Report) -> None:
        held = await self._connections.get(job.subject)
        if held is None or held.state != "connected":
            raise ImportFailed(TEXTS[(held and held.reason) or "not_connected"])
        telling = _Telling(report)
        try:
            if held.choices.poll:
                read = await self._library.read(held, telling.read, again=job.mode == "full")
                await telling.told(read)
            if held.choices.write_back:
                await telling.wrote(await self._writing.write(held))
        except StremioNotConnected as error:
            raise ImportFailed(str(error)) from None
        except (Unavailable, UpstreamFailed, UpstreamTimedOut, Conflict) as error:
            raise SourceAway(str(error), after_s=error.retry_after_s or 0.0) from None


class _Telling:
    """How far a run is, and what it counted."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._counts: dict[str, Counts] = {}

    async def read(self, done: int, of: int) -> None:
        self._counts["titles"] = Counts(seen=done)
        await self._tell("titles", 80 * done // max(1, of))

    async def told(self, read: Read) -> None:
        self._counts["titles"] = Counts(
            seen=len(read.there),
            changed=len(read.changed),
            removed=len(read.gone),
            remarks={"episodes_later": read.later} if read.later else {},
        )
        for part, told in read.counts.items():
            remarks = {"kept": told.kept, "refused": told.refused, "guarded": int(told.guarded)}
            self._counts[part] = Counts(
                told.seen,
                told.added,
                told.changed,
                told.removed,
                told.unchanged,
                {name: count for name, count in remarks.items() if count},
            )
        await self._tell("told", 90)

    async def wrote(self, titles: int) -> None:
        self._counts["written"] = Counts(seen=titles, changed=titles)
        await self._tell("written", 99)

    async def _tell(self, phase: str, percent: int) -> None:
        await self._report(Progress(phase=phase, percent=percent, counts=dict(self._counts)))
