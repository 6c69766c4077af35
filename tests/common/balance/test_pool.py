"""Whose turn it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from libs.common.balance.errors import NotSent
from libs.common.balance.figures import Figures
from libs.common.balance.member import Member
from libs.common.balance.model import BalancePolicy
from libs.common.balance.pool import Pool
from libs.common.metrics import Metrics
from libs.common.tasks import Tasks
from tests.fakes.clock import ManualClock, settle

A, B, C, D = (f"http://10.0.0.{number}:80" for number in range(1, 5))


@pytest.fixture
def metrics(clock: ManualClock) -> Metrics:
    return Metrics("test", clock=clock)


@pytest.fixture
async def pool(clock: ManualClock, metrics: Metrics) -> AsyncIterator[Pool]:
    tasks = Tasks()
    pool = Pool("catalog", clock=clock, tasks=tasks, figures=Figures("catalog", metrics))
    yield pool
    await tasks.aclose()
    await pool.aclose()


def named(pool: Pool, url: str) -> Member:
    return next(member for member in pool.members if member.url == url)


async def fail(member: Member, times: int = BalancePolicy().ejected_after) -> None:
    async def refuse() -> None:
        raise NotSent

    for _ in range(times):
        with pytest.raises(NotSent):
            await member.judged(refuse)


def rotation(pool: Pool) -> set[str]:
    return {member.url for member in pool.rotation()}


async def test_the_least_busy_is_asked(pool: Pool) -> None:
    pool.set([A, B, C])
    for url, outstanding in ((A, 2), (B, 1), (C, 3)):
        named(pool, url).outstanding = outstanding
    assert pool.pick() is named(pool, B)


async def test_of_equals_each_has_its_share(pool: Pool) -> None:
    pool.set([A, B])
    turns = Counter(member.url for _ in range(200) if (member := pool.pick()) is not None)
    assert min(turns[A], turns[B]) > 50


async def test_who_was_tried_is_not_asked_again(pool: Pool) -> None:
    pool.set([A, B])
    assert pool.pick([named(pool, A)]) is named(pool, B)
    assert pool.pick(pool.members) is None


async def test_who_fails_three_times_is_ejected_and_comes_back(pool: Pool, clock: ManualClock) -> None:
    pool.set([A, B])
    await fail(named(pool, A), 2)
    assert rotation(pool) == {A, B}
    await fail(named(pool, A), 1)
    assert rotation(pool) == {B}
    clock.advance(BalancePolicy().eject_s * 1.2)
    assert rotation(pool) == {A, B}


async def test_calls_that_fail_together_are_one_ejection(pool: Pool) -> None:
    pool.set([A, B])
    gate = asyncio.Event()

    async def refuse() -> None:
        await gate.wait()
        raise NotSent

    async with asyncio.TaskGroup() as group:

        async def refused() -> None:
            with pytest.raises(NotSent):
                await named(pool, A).judged(refuse)

        for _ in range(10):
            group.create_task(refused())
        await settle()
        gate.set()
    assert [one.ejections for one in pool.snapshot()] == [1, 0]


async def test_each_ejection_lasts_longer_up_to_a_limit(pool: Pool, clock: ManualClock) -> None:
    pool.set([A, B])
    lasted = []
    await fail(named(pool, A))
    for _ in range(10):
        lasted.append(named(pool, A).ejected_for_s)
        clock.advance(lasted[-1])
        await fail(named(pool, A), 1)
    assert lasted[0] < lasted[1] < lasted[2]
    assert max(lasted) <= BalancePolicy().max_eject_s * 1.1


async def test_only_one_call_at_a_time_finds_out_whether_it_is_back(pool: Pool, clock: ManualClock) -> None:
    pool.set([A, B])
    await fail(named(pool, A))
    clock.advance(10)
    seen: list[set[str]] = []

    async def look() -> None:
        seen.append(rotation(pool))

    await named(pool, A).judged(look)
    assert seen == [{B}]
    assert rotation(pool) == {A, B}


async def test_never_more_than_half_are_ejected(pool: Pool) -> None:
    pool.set([A, B, C, D])
    for member in pool.members:
        await fail(member)
    assert len(rotation(pool)) == 2


async def test_when_all_fail_their_checks_all_are_used(pool: Pool) -> None:
    pool.set([A, B])
    for member in pool.members:
        member.failing = True
    turns = {picked.url for _ in range(100) if (picked := pool.pick()) is not None}
    assert turns == {A, B}


async def test_who_drains_or_fails_is_left_out(pool: Pool) -> None:
    pool.set([A, B, C])
    named(pool, A).draining = True
    named(pool, B).failing = True
    assert rotation(pool) == {C}
    assert {one.address: one.state for one in pool.snapshot()} == {A: "draining", B: "failing", C: "up"}


async def test_who_is_gone_is_closed_after_its_last_answer_and_takes_its_series_along(
    pool: Pool, metrics: Metrics
) -> None:
    pool.set([A, B])
    gone = named(pool, A)
    gone.outstanding = 1
    assert b'replica="10.0.0.1:80"' in metrics.render()
    pool.set([B])
    await settle()
    assert not gone.session.closed
    gone.outstanding = 0
    pool.close_if_done(gone)
    await settle()
    assert gone.session.closed


async def test_the_series_of_who_is_gone_end(pool: Pool, metrics: Metrics) -> None:
    pool.set([A, B])
    await fail(named(pool, A))
    pool.set([B])
    assert b"10.0.0.1" not in metrics.render()


async def test_a_mad_list_is_cut(pool: Pool) -> None:
    pool.set([f"http://10.0.0.{number}:80" for number in range(200)])
    assert len(pool) == 64
