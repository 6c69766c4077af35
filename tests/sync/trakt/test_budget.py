"""However many ask for an account, and however often they start anew, Trakt's limits hold."""

from __future__ import annotations

import itertools
from collections import deque

import pytest

from libs.common.deadline import Deadline
from libs.protocols.trakt.client import CallKind, TraktClient
from libs.protocols.trakt.errors import TooMany
from services.sync.store.budgets import BudgetStore
from services.sync.trakt.budget import FIRST_REST_S, Budget
from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Person
from tests.sync.trakt.replicas import ADA, BEN, Replica

PERIOD_S = 300.0


async def asked(replica: Replica, kind: CallKind, clock: ManualClock) -> float:
    """When the next call was let through: as soon as anybody asks, again and again."""
    # New each time, as after a restart: nothing of it may be in memory.
    budget = Budget(BudgetStore(replica.database), clock).of("user:ada")
    while True:
        try:
            await budget.take(kind, Deadline.after(clock, 0))
        except TooMany as error:
            clock.advance(error.retry_after_s or 0.001)
        else:
            return clock.time()


async def test_no_five_minutes_hold_more_than_500_reads_of_all_replicas(
    one: Replica, other: Replica, clock: ManualClock
) -> None:
    recent, most = deque[float](), 0
    for replica, _ in zip(itertools.cycle([one, other]), range(1_000), strict=False):
        now = await asked(replica, "read", clock)
        recent.append(now)
        while recent[0] < now - PERIOD_S:
            recent.popleft()
        most = max(most, len(recent))
    assert 450 <= most < 500


async def test_writes_are_a_second_apart_over_all_replicas(
    one: Replica, other: Replica, clock: ManualClock
) -> None:
    times = [await asked(replica, "write", clock) for replica in (one, other, one, other, one)]
    assert all(later - former >= 1 for former, later in itertools.pairwise(times))
    assert times[-1] - times[0] < 6


async def test_profiles_that_share_an_account_share_its_budget(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    first, second = await one.connect(trakt, ada), await one.connect(trakt, ada, BEN)
    assert first.budget == second.budget
    await one.budget.of(first.budget).take("write", None)
    with pytest.raises(TooMany):
        await one.budget.of(second.budget).take("write", Deadline.after(clock, 0.5))


async def client_of(replica: Replica) -> TraktClient:
    client = await replica.access.client(ADA)
    assert isinstance(client, TraktClient)
    return client


async def test_a_rest_that_trakt_asks_for_is_kept_by_every_replica(
    one: Replica, other: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    await one.connect(trakt, ada)
    trakt.fail(429, on="GET /sync/last_activities", headers={"Retry-After": "120"})
    with pytest.raises(TooMany) as told:
        await (await client_of(one)).last_activities()
    assert told.value.retry_after_s == 120
    with pytest.raises(TooMany) as waits:
        await (await client_of(other)).last_activities()
    assert 100 < (waits.value.retry_after_s or 0) <= 120
    assert trakt.calls["GET /sync/last_activities"] == 1
    clock.advance(121)
    await (await client_of(other)).last_activities()


async def test_a_period_that_is_used_up_is_waited_for_before_trakt_refuses(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    await one.connect(trakt, ada)
    trakt.fail(
        200,
        on="GET /sync/last_activities",
        body=b"{}",
        headers={"X-Ratelimit": '{"remaining": 0, "until": "2099-01-01T00:00:00Z"}'},
    )
    await (await client_of(one)).last_activities()
    with pytest.raises(TooMany):
        await (await client_of(one)).last_activities()
    assert trakt.calls["GET /sync/last_activities"] == 1


async def test_a_refusal_that_tells_nothing_is_followed_by_longer_and_longer_rests(
    one: Replica, trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    await one.connect(trakt, ada)
    trakt.fail(429, on="GET /sync/last_activities", times=3)
    rests = list[float]()
    for _ in range(3):
        client = await client_of(one)
        with pytest.raises(TooMany):
            await client.last_activities()
        with pytest.raises(TooMany) as waits:
            await client.last_activities(deadline=Deadline.after(clock, 0))
        rests.append(waits.value.retry_after_s or 0)
        clock.advance(rests[-1] + 0.01)
    assert 0.7 * FIRST_REST_S < rests[0] < rests[1] < rests[2]
    await (await client_of(one)).last_activities()
    rows = await one.database.fetch_all("SELECT strikes FROM trakt_budgets WHERE kind = 'read'")
    assert [row["strikes"] for row in rows] == [0]


async def test_a_clock_that_was_far_ahead_stops_nobody_for_long(one: Replica, clock: ManualClock) -> None:
    budget = one.budget.of("user:ada")
    clock.advance(10 * 24 * 3600)
    await budget.take("write", None)
    late = Budget(BudgetStore(one.database), ManualClock()).of("user:ada")
    await late.take("write", None)


async def test_rows_that_say_nothing_any_more_go(one: Replica, clock: ManualClock) -> None:
    await one.budget.of("user:ada").take("read", None)
    clock.advance(2 * 3600)
    await one.budget.forget_rested()
    assert await one.database.fetch_all("SELECT subject FROM trakt_budgets") == []
