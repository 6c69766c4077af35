"""Jobs as streams of server-sent events: the state now, then every change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import msgspec

from libs.common.clock import Clock
from libs.common.identity import Identity
from services.sync.jobs import Bell, Jobs
from services.sync.model import JobRun
from services.sync.schemas import job_of
from services.sync.store.jobs import Filter

LOOK_S = 1.0  # how soon a change made by another replica shows
ALIVE_S = 15.0  # proxies cut connections that are silent for 30 to 60 s
ALIVE = b": alive\n\n"


async def events(
    jobs: Jobs, identity: Identity, first: JobRun, *, bell: Bell, clock: Clock, ended: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """The frames. Ends with the job, or when `ended()` says that the service stops.

    Raises JobNotFound if the job disappears meanwhile.
    """
    run = first
    yield frame(run)
    said_at = clock.monotonic()
    while not run.finished and not ended():
        await bell.wait(LOOK_S)
        latest = await jobs.get(identity, run.id)
        if latest.version != run.version:
            run = latest
            yield frame(run)
            said_at = clock.monotonic()
        elif clock.monotonic() - said_at >= ALIVE_S:
            yield ALIVE
            said_at = clock.monotonic()


async def events_of_all(
    jobs: Jobs, wanted: Filter, *, bell: Bell, clock: Clock, ended: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """What is unfinished now, then every change of the newest runs, for as long as somebody listens."""
    told = dict[str, int]()
    said_at = clock.monotonic()
    first = True
    while not ended():
        for run in reversed(await jobs.listed(wanted)):
            if told.get(run.id) == run.version:
                continue
            told[run.id] = run.version
            if not first or not run.finished:
                yield frame(run)
                said_at = clock.monotonic()
        if first or clock.monotonic() - said_at >= ALIVE_S:
            yield ALIVE
            said_at = clock.monotonic()
        first = False
        await bell.wait(LOOK_S)


def frame(run: JobRun) -> bytes:
    """One event; its id is the version, so a reader that comes back can say what it has seen."""
    return b"event: job\nid: %d\ndata: %s\n\n" % (run.version, msgspec.json.encode(job_of(run)))
