"""One worker: runs, reports, fails, retries, cancels, hands back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from libs.common.db import open_database
from libs.common.errors import NotFound
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from services.sync.jobs import Bells
from services.sync.kinds import Kinds, Report, SourceAway
from services.sync.model import MAX_ATTEMPTS, Counts, JobRun, Progress, State
from services.sync.store.jobs import Store
from services.sync.worker import Worker
from tests.fakes.clock import ManualClock
from tests.sync.conftest import Doing, Work, a_run
from tests.waiting import until

LEASE_S = 0.3


class Bench:
    """A store with one worker over one kind."""

    def __init__(self, store: Store, clock: ManualClock, work: Work) -> None:
        self.store = store
        self.kind = Doing(work)
        self.bells = Bells()
        self.tasks = Tasks()
        self.metrics = Metrics("sync")
        self.clock = clock

    def worker(self, owner: str = "w1", *, lease_s: float = LEASE_S) -> Worker:
        return Worker(
            self.store,
            Kinds([self.kind]),
            self.bells,
            owner=owner,
            lease_s=lease_s,
            tasks=self.tasks,
            clock=self.clock,
            metrics=self.metrics,
        )

    async def run(self) -> JobRun:
        run = await self.store.get("j1")
        assert run is not None
        return run

    async def reaches(self, state: State) -> JobRun:
        async def reached() -> bool:
            return (await self.run()).state == state

        await until(reached)
        return await self.run()


@pytest.fixture
async def bench(store: Store, clock: ManualClock) -> AsyncIterator[Bench]:
    async def nothing(_job: JobRun, _report: Report) -> None:
        return None

    made = Bench(store, clock, nothing)
    await store.add(a_run())
    yield made
    await made.tasks.aclose()


async def test_a_run_reports_and_succeeds(bench: Bench) -> None:
    async def work(_job: JobRun, report: Report) -> None:
        await report(Progress(phase="movies", percent=50, counts={"movies": Counts(seen=2)}))

    bench.kind.work = work
    assert await bench.worker().work_once()
    run = await bench.run()
    assert (run.state, run.phase, run.progress, run.error) == ("succeeded", "movies", 100, "")
    assert run.counts == {"movies": Counts(seen=2)}
    assert run.started_at is not None
    assert run.finished_at is not None
    assert 'headgate_jobs_total{kind="work",state="succeeded"} 1.0' in bench.metrics.render().decode()


async def test_nothing_to_do_is_nothing_done(bench: Bench) -> None:
    worker = bench.worker()
    assert await worker.work_once()
    assert not await worker.work_once()


async def test_an_error_meant_for_people_is_shown(bench: Bench) -> None:
    async def work(_job: JobRun, _report: Report) -> None:
        raise NotFound("The panel knows no such user.")

    bench.kind.work = work
    await bench.worker().work_once()
    run = await bench.run()
    assert (run.state, run.error) == ("failed", "The panel knows no such user.")


async def test_a_mistake_of_ours_is_logged_and_not_shown(bench: Bench) -> None:
    async def work(_job: JobRun, _report: Report) -> None:
        raise KeyError("secret detail")

    bench.kind.work = work
    with capture_logs() as logs:
        await bench.worker().work_once()
    run = await bench.run()
    assert run.state == "failed"
    assert "secret" not in run.error
    assert [entry["event"] for entry in logs].count("job_crashed") == 1


async def test_a_source_that_is_away_is_tried_again_later_and_in_the_end_given_up(
    bench: Bench, clock: ManualClock
) -> None:
    async def work(_job: JobRun, _report: Report) -> None:
        raise SourceAway("The catalog service can't be reached.")

    bench.kind.work = work
    worker = bench.worker()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert await worker.work_once()
        assert not await worker.work_once()
        run = await bench.run()
        assert run.state == ("queued" if attempt < MAX_ATTEMPTS else "failed")
        clock.advance(301)
    assert run.error == "The catalog service can't be reached."


async def test_a_source_that_says_how_long_is_left_alone_for_that_long(
    bench: Bench, clock: ManualClock
) -> None:
    async def work(_job: JobRun, _report: Report) -> None:
        raise SourceAway("It was asked too often.", after_s=900)

    bench.kind.work = work
    worker = bench.worker()
    assert await worker.work_once()
    clock.advance(899)
    assert not await worker.work_once()
    clock.advance(2)
    assert await worker.work_once()


async def test_a_run_of_another_replica_is_cancelled_within_a_second(bench: Bench) -> None:
    begun = asyncio.Event()

    async def work(_job: JobRun, _report: Report) -> None:
        begun.set()
        await asyncio.Event().wait()

    bench.kind.work = work
    worker = bench.worker(lease_s=60.0)
    worker.start()
    await begun.wait()
    await bench.store.cancel("j1")  # no bell rings here
    async with asyncio.timeout(1.0):
        await bench.reaches("cancelled")


async def test_a_successor_starts_where_the_dead_worker_was(bench: Bench, clock: ManualClock) -> None:
    await bench.store.claim("dead", ["work"], lease_s=LEASE_S)
    await bench.store.report("j1", "dead", Progress(phase="a", percent=10, counts={}, resume_at="page 7"))
    clock.advance(LEASE_S + 0.1)
    await bench.worker("next").work_once()
    assert [job.resume_at for job in bench.kind.runs] == ["page 7"]
    assert (await bench.run()).state == "succeeded"


async def test_a_worker_whose_run_was_taken_over_stops_and_changes_nothing(
    bench: Bench, clock: ManualClock
) -> None:
    async def work(job: JobRun, report: Report) -> None:
        if job.attempts == 1:
            clock.advance(LEASE_S + 1)  # as after a long pause of the whole process
            await bench.store.claim("other", ["work"], lease_s=60)
        await report(Progress(phase="late", percent=99, counts={}))

    bench.kind.work = work
    await bench.worker().work_once()
    run = await bench.run()
    assert (run.state, run.phase) == ("running", "")


async def test_a_run_longer_than_its_lease_keeps_it(
    bench: Bench, clock: ManualClock, database_url: str
) -> None:
    rows = await open_database(database_url, schema="sync", clock=clock)

    async def lease_is_whole() -> bool:
        row = await rows.fetch_one("SELECT lease_until FROM job_runs")
        return row is not None and row["lease_until"] == int(clock.time() * 1000) + int(LEASE_S * 1000)

    async def work(_job: JobRun, _report: Report) -> None:
        for _ in range(4):
            clock.advance(LEASE_S * 0.8)
            await until(lease_is_whole)

    bench.kind.work = work
    await bench.worker().work_once()
    assert (await bench.run()).state == "succeeded"
    await rows.aclose()


async def test_a_running_job_is_cancelled_by_any_replica(bench: Bench) -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def work(_job: JobRun, _report: Report) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    bench.kind.work = work
    bench.worker().start()
    await begun.wait()
    await bench.store.cancel("j1")
    await bench.reaches("cancelled")
    assert stopped.is_set()


async def test_a_stopping_worker_hands_its_run_to_the_next(bench: Bench) -> None:
    begun = asyncio.Event()

    async def work(job: JobRun, report: Report) -> None:
        if job.resume_at:
            return
        await report(Progress(phase="half", percent=50, counts={}, resume_at="half"))
        begun.set()
        await asyncio.Event().wait()

    bench.kind.work = work
    first = bench.worker("first")
    first.start()
    await begun.wait()
    await first.aclose()
    assert (await bench.run()).state == "queued"
    await bench.worker("second").work_once()
    run = await bench.run()
    assert (run.state, run.attempts) == ("succeeded", 1)
    assert [job.resume_at for job in bench.kind.runs] == ["", "half"]


async def test_a_run_cancelled_while_nobody_had_it_ends_without_work(
    bench: Bench, clock: ManualClock
) -> None:
    await bench.store.claim("dead", ["work"], lease_s=LEASE_S)
    await bench.store.cancel("j1")
    clock.advance(LEASE_S + 1)
    await bench.worker().work_once()
    assert (await bench.run()).state == "cancelled"
    assert bench.kind.runs == []
