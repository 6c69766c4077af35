"""One try of a run about an account at a provider: what is told of it, and what a successor needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import msgspec

from libs.common.clock import Clock
from libs.common.contracts.handover import HandoverCounts, RowKind
from services.sync.kinds.base import Report
from services.sync.kinds.trouble import Trouble
from services.sync.model import Counts, JobRun, Progress
from services.sync.reading.order import Tally

TELL_S: Final = 1.0
GUIDE: Final = "guide"
GUIDE_NEEDS: Final = frozenset({"channels", "list"})
"""What says which channels the guide is wanted for is read again if that is still to come."""


class Note(msgspec.Struct, frozen=True):
    """Where a run is: the parts that are through with."""

    done: tuple[str, ...] = ()


class Run:
    """The parts that are through with, those that went wrong, and what was counted."""

    def __init__(self, job: JobRun, report: Report, clock: Clock, weights: Mapping[str, int]) -> None:
        self.job = job
        self.token = f"{job.id}/{job.attempts}"
        """Names this try: whoever takes the run over has another, and so never mixes with this one."""
        self.counts: dict[str, Counts] = dict(job.counts)
        self.before: Mapping[str, Counts] = dict(job.counts)
        note = msgspec.json.decode(job.resume_at, type=Note) if job.resume_at else Note()
        self.done = [part for part in note.done if GUIDE in note.done or part not in GUIDE_NEEDS]
        self.troubles: dict[str, Trouble] = {}
        self.remarks: dict[str, str] = {}
        self.wanted: bytes | None = None
        self._report = report
        self._clock = clock
        self._weights = weights
        self._told_at = float("-inf")

    @property
    def provider(self) -> str:
        return self.job.subject

    @property
    def is_full(self) -> bool:
        return self.job.mode == "full"

    async def tell(self, part: str, share: float, *, at_once: bool = True) -> None:
        """`share` is how much of the part is through, 0 to 1."""
        now = self._clock.monotonic()
        if not at_once and now - self._told_at < TELL_S:
            return
        self._told_at = now
        through = sum(weight for name, weight in self._weights.items() if name in self.done)
        if part not in self.done:
            through += int(self._weights.get(part, 0) * share)
        percent = 100 * through // sum(self._weights.values())
        note = msgspec.json.encode(Note(tuple(self.done))).decode()
        await self._report(Progress(phase=part, percent=percent, counts=dict(self.counts), resume_at=note))

    async def through(self, part: str) -> None:
        self.done.append(part)
        await self.tell(part, 1.0)

    def added(self, kind: RowKind, counts: HandoverCounts) -> None:
        so_far = self.counts.get(kind, Counts())
        self.counts[kind] = replace(
            so_far,
            added=so_far.added + counts.added,
            changed=so_far.changed + counts.changed,
        )

    def seen(self, tally: Tally, written: Mapping[str, int]) -> None:
        """`written` is what this try has sent that was no change after all."""
        for kind, seen in tally.kinds.items():
            before = self.before.get(kind, Counts())
            # What an earlier try of this run wrote is known to this one, and yet no old acquaintance.
            known = max(0, seen.known - before.added - before.changed) if not self.is_full else 0
            self.counts[kind] = replace(
                self.counts.get(kind, Counts()),
                seen=seen.seen,
                unchanged=known + written.get(kind, 0),
            )

    def sentence(self, names: Mapping[str, str]) -> str:
        """What went wrong, in the order of the parts, and what is new nevertheless."""
        parts = [f"{names[part]}: {trouble}" for part, trouble in self.troubles.items()]
        well = [names[part] for part in self.done if part in names and part not in self.troubles]
        kept = "What was there before stays."
        return " ".join([*parts, kept, *([f"Up to date: {', '.join(well)}."] if well else [])])
