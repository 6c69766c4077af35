"""How addons answer: what is told of it, and that it adds up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from libs.common.contracts.catalog import HealthObservation, HealthReport
from services.catalog.health import HealthBook
from services.catalog.model import Health, HealthChange, applied
from tests.catalog.hub import Catalog, running_catalog
from tests.fakes.addon import FakeAddon, films


def seen(*, ok: bool = True, ms: float = 100, at: float = 1000, addon_id: str = "a") -> HealthObservation:
    error = None if ok else "It broke."
    return HealthObservation(addon_id=addon_id, operation="stream", ok=ok, latency_ms=ms, at=at, error=error)


def after(*observations: HealthObservation, known: Health | None = None) -> Health:
    change = HealthChange()
    for observation in observations:
        change = change.plus(observation)
    return applied(known or Health(), change)


GOOD, BAD = seen(), seen(ok=False)


@pytest.mark.parametrize(
    ("observations", "status"),
    [
        ([], "unknown"),
        ([GOOD], "ok"),
        ([BAD], "failing"),
        ([GOOD, BAD, BAD], "ok"),
        ([GOOD, BAD, BAD, BAD], "failing"),
        ([GOOD, BAD, BAD, BAD, GOOD], "ok"),
        ([seen(ms=4000), seen(ms=4000)], "slow"),
    ],
)
def test_the_status_follows_the_last_answers(observations: list[HealthObservation], status: str) -> None:
    assert after(*observations).status == status


def test_a_run_of_failures_goes_on_over_a_write() -> None:
    known = after(GOOD, BAD, BAD)
    assert after(BAD, known=known).status == "failing"
    assert after(GOOD, BAD, known=known).status == "ok"


def test_the_average_leans_to_the_newest_answers() -> None:
    latency = after(*[seen(ms=100)] * 20, *[seen(ms=1000)] * 20).latency_ms
    assert latency is not None
    assert 950 < latency < 1000


class Broken:
    """A store that fails until mended."""

    def __init__(self) -> None:
        self.mended = False
        self.written: dict[str, HealthChange] = {}

    async def health_of(self, addon_ids: Iterable[str]) -> Mapping[str, Health]:
        return {}

    async def add_health(self, changes: Mapping[str, HealthChange]) -> None:
        if not self.mended:
            raise OSError("gone")
        self.written = dict(changes)


async def test_what_could_not_be_written_is_written_later() -> None:
    store = Broken()
    book = HealthBook(store)
    book.note(GOOD)
    with pytest.raises(OSError, match="gone"):
        await book.flush()
    book.note(BAD)
    assert (await book.known(["a"]))["a"].calls == 2
    store.mended = True
    await book.flush()
    assert (store.written["a"].calls, store.written["a"].failures) == (2, 1)


async def test_calls_and_errors_show_on_the_addon_and_survive_a_restart(tmp_path: Path) -> None:
    async with FakeAddon(catalogs={"top": films(1), "bad": films(1)}) as addon:
        async with running_catalog(tmp_path) as catalog:
            added = await catalog.add(addon.manifest_url)
            await catalog.items(f"catalog/{await catalog.row('Top')}.json")
            addon.on("catalog", body=b"<html>")
            await catalog.ask(f"catalog/{await catalog.row('Bad')}.json")
        async with running_catalog(tmp_path) as catalog:
            state = (await catalog.get(f"/api/v1/addons/{added['id']}"))["state"]
    assert (state["calls"], state["failures"], state["status"]) == (2, 1, "ok")
    assert state["latency_ms"] > 0
    assert state["last_answer_at"]
    assert "web page" in state["error"]


async def test_a_cached_answer_is_no_call(catalog: Catalog) -> None:
    async with FakeAddon(catalogs={"top": films(1)}) as addon:
        added = await catalog.add(addon.manifest_url)
        for _ in range(3):
            await catalog.items(f"catalog/{await catalog.row('Top')}.json")
        state = (await catalog.get(f"/api/v1/addons/{added['id']}"))["state"]
    assert state["calls"] == 1


async def test_other_services_report_and_unknown_addons_are_ignored(tmp_path: Path) -> None:
    async with FakeAddon() as addon:
        async with running_catalog(tmp_path) as catalog:
            added = await catalog.add(addon.manifest_url)
            report = HealthReport((seen(addon_id=added["id"]), seen(addon_id="gone")))
            await catalog.client.report_health(report, deadline=catalog.deadline)
        async with running_catalog(tmp_path) as catalog:
            state = (await catalog.get(f"/api/v1/addons/{added['id']}"))["state"]
    assert state["calls"] == 1
