"""Health as stored."""

from __future__ import annotations

import asyncio

from libs.common.db import Database
from services.catalog.health_model import DAY_MS, HOUR_MS, Change, Figures, Span, applied, change_of
from services.catalog.store.addons import AddonStore
from services.catalog.store.health import HealthStore
from tests.catalog.health.seen import BAD, GOOD, NOW
from tests.catalog.store.rows import OWNER, add, addon

HOUR = NOW - NOW % HOUR_MS
DAY = NOW - NOW % DAY_MS


def counted(known: Figures, change: Change, _pinned: bool) -> Figures:
    return applied(known, change)


def rested(known: Figures, change: Change, pinned: bool) -> Figures:
    return known if pinned else Figures(out_since=5, probe_at=50, probes=1, failing_in_a_row=5, calls=5)


async def test_figures_add_up_and_unknown_addons_are_dropped(store: AddonStore, health: HealthStore) -> None:
    one = addon("one")
    await add(store, one)
    for seen in (GOOD, BAD, BAD):
        change = change_of(seen)
        written = await health.add({(one.id, "stream"): change, ("gone", "stream"): change}, counted)
        assert list(written) == [(one.id, "stream")]
    found = (await health.figures_of([one.id, "gone"]))[one.id]["stream"]
    assert (found.calls, found.failures, found.failing_in_a_row, found.latency_ms) == (3, 2, 2, 100)
    assert found.error == "It broke."


async def test_two_replicas_that_write_the_same_addons_lose_nothing(
    store: AddonStore, health: HealthStore
) -> None:
    one, two = addon("one"), addon("two")
    await add(store, one, two)
    keys = [(each.id, operation) for each in (one, two) for operation in ("stream", "meta", "catalog")]
    writes = [health.add(dict.fromkeys(keys[at:] + keys[:at], change_of(GOOD)), counted) for at in range(6)]
    await asyncio.gather(*writes)
    found = await health.figures_of([one.id, two.id])
    assert [figures.calls for each in found.values() for figures in each.values()] == [6] * 6
    assert (await health.history(one.id)).hours == {HOUR: Span(18, 0, 0, 1800.0)}


async def test_hours_and_days_are_kept_and_swept(store: AddonStore, health: HealthStore) -> None:
    one = addon("one")
    await add(store, one)
    spans = {HOUR: Span(2, 1, 0, 100.0), HOUR - 30 * DAY_MS: Span(1, 0, 1, 50.0)}
    await health.add({(one.id, "stream"): Change(spans=spans)}, counted)
    before = await health.history(one.id)
    assert (list(before.hours), list(before.days)) == (
        [HOUR - 30 * DAY_MS, HOUR],
        [DAY - 30 * DAY_MS, DAY],
    )
    await health.sweep(hours_before=HOUR - HOUR_MS, days_before=DAY - DAY_MS)
    after = await health.history(one.id)
    assert (after.hours, after.days) == ({HOUR: spans[HOUR]}, {DAY: spans[HOUR]})
    assert await health.hours_of([one.id], since=HOUR) == {one.id: {HOUR: spans[HOUR]}}


async def test_one_that_rests_is_taken_by_one_replica_only(store: AddonStore, health: HealthStore) -> None:
    one = addon("one")
    await add(store, one)
    await health.add({(one.id, "stream"): Change()}, rested)
    assert await health.resting() == {one.id: {"stream": 50}}
    assert await health.due(now=49, limit=5) == []
    (due,) = await health.due(now=50, limit=5)
    claimed = await asyncio.gather(*(health.claim(due, until=99) for _ in range(3)))
    assert sorted(claimed) == [False, False, True]
    assert await health.due(now=98, limit=5) == []


async def test_what_is_switched_off_is_not_asked_and_what_is_pinned_rests_no_longer(
    store: AddonStore, health: HealthStore
) -> None:
    one = addon("one")
    await add(store, one)
    await health.add({(one.id, "stream"): Change()}, rested)
    await store.describe(OWNER, one.id, name="", enabled=False, pinned=False, asked_again=False)
    assert await health.due(now=50, limit=5) == []
    await store.describe(OWNER, one.id, name="", enabled=True, pinned=True, asked_again=True)
    assert await health.resting() == {}
    await health.add({(one.id, "stream"): Change()}, rested)
    assert await health.resting() == {}
    assert (await health.figures_of([one.id]))[one.id]["stream"].calls == 5


async def test_figures_go_with_their_addon(
    store: AddonStore, health: HealthStore, database: Database
) -> None:
    one = addon("one")
    await add(store, one)
    await health.add({(one.id, "stream"): change_of(GOOD)}, counted)
    await store.remove(OWNER, one.id)
    assert await health.figures_of([one.id]) == {}
    assert await database.fetch_all("SELECT * FROM addon_health_spans") == []


async def test_those_that_fail_come_first_for_administrators(store: AddonStore, health: HealthStore) -> None:
    one, two, three = addon("one"), addon("two"), addon("three")
    await add(store, one, two, three)
    await health.add({(two.id, "meta"): change_of(BAD), (three.id, "meta"): change_of(GOOD)}, counted)
    placed, in_all = await health.worst(10)
    assert [each.id for each in placed] == [two.id, three.id, one.id]
    assert in_all == 3
    assert [each.id for each in (await health.worst(1))[0]] == [two.id]
