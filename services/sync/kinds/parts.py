"""The parts of a run one after the other: one that goes wrong leaves what was there, and the next goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from libs.common.contracts.handover import ProviderAccess, RunFinished
from libs.common.errors import (
    Conflict,
    HeadgateError,
    NotFound,
    Unavailable,
    UpstreamFailed,
    UpstreamTimedOut,
)
from libs.common.http import FetchError
from libs.protocols.xtream.errors import XtreamError
from services.sync.errors import ImportFailed
from services.sync.kinds.base import SourceAway
from services.sync.kinds.handing import Handover
from services.sync.kinds.tries import GUIDE, Run
from services.sync.kinds.trouble import Trouble, of_fetch, of_panel
from services.sync.model import Counts

log = structlog.get_logger(__name__)

AWAY: Final = (Unavailable, UpstreamTimedOut, UpstreamFailed, Conflict, NotFound)
"""Without catalog, without the account, or in another run's place there is nothing to go on with."""

Part = tuple[str, Callable[[Run], Awaitable[None]]]


def having_guide(take: Callable[[Run], Awaitable[None]]) -> Callable[[Run], Awaitable[None]]:
    """A guide that can't be read leaves everything else whole, and the run too; it is only remarked on."""

    async def taken(run: Run) -> None:
        try:
            await take(run)
        except (XtreamError, FetchError, Trouble) as error:
            trouble = _trouble(error)
            log.warning("sync_guide_failed", kind=run.job.kind, reason=str(trouble))
            run.remarks[GUIDE] = f"Guide: {trouble} The former one stays."
            counts = run.counts.get("programmes", Counts())
            run.counts["programmes"] = replace(counts, remarks={"guide_failed": 1})

    return taken


class Parts:
    """Takes the parts of a run one after the other and says at last what became of them."""

    def __init__(self, handover: Handover, names: Mapping[str, str]) -> None:
        self._handover = handover
        self._names = names

    async def run(self, run: Run, parts_of: Callable[[ProviderAccess], Sequence[Part]]) -> None:
        """Raises SourceAway or ImportFailed for what didn't go well."""
        try:
            access = await self._handover.begin(run)
            await self._each(run, parts_of(access))
            failure = await self._end(run)
        except NotFound as error:
            raise ImportFailed("The account was removed meanwhile.") from error
        except AWAY as error:
            raise SourceAway(str(error)) from error
        if failure is not None:
            raise failure

    async def _each(self, run: Run, parts: Sequence[Part]) -> None:
        for name, take in parts:
            # Which channels it is wanted for isn't known where those could not be read: it comes with them.
            if name in run.done or (name == GUIDE and run.wanted is None):
                continue
            await run.tell(name, 0.0)
            try:
                await take(run)
            except AWAY:
                raise
            except (XtreamError, FetchError, Trouble, HeadgateError) as error:
                trouble = _trouble(error)
                log.warning("sync_part_failed", kind=run.job.kind, part=name, reason=str(trouble))
                run.troubles[name] = trouble
                # Without the first part there is nothing to go on with.
                ends = trouble.ends or name == parts[0][0]
                if ends and trouble.status is not None:
                    await self._handover.problem(run, trouble, trouble.status)
                if ends:
                    return
            else:
                await run.through(name)

    async def _end(self, run: Run) -> SourceAway | ImportFailed | None:
        troubles = run.troubles
        sentence = run.sentence(self._names) if troubles else " ".join(run.remarks.values())
        await run.tell("finish", 0.5)
        finished = RunFinished(
            is_whole=not troubles, has_guide=GUIDE in run.done and GUIDE not in run.remarks, problem=sentence
        )
        await self._handover.finish(run, finished)
        if not troubles:
            await run.through("finish")
            return None
        if any(trouble.may_pass for trouble in troubles.values()):
            return SourceAway(sentence, after_s=max(trouble.after_s for trouble in troubles.values()))
        return ImportFailed(sentence)


def _trouble(error: XtreamError | FetchError | Trouble | HeadgateError) -> Trouble:
    if isinstance(error, Trouble):
        return error
    if isinstance(error, HeadgateError):
        return Trouble(f"It could not be written. {error}")
    return of_panel(error) if isinstance(error, XtreamError) else of_fetch(error)
