"""Reports of many players made durable together.

One batch is written at a time. What arrives meanwhile waits and is the next batch: no timer holds anybody
up, and the more there is to write, the more of it goes into one transaction.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from libs.common.clock import Clock
from libs.common.errors import HeadgateError, Overloaded, Unavailable
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from services.streaming.store.viewing import ViewingStore
from services.streaming.store.viewing_change import ViewingChange
from services.streaming.viewing.hot import Hot
from services.streaming.viewing.rules import continued, events_of, played, recorded
from services.streaming.viewing_model import (
    Event,
    Recorded,
    Report,
    SessionCount,
    Title,
    TitleKey,
    Video,
    VideoKey,
)

BATCH: Final = 256
"""Reports in one transaction: more make the first of them wait for the last."""
WAITING: Final = 4096
"""Reports that wait at most; at the usual pace that is several seconds of them."""
RETRY_AFTER_S: Final = 2.0
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    report: Report
    done: asyncio.Future[Recorded]


@dataclass(slots=True)
class _Batch:
    """What is known of all that the reports are about, as it becomes report by report."""

    videos: dict[VideoKey, Video]
    titles: dict[TitleKey, Title]
    events: list[Event] = field(default_factory=list)
    counts: list[SessionCount] = field(default_factory=list)
    moved: set[TitleKey] = field(default_factory=set)
    """Titles of which something else comes next now."""

    def take(self, report: Report, watched_share: float) -> Recorded:
        former = self.videos.get(report.key)
        done = recorded(former, report, watched_share)
        self.events += events_of(report.owner, report, done, former)
        self.videos[report.key] = done.video
        was = self.titles.get(report.title_key)
        title = self.titles[report.title_key] = played(was, done, former, report)
        if done.shows or (was is not None and was.last_video_id != title.last_video_id):
            self.moved.add(report.title_key)
        if report.session_id:
            self.counts.append(_count(report))
        return done


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
        """What holds afterwards, on disk. Raises Overloaded, and Unavailable when it can't be written."""
        if len(self._waiting) + len(reports) > WAITING:
            self._reports.labels("overloaded").inc(len(reports))
            raise Overloaded(
                "More is reported than can be written; send it again soon.", retry_after_s=RETRY_AFTER_S
            )
        loop = asyncio.get_running_loop()
        waiting = [_Waiting(report, loop.create_future()) for report in reports]
        self._waiting.extend(waiting)
        if waiting and not self._is_writing:
            self._is_writing = True
            self._tasks.spawn("write_progress", self._write())
        # Each is waited for, lest one that fails leave the others' errors unseen.
        outcomes = await asyncio.gather(*(one.done for one in waiting), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return [outcome for outcome in outcomes if isinstance(outcome, Recorded)]

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                await self._flush(batch)
        finally:
            self._is_writing = False
            # Only when the app ends: nobody is told that what is not written was.
            while self._waiting:
                self._waiting.popleft().done.cancel()

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
            _fail(batch, Unavailable("The service is about to end; send it again."))
            raise
        self._seconds.observe(self._clock.monotonic() - started)
        self._sizes.observe(len(batch))
        for one, outcome in zip(batch, outcomes, strict=True):
            self._reports.labels("superseded" if outcome.superseded else "accepted").inc()
            if not one.done.done():
                one.done.set_result(outcome)

    async def _written(self, reports: Sequence[Report]) -> list[Recorded]:
        keys = {report.key for report in reports}
        await self._hot.expect(keys)
        async with self._store.changing(report.owner for report in reports) as change:
            batch = _Batch(await change.videos(keys), await change.titles({one.title_key for one in reports}))
            outcomes = [batch.take(report, self._watched_share) for report in reports]
            await _find_next(change, batch)
            await change.put_videos(batch.videos)
            await change.put_titles(batch.titles)
            await change.tell(batch.events, round(self._clock.time() * 1000))
            await change.count(batch.counts)
        await self._hot.put(batch.videos)
        return outcomes


async def _find_next(change: ViewingChange, batch: _Batch) -> None:
    """What comes after videos that were finished, or begun again."""
    # Of one that is not finished, that one comes next: nothing has to be looked for.
    shows = {key for key in batch.moved if not _is_under_way(batch, key)}
    lists = await change.episodes(shows) if shows else {}
    known = await change.videos_of(shows) if shows else {}
    for key in batch.moved:
        owner, title_id = key
        title = batch.titles[key]
        videos = known.get(key, {}) | {
            one.place.video_id: one
            for (of, _), one in batch.videos.items()
            if of == owner and one.place.title_id == title_id
        }
        done = {id_ for id_, one in videos.items() if one.watched}
        episodes = lists[key].items if key in lists else ()
        batch.titles[key] = continued(title, videos.get(title.last_video_id or ""), episodes, done)


def _is_under_way(batch: _Batch, key: TitleKey) -> bool:
    last = batch.videos.get((key[0], batch.titles[key].last_video_id or ""))
    return last is not None and not last.finished


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    if not isinstance(error, HeadgateError):
        log.error("progress_not_written", reports=len(batch), exc_info=error)
    for one in batch:
        if not one.done.done():
            one.done.set_exception(error)


def _count(report: Report) -> SessionCount:
    return SessionCount(
        owner=report.owner,
        id=report.session_id,
        event=report.event,
        position_ms=report.position_ms,
        duration_ms=report.duration_ms,
        at=report.at,
    )
