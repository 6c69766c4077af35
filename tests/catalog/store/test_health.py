"""Health as stored."""

from __future__ import annotations

from services.catalog.model import Health, HealthChange
from services.catalog.store.addons import AddonStore
from services.catalog.store.health import HealthStore
from tests.catalog.store.rows import add, addon


async def test_health_adds_up_and_unknown_addons_are_dropped(store: AddonStore, health: HealthStore) -> None:
    one = addon("one")
    await add(store, one)
    failed = HealthChange(calls=2, failures=2, failing_in_a_row=2, error="Broke.", error_at=5)
    answered = HealthChange(calls=3, failures=1, failing_in_a_row=1, answered=True, latency_ms=100)
    for change in (failed, answered, failed):
        await health.add_health({one.id: change, "gone": change})
    assert await health.health_of([one.id, "gone"]) == {
        one.id: Health(calls=7, failures=5, failing_in_a_row=3, latency_ms=100, error="Broke.", error_at=5)
    }
    await health.add_health({one.id: HealthChange(latency_ms=200, answered=True, last_answer_at=9)})
    found = (await health.health_of([one.id]))[one.id]
    assert (found.latency_ms, found.last_answer_at, found.failing_in_a_row) == (120, 9, 0)
