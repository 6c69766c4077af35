"""The row is the truth: who may change it, when it can be taken over, and what is listed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from libs.common.db.migrate import downgrade, status, upgrade
from libs.common.identity import Identity
from services.sync.jobs import Bells, Jobs
from services.sync.kinds import Kinds, Report
from services.sync.model import MAX_ATTEMPTS, Counts, JobRun, Progress
from services.sync.store.jobs import Filter, Store
from tests.fakes.clock import ManualClock
from tests.sync.conftest import Doing, a_run, nobody

LEASE_S = 15.0
PROGRESS = Progress(
    phase="movies", percent=40, counts={"movies": Counts(seen=4, added=3)}, resume_at="page 5"
)


async def test_the_schema_goes_up_down_and_up_again(database_url: str) -> None:
    await upgrade(database_url, service="sync")
    await downgrade(database_url, service="sync", to=None)
    assert (await status(database_url, service="sync")).current is None
    await upgrade(database_url, service="sync")
    assert (await status(database_url, service="sync")).pending == 0


async def test_of_many_workers_one_gets_the_run(store: Store) -> None:
    await store.add(a_run())
    claims = await asyncio.gather(
        *(store.claim(f"w{number}", ["work"], lease_s=LEASE_S) for number in range(8))
    )
    claimed = [run for run in claims if run is not None]
    assert len(claimed) == 1
    assert (claimed[0].state, claimed[0].attempts) == ("running", 1)


async def test_a_worker_claims_only_kinds_it_knows(store: Store) -> None:
    await store.add(a_run(kind="new"))
    assert await store.claim("w1", ["work"], lease_s=LEASE_S) is None


async def test_a_second_unfinished_run_of_a_kind_is_not_queued(store: Store) -> None:
    assert await store.add(a_run("j1")) is not None
    assert await store.add(a_run("j2")) is None
    assert await store.add(a_run("j3", account_id="other")) is not None
    await store.cancel("j1")
    assert await store.add(a_run("j4")) is not None


async def test_a_slot_is_used_once_even_after_its_run_ended(store: Store) -> None:
    assert await store.add(a_run("j1"), slot="work/1") is not None
    await store.cancel("j1")
    assert await store.add(a_run("j2"), slot="work/1") is None
    assert await store.add(a_run("j3"), slot="work/2") is not None


async def test_a_silent_worker_loses_the_run_and_the_next_one_goes_on(
    store: Store, clock: ManualClock
) -> None:
    await store.add(a_run())
    await store.claim("dead", ["work"], lease_s=LEASE_S)
    assert await store.report("j1", "dead", PROGRESS)
    clock.advance(LEASE_S - 1)
    assert await store.claim("next", ["work"], lease_s=LEASE_S) is None
    clock.advance(2)
    run = await store.claim("next", ["work"], lease_s=LEASE_S)
    assert run is not None
    assert (run.resume_at, run.progress, run.attempts) == ("page 5", 40, 2)
    assert run.counts == {"movies": Counts(seen=4, added=3)}
    assert not await store.report("j1", "dead", PROGRESS)
    assert not (await store.beat("j1", "dead", lease_s=LEASE_S)).held
    assert not await store.finish("j1", "dead", "succeeded")
    assert await store.finish("j1", "next", "succeeded")


async def test_a_heartbeat_keeps_the_run(store: Store, clock: ManualClock) -> None:
    await store.add(a_run())
    await store.claim("w1", ["work"], lease_s=LEASE_S)
    for _ in range(5):
        clock.advance(LEASE_S - 1)
        assert (await store.beat("j1", "w1", lease_s=LEASE_S)).held
        assert await store.claim("w2", ["work"], lease_s=LEASE_S) is None


async def test_a_cancelled_waiting_run_ends_at_once_and_a_running_one_is_asked_to(store: Store) -> None:
    await store.add(a_run("waiting", account_id="a"))
    await store.cancel("waiting")
    waiting = await store.get("waiting")
    assert waiting is not None
    assert waiting.state == "cancelled"
    await store.add(a_run("running"))
    await store.claim("w1", ["work"], lease_s=LEASE_S)
    await store.cancel("running")
    assert (await store.beat("running", "w1", lease_s=LEASE_S)).cancel_wanted
    await store.finish("running", "w1", "succeeded")
    await store.cancel("running")
    done = await store.get("running")
    assert done is not None
    assert (done.state, done.progress) == ("succeeded", 100)


async def test_a_run_given_back_with_an_error_waits_and_counts_as_a_try(
    store: Store, clock: ManualClock
) -> None:
    await store.add(a_run())
    await store.claim("w1", ["work"], lease_s=LEASE_S)
    await store.requeue("j1", "w1", after_s=30, error="The catalog service can't be reached.")
    assert await store.claim("w2", ["work"], lease_s=LEASE_S) is None
    clock.advance(31)
    run = await store.claim("w2", ["work"], lease_s=LEASE_S)
    assert run is not None
    assert run.attempts == 2


async def test_a_run_given_back_by_a_stopping_worker_is_free_at_once_and_loses_no_try(store: Store) -> None:
    await store.add(a_run())
    await store.claim("w1", ["work"], lease_s=LEASE_S)
    await store.requeue("j1", "w1")
    run = await store.claim("w2", ["work"], lease_s=LEASE_S)
    assert run is not None
    assert run.attempts == 1


async def test_who_has_many_accounts_at_providers_leaves_workers_to_others(store: Store) -> None:
    for number in range(4):
        await store.add(
            replace(a_run(f"mine{number}"), account_id="greedy", profile_id="p", subject=f"s{number}")
        )
    await store.add(replace(a_run("other"), account_id="other", profile_id="p", subject="s"))
    claims = [await store.claim("w1", ["work"], lease_s=LEASE_S) for _ in range(4)]
    assert [run and run.id for run in claims] == ["mine0", "mine1", "other", None]
    await store.finish("mine0", "w1", "succeeded")
    run = await store.claim("w1", ["work"], lease_s=LEASE_S)
    assert run is not None
    assert run.id == "mine2"


async def test_a_run_that_kills_its_workers_is_given_up(store: Store, clock: ManualClock) -> None:
    await store.add(a_run())
    for number in range(MAX_ATTEMPTS):
        assert await store.claim(f"w{number}", ["work"], lease_s=LEASE_S) is not None
        assert await store.bury() == []
        clock.advance(LEASE_S + 1)
    assert await store.claim("last", ["work"], lease_s=LEASE_S) is None
    assert await store.bury() == ["work"]
    run = await store.get("j1")
    assert run is not None
    assert run.state == "failed"
    assert "Given up" in run.error


async def test_old_finished_runs_are_forgotten_and_others_kept(store: Store, clock: ManualClock) -> None:
    await store.add(a_run("old"))
    await store.cancel("old")
    clock.advance(100)
    await store.add(a_run("new"))
    await store.add(a_run("unfinished", account_id="a"))
    await store.cancel("new")
    assert await store.forget(older_than_s=50) == 1
    assert await store.get("old") is None
    assert await store.get("new") is not None
    assert await store.get("unfinished") is not None


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_show_every_run_once_newest_first(store: Store, size: int) -> None:
    for number in range(7):
        await store.add(a_run(f"j{number}", account_id=f"a{number}", created_at=number // 3))
    seen: list[str] = []
    wanted = Filter(accounts=None, limit=size)
    while runs := await store.listed(wanted):
        seen += [run.id for run in runs]
        wanted = Filter(accounts=None, limit=size, before_ms=runs[-1].created_at, before_id=runs[-1].id)
    assert seen == ["j6", "j5", "j4", "j3", "j2", "j1", "j0"]


async def test_a_list_can_be_narrowed(store: Store) -> None:
    await store.add(a_run("mine", account_id="me"))
    await store.add(a_run("hers", account_id="her"))
    await store.add(a_run("other", account_id="me", kind="other"))
    await store.cancel("mine")
    assert {run.id for run in await store.listed(Filter(accounts=("me",)))} == {"mine", "other"}
    assert {run.id for run in await store.listed(Filter(accounts=None, kind="work"))} == {"mine", "hers"}
    assert {run.id for run in await store.listed(Filter(accounts=None, state="cancelled"))} == {"mine"}


async def test_many_callers_of_a_short_job_all_get_one(store: Store, clock: ManualClock) -> None:
    """Runs end between the look for one in the way and the look at it: that was a refusal."""

    async def idle(_job: JobRun, _report: Report) -> None:
        return

    jobs = Jobs(store, Kinds([Doing(idle)]), Bells(), clock, providers=nobody(clock))
    owner = Identity("a1", "p1", roles=("owner",))
    done = asyncio.Event()

    async def finish_each() -> None:
        while not done.is_set():
            if (run := await store.claim("w1", ["work"], lease_s=LEASE_S)) is not None:
                await store.finish(run.id, "w1", "succeeded")

    async with asyncio.TaskGroup() as group:
        group.create_task(finish_each())
        for _ in range(20):
            await asyncio.gather(*(jobs.start(owner, "work", "incremental", None) for _ in range(10)))
        done.set()
