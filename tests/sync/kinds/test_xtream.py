"""A panel synced over real HTTP into a library that keeps rows: whole, unchanged, changed, misbehaving."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import ServiceClient
from libs.common.identity import IdentitySigner
from libs.common.secrets import SecretKey
from services.sync.errors import ImportFailed
from services.sync.kinds.base import LeaseLost, SourceAway
from services.sync.model import Counts
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.fakes.settings import SECRET
from tests.sync.conftest import FakeCatalog
from tests.sync.library import FakeLibrary, Shelf
from tests.sync.syncing import LISTS, Syncing, readers, syncing_with
from tests.waiting import until


class PanelSync:
    """A panel, the library it is synced into, and what does that."""

    def __init__(self, syncing: Syncing, panel: FakePanel, library: FakeLibrary, shelf: Shelf) -> None:
        self.syncing = syncing
        self.panel = panel
        self.library = library
        self.shelf = shelf
        self.run = syncing.run
        self.again = syncing.again

    def held(self) -> dict[str, int]:
        return {kind: len(self.shelf.of(kind)) for kind in LISTS}


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    async with FakePanel(Library(films=300, channels=100, series=50), clock=SystemClock()) as panel:
        account = panel.accounts["u1"]
        panel.accounts["u1"] = replace(account, expires_at=None)
        yield panel


@pytest.fixture
async def syncing(panel: FakePanel, catalog: FakeCatalog, tmp_path: Path) -> AsyncIterator[PanelSync]:
    signer = IdentitySigner(SecretKey.from_text(SECRET), SystemClock())
    shelf = catalog.library.put("panel", url=panel.url)
    async with (
        ServiceClient.connected("catalog", catalog.address, signer=signer) as service,
        syncing_with(service, "panel", tmp_path) as made,
    ):
        yield PanelSync(made, panel, catalog.library, shelf)


async def test_everything_arrives_at_the_first_sync(
    syncing: PanelSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.sync.kinds.handing.CATEGORIES_A_CALL", 3)
    counts = await syncing.run()
    assert counts["channels"] == Counts(seen=100, added=100)
    assert counts["movies"] == Counts(seen=300, added=300)
    assert counts["series"] == Counts(seen=50, added=50)
    assert counts["programmes"].added > 100
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}
    assert all(len(syncing.shelf.categories[kind]) > 3 for kind in LISTS)
    assert syncing.shelf.states[-1].status == "active"
    assert syncing.shelf.states[-1].max_connections == syncing.panel.accounts["u1"].max_connections
    assert syncing.shelf.finished[-1].is_whole
    assert syncing.shelf.finished[-1].has_guide
    assert [progress.percent for progress in syncing.syncing.told] == sorted(
        p.percent for p in syncing.syncing.told
    )
    assert syncing.syncing.told[-1].percent == 100


async def test_programmes_are_those_of_channels_that_are_there(syncing: PanelSync) -> None:
    await syncing.run()
    wanted = {row[13] for row in syncing.shelf.of("channels").values()} - {""}
    assert {row[0] for row in syncing.shelf.of("programmes").values()} <= wanted


async def test_what_has_not_changed_is_not_sent_again(syncing: PanelSync) -> None:
    await syncing.run()
    before = syncing.library.calls["rows"]
    counts = await syncing.run()
    assert counts["movies"] == Counts(seen=300, unchanged=300)
    assert syncing.library.calls["rows"] == before


async def test_a_full_run_sends_everything_again(syncing: PanelSync) -> None:
    await syncing.run()
    before = syncing.library.calls["rows"]
    counts = await syncing.run(mode="full")
    assert counts["movies"] == Counts(seen=300, unchanged=300)
    assert syncing.library.calls["rows"] > before


async def test_a_day_later_only_its_changes_arrive(syncing: PanelSync) -> None:
    await syncing.run()
    syncing.panel.library = syncing.panel.library.evolved(seed=1, share=0.02)
    changes = syncing.panel.library.last_changes("vod")
    counts = await syncing.run()
    assert counts["movies"].added == len(changes.added)
    assert counts["movies"].changed == len(changes.changed)
    assert counts["movies"].removed == len(changes.removed)
    assert set(syncing.shelf.of("movies")) == {row["stream_id"] for row in syncing.panel.library.rows("vod")}


@pytest.mark.parametrize(
    "fault",
    ["html_200", "empty_200", "truncated_json", "connection_reset_midway", "mass_disappearance", "whole_[]"],
)
async def test_a_list_that_goes_wrong_takes_nothing_away_and_the_others_go_on(
    syncing: PanelSync, fault: str
) -> None:
    await syncing.run()
    syncing.panel.library = syncing.panel.library.evolved(seed=1, share=0.02)
    name = "empty_list_intermittent" if fault == "whole_[]" else fault
    syncing.panel.fail(name, LISTS["movies"], every=1)
    with pytest.raises(
        (SourceAway, ImportFailed), match=r"^Films: .* stays\. Up to date: .*Channels, Series"
    ):
        await syncing.run()
    assert len(syncing.shelf.of("movies")) >= 300
    assert len(syncing.shelf.of("series")) == len(list(syncing.panel.library.rows("series")))
    assert not syncing.shelf.finished[-1].is_whole
    syncing.panel.heal()
    with suppress(SourceAway, ImportFailed):
        await syncing.again()
    assert len(syncing.shelf.of("movies")) == len(list(syncing.panel.library.rows("vod")))
    assert syncing.shelf.finished[-1].is_whole


@pytest.mark.parametrize("fault", ["php_warning_preamble", "chunked", "gzip", "redirect_302"])
async def test_what_is_odd_and_whole_is_read(syncing: PanelSync, fault: str) -> None:
    syncing.panel.fail(fault)
    await syncing.run()
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}


@pytest.mark.parametrize(
    ("manner", "status"), [("auth0_min", "refused"), ("auth401", "refused"), ("plain_blocked_200", "refused")]
)
async def test_refused_credentials_end_the_run_and_say_so(
    syncing: PanelSync, manner: str, status: str
) -> None:
    await syncing.run()
    syncing.panel.refuses_by = manner
    syncing.panel.accounts.clear()
    with pytest.raises(ImportFailed, match="What was there before stays"):
        await syncing.run()
    assert syncing.shelf.states[-1].status == status
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}
    assert not syncing.shelf.finished[-1].is_whole


async def test_an_account_that_expires_midway_ends_the_run(syncing: PanelSync) -> None:
    syncing.panel.fail("expired_mid_sync", after=5)
    with pytest.raises(ImportFailed, match="expired"):
        await syncing.run()
    assert syncing.shelf.states[-1].status == "expired"
    assert syncing.held() == {"channels": 100, "movies": 0, "series": 0}


async def test_a_panel_that_has_had_enough_is_left_alone(syncing: PanelSync) -> None:
    ban = syncing.panel.fail("http_429_after_n_infos", after=0)
    ban.banned_at = SystemClock().time()
    with pytest.raises(SourceAway, match="asked too often"):
        await syncing.run()
    assert syncing.panel.calls.total() == 1


async def test_nobody_there_is_tried_again_later(syncing: PanelSync) -> None:
    await syncing.panel.stop()
    with pytest.raises(SourceAway, match="can't be reached"):
        await syncing.run()
    assert syncing.shelf.states[-1].status == "unreachable"


async def test_without_a_guide_the_rest_is_whole(syncing: PanelSync) -> None:
    syncing.panel.fail("html_200", "xmltv.php")
    counts = await syncing.run()
    assert counts["programmes"].remarks == {"guide_failed": 1}
    finished = syncing.shelf.finished[-1]
    assert (finished.is_whole, finished.has_guide) == (True, False)
    assert finished.problem.startswith("Guide: ")


async def test_a_successor_goes_on_where_the_last_one_was(syncing: PanelSync) -> None:
    syncing.syncing.lease_lost_at = "series"
    with pytest.raises(LeaseLost):
        await syncing.run()
    syncing.syncing.lease_lost_at = ""
    asked = syncing.panel.calls["get_vod_streams"]
    counts = await syncing.again()
    assert syncing.panel.calls["get_vod_streams"] == asked
    assert counts["movies"] == Counts(seen=300, added=300)
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}


async def test_what_catalog_can_not_write_takes_the_other_lists_not_along(syncing: PanelSync) -> None:
    syncing.library.unwritable.add("movies")
    with pytest.raises(ImportFailed, match=r"^Films: It could not be written.* Up to date: .*Series"):
        await syncing.run()
    assert syncing.held() == {"channels": 100, "movies": 0, "series": 50}


async def test_an_account_that_is_removed_midway_ends_the_run(syncing: PanelSync) -> None:
    library = syncing.library
    library.gate.clear()
    task = asyncio.ensure_future(syncing.run())  # noqa: TID251  awaited below
    await library.reached.wait()
    del library.shelves["panel"]
    library.gate.set()
    with pytest.raises(ImportFailed, match="removed meanwhile"):
        await task


async def test_a_cancelled_run_ends_at_once_and_leaves_no_process(syncing: PanelSync) -> None:
    fault = syncing.panel.fail("slow_first_byte", LISTS["movies"])
    task = asyncio.ensure_future(syncing.run())  # noqa: TID251  awaited below
    await fault.reached.wait()

    async def reads() -> bool:
        return bool(readers())

    await until(reads)
    task.cancel()
    async with asyncio.timeout(1):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not readers()


async def test_the_guide_comes_with_channels_that_are_read_at_the_second_try(syncing: PanelSync) -> None:
    syncing.panel.fail("truncated_json", LISTS["channels"], times=1)
    with pytest.raises(SourceAway, match=r"^Channels: "):
        await syncing.run()
    assert not syncing.shelf.of("programmes")
    await syncing.again()
    assert syncing.shelf.of("programmes")
    assert syncing.shelf.finished[-1].has_guide


async def test_a_reading_process_that_is_killed_is_tried_again(syncing: PanelSync) -> None:
    library = syncing.library
    library.gate.clear()
    fault = syncing.panel.fail("slow_first_byte", LISTS["channels"])
    task = asyncio.ensure_future(syncing.run())  # noqa: TID251  awaited below
    await fault.reached.wait()

    async def reads() -> bool:
        return bool(readers())

    await until(reads)
    library.gate.set()
    for child in readers():
        os.kill(child, 9)
    with pytest.raises(SourceAway, match="Channels: The reading stopped midway"):
        await task
    syncing.panel.heal()
    await syncing.again()
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}


async def test_deaths_at_any_moment_leave_nothing_half_done(syncing: PanelSync) -> None:
    moments = random.Random(20)
    syncing.panel.library = syncing.panel.library.evolved(seed=3, share=0.05)
    for number in range(20):
        if number % 4 == 0:
            syncing.panel.library = syncing.panel.library.evolved(seed=number, share=0.02)
        told = syncing.syncing.told
        again = syncing.again if told and told[-1].percent < 100 else syncing.run
        task = asyncio.ensure_future(again())  # noqa: TID251  awaited below
        await asyncio.sleep(moments.uniform(0.0, 0.5))
        for reader in readers():
            with suppress(ProcessLookupError):
                os.kill(reader, 9)
        if number % 2:
            task.cancel()  # as where the worker dies
        with suppress(SourceAway, ImportFailed, asyncio.CancelledError):
            await task
    await syncing.run()
    library = syncing.panel.library
    assert set(syncing.shelf.of("movies")) == {row["stream_id"] for row in library.rows("vod")}
    assert set(syncing.shelf.of("series")) == {row["series_id"] for row in library.rows("series")}
    assert set(syncing.shelf.of("channels")) == {row["stream_id"] for row in library.rows("live")}
    assert not readers()
