"""A panel synced over real HTTP into a library that keeps rows: whole, unchanged, changed, misbehaving."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.handover import HandoverClient
from libs.common.db import open_database
from libs.common.db.migrate import upgrade
from libs.common.http import Fetcher, Guard, make_session
from libs.common.identity import IdentitySigner
from libs.common.secrets import SecretKey
from services.sync.errors import ImportFailed
from services.sync.kinds.base import LeaseLost, SourceAway
from services.sync.kinds.turns import Turns
from services.sync.kinds.xtream import SyncPanel
from services.sync.model import Counts, Mode, Progress
from services.sync.sources.providers import ProviderSource
from services.sync.store.jobs import Store
from tests.fakes.clock import ManualClock
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.fakes.settings import SECRET
from tests.sync.conftest import FakeCatalog, a_run
from tests.sync.library import Shelf
from tests.waiting import until

ACTIONS = {"channels": "get_live_streams", "movies": "get_vod_streams", "series": "get_series"}


class Syncing:
    """Syncs of one account at a panel, one try each, and what each told."""

    def __init__(self, kind: SyncPanel, panel: FakePanel, catalog: FakeCatalog, shelf: Shelf) -> None:
        self._kind = kind
        self.panel = panel
        self.catalog = catalog
        self.shelf = shelf
        self.told: list[Progress] = []
        self.lease_lost_at = ""
        self.tries = 0

    async def run(
        self, *, mode: Mode = "incremental", resume_at: str = "", counts: Mapping[str, Counts] | None = None
    ) -> Mapping[str, Counts]:
        """The counts of a run, whether it ends well or not."""
        self.tries += 1
        job = replace(
            a_run("job", kind="xtream", mode=mode, account_id="owner-1"),
            subject="panel",
            resume_at=resume_at,
            counts=counts or {},
            attempts=self.tries,
        )
        self.told = []
        await self._kind.run(job, self._report)
        return self.told[-1].counts

    async def again(self) -> Mapping[str, Counts]:
        """As the next worker goes on."""
        return await self.run(resume_at=self.told[-1].resume_at, counts=self.told[-1].counts)

    async def _report(self, progress: Progress) -> None:
        if self.lease_lost_at and progress.phase == self.lease_lost_at:
            raise LeaseLost
        self.told.append(progress)

    def held(self) -> dict[str, int]:
        return {kind: len(self.shelf.of(kind)) for kind in ACTIONS}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Of runs that nobody else has: one engine is enough."""
    url = f"sqlite:///{tmp_path / 'sync.db'}"
    await upgrade(url, service="sync")
    database = await open_database(url, schema="sync", clock=SystemClock())
    yield Store(database, SystemClock())
    await database.aclose()


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    async with FakePanel(Library(films=300, channels=100, series=50), clock=SystemClock()) as panel:
        account = panel.accounts["u1"]
        panel.accounts["u1"] = replace(account, expires_at=None)
        yield panel


@pytest.fixture
async def syncing(panel: FakePanel, catalog: FakeCatalog, store: Store) -> AsyncIterator[Syncing]:
    clock, guard = SystemClock(), Guard(allow_private=True)
    shelf = catalog.library.put("panel", url=panel.url)
    signer = IdentitySigner(SecretKey.from_text(SECRET), clock)
    async with (
        ServiceClient.connected("catalog", catalog.address, signer=signer) as service,
        make_session(guard=guard) as session,
    ):
        source = ProviderSource(Fetcher(session, guard, clock), clock, hop_name="hub")
        kind = SyncPanel(source, HandoverClient(service), clock, Turns(store, ManualClock()))
        yield Syncing(kind, panel, catalog, shelf)


async def test_everything_arrives_at_the_first_sync(syncing: Syncing) -> None:
    counts = await syncing.run()
    assert counts["channels"] == Counts(seen=100, added=100)
    assert counts["movies"] == Counts(seen=300, added=300)
    assert counts["series"] == Counts(seen=50, added=50)
    assert counts["programmes"].added > 100
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}
    assert set(syncing.shelf.categories) == set(ACTIONS)
    assert syncing.shelf.states[-1].status == "active"
    assert syncing.shelf.states[-1].max_connections == syncing.panel.accounts["u1"].max_connections
    assert syncing.shelf.finished[-1].is_whole
    assert syncing.shelf.finished[-1].has_guide
    assert [progress.percent for progress in syncing.told] == sorted(p.percent for p in syncing.told)
    assert syncing.told[-1].percent == 100


async def test_programmes_are_those_of_channels_that_are_there(syncing: Syncing) -> None:
    await syncing.run()
    wanted = {row[13] for row in syncing.shelf.of("channels").values()} - {""}
    assert {row[0] for row in syncing.shelf.of("programmes").values()} <= wanted


async def test_what_has_not_changed_is_not_sent_again(syncing: Syncing) -> None:
    await syncing.run()
    before = syncing.catalog.library.calls["rows"]
    counts = await syncing.run()
    assert counts["movies"] == Counts(seen=300, unchanged=300)
    assert syncing.catalog.library.calls["rows"] == before


async def test_a_full_run_sends_everything_again(syncing: Syncing) -> None:
    await syncing.run()
    before = syncing.catalog.library.calls["rows"]
    counts = await syncing.run(mode="full")
    assert counts["movies"] == Counts(seen=300, unchanged=300)
    assert syncing.catalog.library.calls["rows"] > before


async def test_a_day_later_only_its_changes_arrive(syncing: Syncing) -> None:
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
    syncing: Syncing, fault: str
) -> None:
    await syncing.run()
    syncing.panel.library = syncing.panel.library.evolved(seed=1, share=0.02)
    name = "empty_list_intermittent" if fault == "whole_[]" else fault
    syncing.panel.fail(name, ACTIONS["movies"], every=1)
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
async def test_what_is_odd_and_whole_is_read(syncing: Syncing, fault: str) -> None:
    syncing.panel.fail(fault)
    await syncing.run()
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}


@pytest.mark.parametrize(
    ("manner", "status"), [("auth0_min", "refused"), ("auth401", "refused"), ("plain_blocked_200", "refused")]
)
async def test_refused_credentials_end_the_run_and_say_so(syncing: Syncing, manner: str, status: str) -> None:
    await syncing.run()
    syncing.panel.refuses_by = manner
    syncing.panel.accounts.clear()
    with pytest.raises(ImportFailed, match="What was there before stays"):
        await syncing.run()
    assert syncing.shelf.states[-1].status == status
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}
    assert not syncing.shelf.finished[-1].is_whole


async def test_an_account_that_expires_midway_ends_the_run(syncing: Syncing) -> None:
    syncing.panel.fail("expired_mid_sync", after=5)
    with pytest.raises(ImportFailed, match="expired"):
        await syncing.run()
    assert syncing.shelf.states[-1].status == "expired"
    assert syncing.held() == {"channels": 100, "movies": 0, "series": 0}


async def test_a_panel_that_has_had_enough_is_left_alone(syncing: Syncing) -> None:
    ban = syncing.panel.fail("http_429_after_n_infos", after=0)
    ban.banned_at = SystemClock().time()
    with pytest.raises(SourceAway, match="asked too often"):
        await syncing.run()
    assert syncing.panel.calls.total() == 1


async def test_nobody_there_is_tried_again_later(syncing: Syncing) -> None:
    await syncing.panel.stop()
    with pytest.raises(SourceAway, match="can't be reached"):
        await syncing.run()
    assert syncing.shelf.states[-1].status == "unreachable"


async def test_without_a_guide_the_rest_is_whole(syncing: Syncing) -> None:
    syncing.panel.fail("html_200", "xmltv.php")
    counts = await syncing.run()
    assert counts["programmes"].remarks == {"guide_failed": 1}
    finished = syncing.shelf.finished[-1]
    assert (finished.is_whole, finished.has_guide) == (True, False)
    assert finished.problem.startswith("Guide: ")


async def test_a_successor_goes_on_where_the_last_one_was(syncing: Syncing) -> None:
    syncing.lease_lost_at = "series"
    with pytest.raises(LeaseLost):
        await syncing.run()
    syncing.lease_lost_at = ""
    asked = syncing.panel.calls["get_vod_streams"]
    counts = await syncing.again()
    assert syncing.panel.calls["get_vod_streams"] == asked
    assert counts["movies"] == Counts(seen=300, added=300)
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}


async def test_an_account_that_is_removed_midway_ends_the_run(syncing: Syncing) -> None:
    library = syncing.catalog.library
    library.gate.clear()
    task = asyncio.ensure_future(syncing.run())  # noqa: TID251  awaited below
    await library.reached.wait()
    del library.shelves["panel"]
    library.gate.set()
    with pytest.raises(ImportFailed, match="removed meanwhile"):
        await task


async def test_a_cancelled_run_ends_at_once_and_leaves_no_process(syncing: Syncing) -> None:
    fault = syncing.panel.fail("slow_first_byte", ACTIONS["movies"])
    task = asyncio.ensure_future(syncing.run())  # noqa: TID251  awaited below
    await fault.reached.wait()

    async def reads() -> bool:
        return bool(_children())

    await until(reads)
    task.cancel()
    async with asyncio.timeout(1):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not _children()


async def test_a_reading_process_that_is_killed_is_tried_again(syncing: Syncing) -> None:
    library = syncing.catalog.library
    library.gate.clear()
    fault = syncing.panel.fail("slow_first_byte", ACTIONS["channels"])
    task = asyncio.ensure_future(syncing.run())  # noqa: TID251  awaited below
    await fault.reached.wait()

    async def reads() -> bool:
        return bool(_children())

    await until(reads)
    library.gate.set()
    for child in _children():
        os.kill(child, 9)
    with pytest.raises(SourceAway, match="Channels: The reading stopped midway"):
        await task
    syncing.panel.heal()
    await syncing.again()
    assert syncing.held() == {"channels": 100, "movies": 300, "series": 50}


def _children() -> list[int]:
    """Processes that this one has started, alive, that read."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            command = folder.joinpath("cmdline").read_bytes()
            if parent == os.getpid() and b"services.sync.reading" in command:
                found.append(int(folder.name))
    return found
