"""Runs jobs: claims them under a lease, keeps the lease alive, and hands back what it can't finish."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence

import structlog

from libs.common.clock import Clock
from libs.common.errors import HeadgateError
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks, heeding
from services.sync.jobs import Bells
from services.sync.kinds import Kinds, LeaseLost, SourceAway
from services.sync.model import MAX_ATTEMPTS, JobRun, Progress, State, retry_delay_s
from services.sync.store.jobs import Beat, Store

AT_ONCE = 4
CANCEL_LOOK_S = 0.5
"""How soon it shows here that somebody cancels a run at another replica."""
LAST = frozenset({"details"})
LONGEST_DELAY_S = 3600.0
LOOK_S = 2.0  # how often to look for work that another replica queued or dropped

log = structlog.get_logger(__name__)


class Worker:
    """One replica's worker. `owner` names it in the leases and must be new for every process.

    `ended` is told of every run that has come to its end here.
    """

    def __init__(
        self,
        store: Store,
        kinds: Kinds,
        bells: Bells,
        *,
        owner: str,
        lease_s: float,
        tasks: Tasks,
        clock: Clock,
        metrics: Metrics,
        ended: Callable[[JobRun], None] = lambda _run: None,
    ) -> None:
        self._store = store
        self._kinds = kinds
        self._bells = bells
        self._owner = owner
        self._lease_s = lease_s
        self._tasks = tasks
        self._clock = clock
        self._ended = metrics.counter("jobs_total", "Job runs ended.", ("kind", "state"))
        self._tell_ended = ended
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to look for work."""
        self._loops = [
            self._tasks.spawn(f"sync_worker_{number}", self._loop(lane))
            for number, lane in enumerate(self._lanes())
        ]

    async def aclose(self) -> None:
        """Stop at once; what runs goes back to the queue for the next worker to continue."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    async def work_once(self, lane: Sequence[Sequence[str]] = ()) -> bool:
        """Run one job to its end if there is one to claim: of any kind, or the first that `lane` names."""
        for kinds in lane or (self._kinds.names,):
            run = await self._store.claim(self._owner, kinds, lease_s=self._lease_s) if kinds else None
            if run is not None:
                break
        else:
            return False
        self._bells.news.ring()
        await self._work(run)
        self._bells.news.ring()
        return True

    def _lanes(self) -> list[tuple[Sequence[str], ...]]:
        """One is for the whole installation's work alone, which a sync of hours never keeps waiting; one
        takes what nobody waits for, when there is nothing else."""
        hub = [kind.name for kind in self._kinds if kind.scope == "hub"]
        urgent = [kind.name for kind in self._kinds if kind.name not in LAST]
        last = [kind.name for kind in self._kinds if kind.name in LAST]
        return [(hub,), *[(urgent,)] * (AT_ONCE - 2), (urgent, last)]

    async def _loop(self, lane: Sequence[Sequence[str]]) -> None:
        failing = False
        while True:
            try:
                worked = await heeding(self.work_once(lane))
                failing = False
            except Exception:
                # The database is away: the lease ends by itself, and looking again is all there is to do.
                if not failing:
                    log.exception("sync_worker_failed")
                failing, worked = True, False
            if not worked:
                await self._bells.work.wait(LOOK_S)

    async def _work(self, run: JobRun) -> None:
        log.info("job_started", job=run.id, kind=run.kind, attempt=run.attempts)
        if run.cancel_wanted:
            await self._end(run, "cancelled")
            return
        work = self._tasks.spawn(f"job_{run.kind}", self._outcome(run))
        beats = self._tasks.spawn("job_heartbeat", self._beat(run, work))
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            # This process stops: the next worker goes on where this one was.
            work.cancel()
            await asyncio.wait({work})
            # What goes wrong meanwhile may come of this process stopping, too.
            if work.cancelled() or work.result() is not None:
                await self._store.requeue(run.id, self._owner)
            else:
                await self._conclude(run, None)
            raise
        finally:
            beats.cancel()
        if work.cancelled():
            await self._end(run, "cancelled")
        else:
            await self._conclude(run, work.result())

    async def _outcome(self, run: JobRun) -> Exception | None:
        """How the work ended, as a value: an error belongs in the row, not in the supervisor's log."""

        async def report(progress: Progress) -> None:
            if not await self._store.report(run.id, self._owner, progress):
                raise LeaseLost
            self._bells.news.ring()

        try:
            await self._kinds[run.kind].run(run, report)
        except Exception as error:
            return error
        return None

    async def _beat(self, run: JobRun, work: asyncio.Task[Exception | None]) -> None:
        """Keep the lease; end the work when the lease is lost or somebody cancels the job."""
        held_until = self._clock.monotonic() + self._lease_s
        look_s = min(self._lease_s / 3, CANCEL_LOOK_S)
        for looks in itertools.count(1):
            # The bell may mean that somebody cancels.
            await self._bells.work.wait(look_s)
            asked_at = self._clock.monotonic()
            try:
                if looks % max(1, round(self._lease_s / 3 / look_s)) and not await self._store.is_cancelled(
                    run.id
                ):
                    continue
                beat = await self._store.beat(run.id, self._owner, lease_s=self._lease_s)
            except Exception as error:
                log.warning("job_heartbeat_failed", job=run.id, error=type(error).__name__)
                beat = Beat(held=asked_at < held_until)
            else:
                held_until = asked_at + self._lease_s
            if not beat.held or beat.cancel_wanted:
                work.cancel()
                return

    async def _conclude(self, run: JobRun, error: Exception | None) -> None:
        if error is None:
            await self._end(run, "succeeded")
        elif isinstance(error, LeaseLost):
            log.warning("job_taken_over", job=run.id, kind=run.kind)
        elif isinstance(error, SourceAway) and run.attempts < MAX_ATTEMPTS:
            delay_s = max(retry_delay_s(run.attempts), min(error.after_s, LONGEST_DELAY_S))
            log.warning("job_delayed", job=run.id, kind=run.kind, delay_s=delay_s, reason=str(error))
            await self._store.requeue(run.id, self._owner, after_s=delay_s, error=str(error))
        elif isinstance(error, SourceAway | HeadgateError):
            await self._end(run, "failed", str(error))
        else:
            log.error("job_crashed", job=run.id, kind=run.kind, exc_info=error)
            await self._end(run, "failed", "Something went wrong inside Headgate; its log says more.")

    async def _end(self, run: JobRun, state: State, error: str = "") -> None:
        if await self._store.finish(run.id, self._owner, state, error=error):
            self._ended.labels(run.kind, state).inc()
            log.info("job_ended", job=run.id, kind=run.kind, state=state, error=error)
            self._tell_ended(run)
