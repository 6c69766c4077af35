"""Syncs of accounts as pages tell of them: what runs and how far it is, and what ran before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from aiohttp import web

from libs.common.contracts.library import ProviderView
from libs.common.contracts.sync import ItemCounts, Job, NewJob
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import SYNC
from services.gateway.pages.parts import lacks_part
from services.gateway.pages.session import Form

Mode: TypeAlias = Literal["full", "incremental"]

SHOWN: Final = 10
TELLING_PERCENT: Final = 10
"""From here on the time that is left is worth telling."""
MOST_ASKED: Final = 50
"""Accounts whose runs a list asks for."""

PHASES: Final[Mapping[str, str]] = {
    "categories": "Categories",
    "channels": "Channels",
    "movies": "Films",
    "series": "Series",
    "episodes": "Episodes",
    "programmes": "Programmes",
}
"""Kinds of rows, in the order in which they come."""
PHASE_WORDS: Final[Mapping[str, str]] = {
    "account": "Asking for the account",
    "list": "The list",
    "guide": "Guide",
    "matching": "Finding titles",
    "finish": "Finishing",
}
AHEAD: Final[Mapping[str, str]] = {
    "categories": "categories",
    "channels": "channels",
    "movies": "movies",
    "series": "series",
    "guide": "programmes",
}
"""Parts of a run, and the kind of row that each counts."""
DETAILS: Final = "details"
AFTER: Final = ("matching", "finish")
STATE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "queued": ("unknown", "Waiting for its turn"),
    "running": ("slow", "Syncing"),
    "succeeded": ("ok", "Done"),
    "failed": ("failing", "Failed"),
    "cancelled": ("off", "Cancelled"),
}
"""The state's short name, as styled, and what it says."""
AGAIN_WORDS: Final = ("slow", "Trying again soon")
REMARK_WORDS: Final[Mapping[str, str]] = {
    "malformed": "not readable",
    "unnamed": "without a name",
    "repeated": "there twice",
    "guide_failed": "guide that could not be read",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What a run saw of one kind of row, and whether it is at it, has been, or comes to it later."""

    word: str
    counts: ItemCounts
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    id: str
    is_full: bool
    state: tuple[str, str]
    is_under_way: bool
    progress: int
    phase: str
    lines: tuple[Line, ...]
    has_failed: bool
    error: str
    """Why it failed, or is to be tried again; of one that ended well what nevertheless went wrong."""
    created_at: datetime
    finished_at: datetime | None
    took_s: float | None
    left_s: float | None
    """None before it can be told, and of one that has ended."""

    @property
    def changed(self) -> int:
        return sum(line.counts.added + line.counts.changed + line.counts.removed for line in self.lines)


def run_of(job: Job, now: datetime) -> Run:
    is_under_way = job.finished_at is None
    is_waiting = job.state == "queued"
    took = (job.finished_at - job.started_at) if job.finished_at and job.started_at else None
    return Run(
        id=job.id,
        is_full=job.mode == "full",
        state=AGAIN_WORDS if is_waiting and job.error else STATE_WORDS[job.state],
        is_under_way=is_under_way,
        progress=job.progress,
        # Where a try that has ended was, says nothing of the next one.
        phase="" if is_waiting else phase_words(job.phase),
        lines=() if is_waiting else _lines(job, is_under_way=is_under_way),
        has_failed=job.state == "failed",
        error=job.error or "",
        created_at=job.created_at,
        finished_at=job.finished_at,
        took_s=took.total_seconds() if took is not None else None,
        left_s=_left_s(job, now),
    )


def _left_s(job: Job, now: datetime) -> float | None:
    """As long for each percent as so far."""
    if job.finished_at is not None or job.started_at is None or job.progress < TELLING_PERCENT:
        return None
    return (now - job.started_at).total_seconds() / job.progress * (100 - job.progress)


def phase_words(phase: str) -> str:
    """A phase may name what of it is read: `movies:read`."""
    name = phase.partition(":")[0]
    return PHASES.get(name) or PHASE_WORDS.get(name) or name.replace("_", " ").capitalize()


def _lines(job: Job, *, is_under_way: bool) -> tuple[Line, ...]:
    """Of a run under way all parts that it goes through, of one that has ended what it met."""
    if not is_under_way:
        names = [*PHASES, *(name for name in job.counts if name not in PHASES)]
        return tuple(Line(phase_words(name), job.counts[name], "met") for name in names if name in job.counts)
    at = [*AHEAD].index(job.phase) if job.phase in AHEAD else len(AHEAD) if job.phase in AFTER else -1
    return tuple(
        Line(
            phase_words(name),
            job.counts.get(of, ItemCounts()),
            "met" if place < at else "now" if place == at else "later",
        )
        for place, (name, of) in enumerate(AHEAD.items())
        if name != "guide" or at >= place or of in job.counts
    )


def remark_words(reason: str) -> str:
    return REMARK_WORDS.get(reason) or reason.replace("_", " ")


async def latest_runs(
    request: web.Request, identity: Identity, providers: Sequence[ProviderView]
) -> dict[str, Run]:
    """By account; without those that sync could not be asked about."""
    found = await asyncio.gather(
        *(history(request, identity, provider, most=1) for provider in providers[:MOST_ASKED])
    )
    return {provider.id: runs[0] for provider, runs in zip(providers, found, strict=False) if runs}


async def history(
    request: web.Request, identity: Identity, provider: ProviderView, *, most: int = SHOWN
) -> tuple[Run, ...]:
    """Newest first. Sync being away costs a page its runs and nothing else."""
    try:
        page = await request.app[SYNC].jobs(
            identity, kind=provider.kind, account=provider.id, limit=most, deadline=deadline_of(request)
        )
    except HeadgateError:
        lacks_part()
        return ()
    now = deadline_of(request).clock.now()
    return tuple(run_of(job, now) for job in page.items)


async def details_of(request: web.Request, identity: Identity, provider: ProviderView) -> ItemCounts | None:
    """While single films and series are asked about: how many were to be, and of how many it is known."""
    if provider.kind != "xtream":
        return None
    try:
        page = await request.app[SYNC].jobs(
            identity, kind=DETAILS, account=provider.id, limit=1, deadline=deadline_of(request)
        )
    except HeadgateError:
        lacks_part()
        return None
    counts = next((job.counts.get(DETAILS) for job in page.items if job.finished_at is None), None)
    return counts if counts is not None and counts.seen else None


async def start(
    request: web.Request, identity: Identity, provider: ProviderView, _form: Form, *, mode: Mode
) -> str:
    job = NewJob(kind=provider.kind, mode=mode, account_id=provider.id)
    await request.app[SYNC].start(identity, job, deadline=deadline_of(request))
    return "sync_started"


async def cancel(request: web.Request, identity: Identity, _provider: ProviderView, form: Form) -> str:
    await request.app[SYNC].cancel(identity, form.get("job", ""), deadline=deadline_of(request))
    return "sync_cancelled"
