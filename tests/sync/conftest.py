"""A sync store on both engines, kinds that do as told, and a catalog that counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

import pytest
from aiohttp import web

from libs.common.clock import Clock
from libs.common.contracts.catalog import RefreshCounts
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.handover import HandoverClient, ProviderRef
from libs.common.db import open_database
from libs.common.db.migrate import upgrade
from libs.common.errors import HeadgateError
from libs.common.serve import start_site
from libs.common.web import json_response
from services.sync.kinds.base import Report, Scope
from services.sync.model import JobRun, Mode, State
from services.sync.providers import Providers
from services.sync.store.jobs import Store
from tests.fakes.clock import ManualClock
from tests.sync.library import FakeLibrary


@pytest.fixture
def tables_of() -> str:
    return "sync"


@pytest.fixture
async def store(database_url: str, clock: ManualClock) -> AsyncIterator[Store]:
    await upgrade(database_url, service="sync")
    database = await open_database(database_url, schema="sync", clock=clock)
    yield Store(database, clock)
    await database.aclose()


def a_run(
    job_id: str = "j1",
    *,
    kind: str = "work",
    account_id: str = "",
    created_at: int = 1,
    mode: Mode = "incremental",
    state: State = "queued",
) -> JobRun:
    return JobRun(id=job_id, kind=kind, mode=mode, account_id=account_id, state=state, created_at=created_at)


class _Nobody(Providers):
    async def everybodys(self) -> list[ProviderRef]:
        return []


def nobody(clock: Clock) -> Providers:
    """There are no accounts at providers, and no catalog that would be asked for them."""
    return _Nobody(HandoverClient(cast("ServiceClient", None)), clock)


Work = Callable[[JobRun, Report], Awaitable[None]]


@dataclass
class Doing:
    """A kind that does what `work` does and remembers the runs it was given."""

    work: Work
    name: str = "work"
    scope: Scope = "hub"
    runs: list[JobRun] = field(default_factory=list)
    refusal: HeadgateError | None = None

    async def check(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def run(self, job: JobRun, report: Report) -> None:
        self.runs.append(job)
        await self.work(job, report)


@dataclass
class FakeCatalog:
    """Catalog's refresh address: `due` manifests wait; each call takes up to `limit` of them.

    With `status` it answers that; while `gate` is closed, every call after the first waits.
    """

    due: int = 0
    status: int = 200
    calls: int = 0
    address: str = ""
    library: FakeLibrary = field(default_factory=FakeLibrary)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reached_gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def refresh(self, request: web.Request) -> web.Response:
        self.calls += 1
        if self.status != 200:
            return json_response({"code": "unavailable", "detail": "Not now."}, status=self.status)
        if self.calls > 1 and not self.gate.is_set():
            self.reached_gate.set()
            await self.gate.wait()
        seen = min(self.due, int(request.query["limit"]))
        self.due -= seen
        return json_response(RefreshCounts(seen=seen, changed=seen // 2, unchanged=seen - seen // 2))


@pytest.fixture
async def catalog() -> AsyncIterator[FakeCatalog]:
    fake = FakeCatalog()
    fake.gate.set()
    app = web.Application()
    app.router.add_post("/internal/catalog/refresh", fake.refresh)
    fake.library.add_to(app)
    running = await start_site(app, "127.0.0.1:0", shutdown_s=0.1)
    fake.address = f"http://127.0.0.1:{running.port}"
    yield fake
    fake.gate.set()
    await running.aclose()
