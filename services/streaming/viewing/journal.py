"""Reports of many players made durable together.

One batch is written at a time. What arrives meanwhile waits and is the next batch: no timer holds anybody
up, and the more there is to write, the more of it goes into one transaction.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.errors import HeadgateError, Overloaded, Unavailable
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from services.streaming.errors import TooManyReports, ViewingFull
from services.streaming.store.viewing import ViewingStore
from services.streaming.viewing.batch import read_batch
from services.streaming.viewing.hot import Hot
from services.streaming.viewing_model import Recorded, Report

BATCH: Final = 256
"""Reports in one transaction: more make the first of them wait for the last."""
WAITING: Final = 4096
"""Reports that wait at most; at the usual pace that is several seconds of them."""
SHARE: Final = WAITING // 8
"""Of them an account's: more than a whole batch of what waited for a line, and room for everybody else."""
RETRY_AFTER_S: Final = 2.0
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    report: Report
    done: asyncio.Future[Recorded | ViewingFull]


class Journal:
    """Takes reports; each is answered when it is on disk."""

    def __init__(
        self,
        store: ViewingStore,
        hot: Hot,
        *,
        watched_share: float,
        clock: Clock,
        tasks: Tasks,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._hot = hot
        self._watched_share = watched_share
        self._clock = clock
        self._tasks = tasks
        self._waiting: deque[_Waiting] = deque()
        self._waiting_of: Counter[str] = Counter()
        self._is_writing = False
        self._sizes = metrics.histogram(
            "progress_flush_reports", "Reports of players written together.", buckets=_SIZES
        )
        self._seconds = metrics.histogram("progress_flush_seconds", "Time of one such write.")
        self._reports = metrics.counter(
            "progress_reports_total", "Reports of players by outcome.", ("outcome",)
        )
        metrics.gauge("progress_waiting", "Reports of players that wait to be written.").set_function(
            lambda: len(self._waiting)
        )

    async def record(self, reports: Sequence[Report]) -> list[Recorded]:
        """What holds afterwards, on disk. Raises TooManyReports, Overloaded, ViewingFull, and Unavailable
        when it can't be written."""
        outcomes = await self.record_each(reports)
        for outcome in outcomes:
            if isinstance(outcome, ViewingFull):
                raise outcome
        return [outcome for outcome in outcomes if isinstance(outcome, Recorded)]

    async def record_each(self, reports: Sequence[Report]) -> list[Recorded | ViewingFull]:
        """As `record`, but what there is no room for refuses no other."""
        self._check_turn(reports)
        loop = asyncio.get_running_loop()
        waiting = [_Waiting(report, loop.create_future()) for report in reports]
        self._waiting.extend(waiting)
        self._waiting_of.update(report.owner.account_id for report in reports)
        if waiting and not self._is_writing:
            self._begin()
        # Each is waited for, lest one that fails leave the others' errors unseen.
        outcomes = await asyncio.gather(*(one.done for one in waiting), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, ViewingFull):
                raise outcome
        return [outcome for outcome in outcomes if isinstance(outcome, Recorded | ViewingFull)]

    def _check_turn(self, reports: Sequence[Report]) -> None:
        """Raises TooManyReports, Overloaded."""
        again = "send it again soon"
        if len(self._waiting) + len(reports) > WAITING:
            self._reports.labels("overloaded").inc(len(reports))
            raise Overloaded(f"More is reported than can be written; {again}.", retry_after_s=RETRY_AFTER_S)
        of = Counter(report.owner.account_id for report in reports)
        if any(self._waiting_of[account_id] + more > SHARE for account_id, more in of.items()):
            self._reports.labels("overloaded").inc(len(reports))
            raise TooManyReports(
                f"{SHARE} reports of an account wait at most; {again}.", retry_after_s=RETRY_AFTER_S
            )

    def _next(self) -> _Waiting:
        one = self._waiting.popleft()
        account_id = one.report.owner.account_id
        self._waiting_of[account_id] -= 1
        if not self._waiting_of[account_id]:
            del self._waiting_of[account_id]
        return one

    def _begin(self) -> None:
        try:
            writing = self._tasks.spawn("write_progress", self._write())
        except RuntimeError:  # the app is closing
            self._fail_all()
            return
        self._is_writing = True
        # One that is ended before its first step has nothing of its own that would run.
        writing.add_done_callback(lambda ended: self._fail_all() if ended.cancelled() else None)

    def _fail_all(self) -> None:
        """Nobody is told that what is not written was, and nobody is left to wait."""
        self._is_writing = False
        _fail([self._next() for _ in range(len(self._waiting))], _ending())

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch = [self._next() for _ in range(min(BATCH, len(self._waiting)))]
                await self._flush(batch)
        finally:
            self._is_writing = False

    async def _flush(self, batch: Sequence[_Waiting]) -> None:
        started = self._clock.monotonic()
        try:
            outcomes = await self._written([one.report for one in batch])
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, Unavailable):
                # Something in one of them: alone it spoils no other.
                for one in batch:
                    await self._flush([one])
                return
            _fail(batch, error)
            self._reports.labels("failed").inc(len(batch))
            return
        except asyncio.CancelledError:
            _fail(batch, _ending())
            raise
        self._seconds.observe(self._clock.monotonic() - started)
        self._sizes.observe(len(batch))
        for one, outcome in zip(batch, outcomes, strict=True):
            self._reports.labels(_told(outcome)).inc()
            if not one.done.done():
                one.done.set_result(outcome)

    async def _written(self, reports: Sequence[Report]) -> list[Recorded | ViewingFull]:
        keys = {report.key for report in reports}
        await self._hot.expect(keys)
        async with self._store.changing(report.owner for report in reports) as change:
            batch = await read_batch(change, reports)
            outcomes = [batch.take(report, self._watched_share) for report in reports]
            await batch.write(change, epoch_ms(self._clock))
        await self._hot.put(batch.videos)
        return outcomes


def _ending() -> Unavailable:
    return Unavailable("The service is about to end; send it again.")


def _told(outcome: Recorded | ViewingFull) -> str:
    if isinstance(outcome, ViewingFull):
        return "refused"
    return "superseded" if outcome.superseded else "accepted"


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    if not isinstance(error, HeadgateError):
        log.error("progress_not_written", reports=len(batch), exc_info=error)
    for one in batch:
        if not one.done.done():
            one.done.set_exception(error)
