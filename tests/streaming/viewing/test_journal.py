"""Reports of many players written together: on disk when they are answered, bounded, none spoils another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

import pytest

from libs.common.clock import SystemClock
from libs.common.db import Database, open_database
from libs.common.db.migrate import upgrade
from libs.common.errors import Overloaded, Unavailable
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from services.streaming.errors import TooManyReports
from services.streaming.store.viewing import ViewingStore
from services.streaming.store.viewing_change import ViewingChange
from services.streaming.viewing import journal
from services.streaming.viewing.hot import NoneHot
from services.streaming.viewing.journal import Journal
from services.streaming.viewing_model import Owner, Place, Report
from tests.waiting import until

T = TypeVar("T")
OWNERS = [Owner(f"a{number}", "p1") for number in range(4)]


class HeldUp(ViewingStore):
    """A store that begins no transaction until it may, and counts those it begins."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.may, self.began = asyncio.Event(), asyncio.Event()
        self.begun: list[int] = []
        self.fails = False

    def changing(self, owners: Iterable[Owner]) -> AbstractAsyncContextManager[ViewingChange]:
        return self._changing(list(owners))

    @asynccontextmanager
    async def _changing(self, owners: Collection[Owner]) -> AsyncIterator[ViewingChange]:
        self.begun.append(len(owners))
        self.began.set()
        await self.may.wait()
        if self.fails:
            raise Unavailable("The database is away.")
        async with super().changing(owners) as change:
            yield change


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[HeldUp]:
    await upgrade(database_url, service="streaming")
    database = await open_database(database_url, schema="streaming", clock=SystemClock())
    yield HeldUp(database)
    await database.aclose()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("streaming")


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.aclose()


@pytest.fixture
def written(store: HeldUp, metrics: Metrics, tasks: Tasks) -> Journal:
    return Journal(store, NoneHot(), watched_share=0.9, clock=SystemClock(), tasks=tasks, metrics=metrics)


def report(number: int, *, position_ms: int = 1000, at: int = 1000) -> Report:
    video = f"tt{number}"
    return Report(
        owner=OWNERS[number % len(OWNERS)],
        place=Place(video, video, "movie"),
        position_ms=position_ms,
        duration_ms=100_000,
        at=at,
    )


async def until_waiting(metrics: Metrics, count: int) -> None:
    async def is_so() -> bool:
        return metrics.values("progress_waiting") == [({}, count)]

    await until(is_so)


async def test_what_arrives_during_a_write_is_the_next_one(
    written: Journal, store: HeldUp, metrics: Metrics, tasks: Tasks
) -> None:
    first = tasks.spawn("record", written.record([report(0)]))
    await store.began.wait()
    others = [tasks.spawn("record", written.record([report(number)])) for number in range(1, 101)]
    await until_waiting(metrics, 100)
    store.may.set()
    await asyncio.gather(first, *others)
    assert store.begun == [1, 100]
    kept = [await store.video(OWNERS[number % 4], f"tt{number}") for number in range(101)]
    assert None not in kept
    assert metrics.values("progress_reports_total") == [({"outcome": "accepted"}, 101)]


async def test_reports_of_one_video_in_one_write_are_taken_in_their_order(
    written: Journal, store: HeldUp
) -> None:
    store.may.set()
    done = await written.record(
        [report(0, position_ms=5000, at=2000), report(0, position_ms=1, at=1000), report(0, at=3000)]
    )
    assert [(one.superseded, one.video.position_ms) for one in done] == [
        (False, 5000),
        (True, 5000),
        (False, 1000),
    ]
    kept = await store.video(OWNERS[0], "tt0")
    assert kept == done[-1].video


async def test_more_than_can_wait_is_refused_and_nothing_of_it_written(
    written: Journal, store: HeldUp, metrics: Metrics, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "WAITING", 3)
    first = tasks.spawn("record", written.record([report(0)]))
    await store.began.wait()
    waiting = tasks.spawn("record", written.record([report(1), report(2)]))
    await until_waiting(metrics, 2)
    with pytest.raises(Overloaded) as refused:
        await written.record([report(3), report(4)])
    assert refused.value.retry_after_s
    store.may.set()
    await asyncio.gather(first, waiting)
    assert await store.video(OWNERS[3], "tt3") is None


async def test_an_account_that_reports_more_than_its_share_leaves_room_for_others(
    written: Journal, store: HeldUp, metrics: Metrics, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SHARE", 2)
    first = tasks.spawn("record", written.record([report(1)]))
    await store.began.wait()
    waiting = tasks.spawn("record", written.record([report(0), report(4)]))
    await until_waiting(metrics, 2)
    with pytest.raises(TooManyReports) as refused:
        await written.record([report(8)])
    assert refused.value.retry_after_s
    other = tasks.spawn("record", written.record([report(2), report(3)]))
    await until_waiting(metrics, 4)
    store.may.set()
    await asyncio.gather(first, waiting, other)
    await written.record([report(8), report(12)])
    assert await store.video(OWNERS[0], "tt8") is not None


async def test_what_cannot_be_written_is_said_and_the_next_is(written: Journal, store: HeldUp) -> None:
    store.may.set()
    store.fails = True
    with pytest.raises(Unavailable):
        await written.record([report(0)])
    store.fails = False
    await written.record([report(0)])
    assert await store.video(OWNERS[0], "tt0") is not None


async def test_one_who_leaves_takes_nobody_along(written: Journal, store: HeldUp, tasks: Tasks) -> None:
    leaves = tasks.spawn("record", written.record([report(0)]))
    stays = tasks.spawn("record", written.record([report(1)]))
    await store.began.wait()
    leaves.cancel()
    store.may.set()
    await stays
    assert await store.video(OWNERS[0], "tt0") is not None


async def test_whoever_waits_when_the_app_ends_is_told_to_send_it_again(
    written: Journal, store: HeldUp, metrics: Metrics, tasks: Tasks
) -> None:
    handlers = Tasks()
    being_written = handlers.spawn("record", written.record([report(0)]))
    await store.began.wait()
    waiting = [handlers.spawn("record", written.record([report(number)])) for number in (1, 2)]
    await until_waiting(metrics, 2)
    await tasks.aclose()
    outcomes = await asyncio.gather(being_written, *waiting, return_exceptions=True)
    assert [type(each) for each in outcomes] == [Unavailable] * 3
    with pytest.raises(Unavailable):
        await written.record([report(3)])
    assert metrics.values("progress_waiting") == [({}, 0)]


class EndedAtOnce(Tasks):
    """Tasks of an app that ends before any takes its first step."""

    def spawn(self, name: str, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = super().spawn(name, coro)
        task.cancel()
        return task


async def test_nobody_waits_for_a_write_that_ends_before_it_begins(store: HeldUp, metrics: Metrics) -> None:
    written = Journal(
        store, NoneHot(), watched_share=0.9, clock=SystemClock(), tasks=EndedAtOnce(), metrics=metrics
    )
    for _ in range(2):
        with pytest.raises(Unavailable):
            await written.record([report(0)])


async def test_replicas_that_write_the_same_lose_nothing(store: HeldUp, tasks: Tasks) -> None:
    """Two journals over the same tables: each profile's changes wait for each other."""
    store.may.set()
    replicas = [
        Journal(store, NoneHot(), watched_share=0.9, clock=SystemClock(), tasks=tasks, metrics=Metrics(name))
        for name in ("one", "two")
    ]
    show = [
        Report(
            owner=OWNERS[0],
            place=Place(f"tt9:1:{episode}", "tt9", "series", 1, episode),
            position_ms=100_000,
            duration_ms=100_000,
            at=episode,
        )
        for episode in range(1, 41)
    ]
    await asyncio.gather(*(replicas[number % 2].record([one]) for number, one in enumerate(show)))
    title = await store.title(OWNERS[0], "tt9")
    assert title is not None
    assert (title.completed, title.last_video_id) == (40, "tt9:1:40")
