"""How addons answer: what is told of it, and that it adds up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from libs.addons.resting import Resting
from libs.common.contracts.addon_health import HealthObservation, HealthReport
from services.catalog.health.book import WRITTEN_EVERY_S, ByOperation, HealthBook, Judge
from services.catalog.health.told import addon_state
from services.catalog.health_model import Change, Figures, Key
from tests.catalog.health.seen import BAD, GOOD, RULES, after, seen
from tests.catalog.hub import Catalog, running_catalog
from tests.fakes.addon import FakeAddon, films
from tests.fakes.clock import ManualClock


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
    assert addon_state({"stream": after(*observations)}).status == status


class Keeper:
    """A store that fails until mended."""

    def __init__(self, *, mended: bool = False) -> None:
        self.mended = mended
        self.written: list[Mapping[Key, Change]] = []

    async def figures_of(self, addon_ids: Iterable[str]) -> Mapping[str, ByOperation]:
        return {}

    async def add(self, changes: Mapping[Key, Change], judge: Judge) -> Mapping[Key, Figures]:
        if not self.mended:
            raise OSError("gone")
        self.written.append(dict(changes))
        return {key: judge(Figures(), change, False) for key, change in changes.items()}


def book_of(store: Keeper, clock: ManualClock) -> HealthBook:
    return HealthBook(store, Resting(clock), rules=RULES, clock=clock)


async def test_what_could_not_be_written_is_written_later(clock: ManualClock) -> None:
    store = Keeper()
    book = book_of(store, clock)
    book.note(GOOD)
    with pytest.raises(OSError, match="gone"):
        await book.flush()
    book.note(BAD)
    assert (await book.known(["a"]))["a"]["stream"].calls == 2
    store.mended = True
    await book.flush()
    written = store.written[0]["a", "stream"]
    assert (written.calls, written.failures) == (2, 1)


async def test_failures_are_written_at_once_and_answers_in_batches(clock: ManualClock) -> None:
    store = Keeper(mended=True)
    book = book_of(store, clock)
    book.note(GOOD)
    await book.look()
    assert store.written == []
    book.note(BAD)
    await book.look()
    assert len(store.written) == 1
    book.note(GOOD)
    clock.advance(WRITTEN_EVERY_S)
    await book.look()
    assert len(store.written) == 2


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
