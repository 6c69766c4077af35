"""A period makes one run, whoever looks first."""

from __future__ import annotations

import asyncio

from services.sync.errors import LicenceNotAccepted
from services.sync.jobs import Bells, Jobs
from services.sync.kinds import Kinds, Report
from services.sync.model import JobRun
from services.sync.schedule import Due, Schedule
from services.sync.store.jobs import Filter, Store
from tests.fakes.clock import ManualClock
from tests.sync.conftest import Doing, nobody

EVERY_S = 600.0
EVERYTHING = Filter(accounts=None)


async def nothing(_job: JobRun, _report: Report) -> None:
    return None


def replica(store: Store, clock: ManualClock, keep_s: float = 10 * EVERY_S) -> Schedule:
    jobs = Jobs(store, Kinds([Doing(nothing)]), Bells(), clock, providers=nobody(clock))
    return Schedule(jobs, store, [Due("work", EVERY_S)], clock, keep_s=keep_s)


async def test_two_replicas_make_one_run_per_period(store: Store, clock: ManualClock) -> None:
    replicas = [replica(store, clock) for _ in range(2)]
    for period in range(1, 4):
        await asyncio.gather(*(one.look() for one in replicas for _ in range(3)))
        runs = await store.listed(EVERYTHING)
        assert len(runs) == period
        await store.cancel(runs[0].id)
        clock.advance(EVERY_S / 2)
        await asyncio.gather(*(one.look() for one in replicas))
        assert len(await store.listed(EVERYTHING)) == period
        clock.advance(EVERY_S / 2)


async def test_a_restart_within_a_period_makes_no_second_run(store: Store, clock: ManualClock) -> None:
    await replica(store, clock).look()
    [run] = await store.listed(EVERYTHING)
    await store.cancel(run.id)
    await replica(store, clock).look()
    assert len(await store.listed(EVERYTHING)) == 1


async def test_an_unfinished_run_stands_for_the_next_period_too(store: Store, clock: ManualClock) -> None:
    schedule = replica(store, clock)
    await schedule.look()
    clock.advance(EVERY_S)
    await schedule.look()
    assert len(await store.listed(EVERYTHING)) == 1


async def test_old_runs_are_forgotten_with_each_period(store: Store, clock: ManualClock) -> None:
    schedule = replica(store, clock, keep_s=EVERY_S)
    await schedule.look()
    [first] = await store.listed(EVERYTHING)
    await store.cancel(first.id)
    clock.advance(2 * EVERY_S)
    await schedule.look()
    assert first.id not in {run.id for run in await store.listed(EVERYTHING)}


async def test_what_may_not_be_started_yet_is_looked_at_again(store: Store, clock: ManualClock) -> None:
    kind = Doing(nothing, refusal=LicenceNotAccepted())
    jobs = Jobs(store, Kinds([kind]), Bells(), clock, providers=nobody(clock))
    schedule = Schedule(jobs, store, [Due("work", EVERY_S)], clock, keep_s=EVERY_S)
    await schedule.look()
    assert not await store.listed(EVERYTHING)
    kind.refusal = None
    await schedule.look()
    assert len(await store.listed(EVERYTHING)) == 1
