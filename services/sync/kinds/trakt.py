"""`trakt`: read what has changed in a profile's account at Trakt, and hand it over to its viewing state.

Streaming owns that state, and what was done here last holds there whatever Trakt says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from libs.common.errors import Conflict, HeadgateError, Unavailable, UpstreamFailed, UpstreamTimedOut
from libs.protocols.trakt.errors import AnswerUnreadable, TooMany, TraktError
from libs.protocols.trakt.errors import Unavailable as TraktAway
from services.sync.errors import ImportFailed
from services.sync.kinds.base import Report, Scope, SourceAway
from services.sync.model import Counts, JobRun, ListName, Owner, Progress
from services.sync.store.connections import Connection, ConnectionStore
from services.sync.store.trakt_syncs import PageHead, Pass
from services.sync.trakt.errors import ConnectionNotFound
from services.sync.trakt.pages import PagesGone, Refused
from services.sync.trakt.refusals import NOT_CONNECTED, TEXTS
from services.sync.trakt.taking import Taken, Taking
from services.sync.trakt.tokens import refusal_of

NAME: Final = "trakt"
BEGUN: Final = "begun"
_PASSES: Final = (TraktAway, TooMany, AnswerUnreadable)


class SyncTrakt:
    """`incremental` reads the lists that changed, `full` all of them from their beginnings."""

    name = NAME
    scope: Scope = "profile"

    def __init__(self, connections: ConnectionStore, taking: Taking) -> None:
        self._connections = connections
        self._taking = taking

    async def check(self) -> None:
        """It may always be started."""

    async def subject_of(self, owner: Owner) -> str:
        held = await self._connections.of(owner)
        if held is None:
            raise ConnectionNotFound(TEXTS[NOT_CONNECTED])
        return held.id

    async def run(self, job: JobRun, report: Report) -> None:
        held = await self._connections.of(Owner(job.account_id, job.profile_id))
        if held is None or held.state != "connected":
            raise ImportFailed(TEXTS[(held and held.reason) or NOT_CONNECTED])
        try:
            await self._run(job, held, _Telling(job, report))
        except Refused as error:
            raise ImportFailed(str(error)) from error
        except PagesGone as error:
            raise SourceAway("The lists are being read anew.") from error
        except TraktError as error:
            if (reason := refusal_of(error)) or not isinstance(error, _PASSES):
                raise ImportFailed(TEXTS.get(reason, str(error))) from error
            await self._taking.away(held)
            raise SourceAway(str(error), after_s=error.retry_after_s or 0.0) from error
        except (Unavailable, UpstreamFailed, UpstreamTimedOut, Conflict) as error:
            raise _away(error) from error

    async def _run(self, job: JobRun, held: Connection, telling: _Telling) -> None:
        going = await self._taking.going(held.owner)
        full = job.mode == "full" and not job.resume_at
        if going is None or full:
            going = await self._taking.look(held, full=full)
        if going is None:
            return
        for name in going.left:
            await telling.begin(name, going)
            taken = await self._taking.take(held.owner, name, going, telling.read)
            await telling.took(taken)
        await self._taking.end(held)


class _Telling:
    """How far a run is, and what it counted."""

    def __init__(self, job: JobRun, report: Report) -> None:
        self._counts = dict(job.counts)
        self._report = report
        self._name: ListName = "playback"
        self._done = 0
        self._of = 1

    async def begin(self, name: ListName, going: Pass) -> None:
        self._name, self._of = name, max(1, going.of)
        self._done = self._of - len(going.left) + going.left.index(name)
        await self._tell(0.0)

    async def read(self, heads: Sequence[PageHead]) -> None:
        pages = heads[-1].pages or len(heads)
        self._counts[self._name] = Counts(seen=sum(len(head.keys) for head in heads))
        await self._tell(min(1.0, len(heads) / pages) * 0.9)

    async def took(self, taken: Taken) -> None:
        told = taken.counts
        remarks = {
            name: count
            for name, count in (
                ("kept", told.kept),
                ("refused", told.refused),
                ("nameless", taken.skipped),
                ("guarded", int(told.guarded)),
            )
            if count
        }
        self._counts[self._name] = Counts(
            told.seen, told.added, told.changed, told.removed, told.unchanged, remarks
        )
        await self._tell(1.0)

    async def _tell(self, share: float) -> None:
        percent = int(100 * (self._done + share) / self._of)
        progress = Progress(phase=self._name, percent=percent, counts=dict(self._counts), resume_at=BEGUN)
        await self._report(progress)


def _away(error: HeadgateError) -> SourceAway:
    return SourceAway(f"What Trakt says can't be taken over now: {error}")
