"""Syncs of one account at a provider over real HTTP, one try each, and what each told."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from libs.common.clock import SystemClock
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.handover import HandoverClient
from libs.common.db import open_database
from libs.common.db.migrate import upgrade
from libs.common.http import Fetcher, Guard, make_session
from libs.common.tasks import Tasks
from services.sync.kinds.base import Kind, LeaseLost
from services.sync.kinds.m3u import SyncList
from services.sync.kinds.turns import Turns
from services.sync.kinds.xtream import SyncPanel
from services.sync.model import Counts, Mode, Progress
from services.sync.sources.providers import ProviderSource
from services.sync.store.jobs import Store
from tests.fakes.clock import ManualClock
from tests.sync.conftest import a_run

LISTS = {"channels": "get_live_streams", "movies": "get_vod_streams", "series": "get_series"}


class Syncing:
    """`provider` is the account's id."""

    def __init__(self, kind: Kind, provider: str) -> None:
        self._kind = kind
        self._provider = provider
        self.told: list[Progress] = []
        self.lease_lost_at = ""
        self.tries = 0

    async def run(
        self, *, mode: Mode = "incremental", resume_at: str = "", counts: Mapping[str, Counts] | None = None
    ) -> Mapping[str, Counts]:
        """The counts of a run, whether it ends well or not."""
        self.tries += 1
        job = replace(
            a_run("job", kind=self._kind.name, mode=mode, account_id="owner-1"),
            subject=self._provider,
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


@asynccontextmanager
async def syncing_with(
    service: ServiceClient, provider: str, folder: Path, *, kind: str = "xtream"
) -> AsyncIterator[Syncing]:
    """Runs of nobody else are known: one engine is enough for those."""
    clock, guard = SystemClock(), Guard(allow_private=True)
    url = f"sqlite:///{folder / 'sync.db'}"
    await upgrade(url, service="sync")
    database = await open_database(url, schema="sync", clock=clock)
    async with make_session(guard=guard) as session:
        source = ProviderSource(Fetcher(session, guard, clock), clock, hop_name="hub")
        handover, tasks = HandoverClient(service), Tasks()
        if kind == "xtream":
            turns = Turns(Store(database, clock), ManualClock())
            yield Syncing(SyncPanel(source, handover, clock, tasks, turns=turns), provider)
        else:
            yield Syncing(SyncList(source, handover, clock, tasks), provider)
        assert not len(tasks)
        await tasks.aclose()
    await database.aclose()


def readers(module: str = "services.sync.reading") -> list[int]:
    """Processes that this one has started, alive, that read."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            command = folder.joinpath("cmdline").read_bytes()
            if parent == os.getpid() and module.encode() in command:
                found.append(int(folder.name))
    return found
