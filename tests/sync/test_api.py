"""The service from outside: its addresses, who may use them, and its work on a real catalog address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.client import SERVICE, ServiceClient
from libs.common.contracts.sync import Job, JobPage, NewJob, SyncClient
from libs.common.deadline import Deadline
from libs.common.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from libs.common.identity import ANONYMOUS, HEADER, Identity, IdentitySigner
from libs.common.serve import start_site
from libs.common.states import ProcessState
from services.sync.app import create_app
from services.sync.kinds.addons import BATCH
from services.sync.settings import Settings
from tests.fakes.settings import SECRET
from tests.sync.conftest import FakeCatalog
from tests.waiting import until

OWNER = Identity("owner-1", "p1", "free", ("owner",))
GUEST = Identity("guest-1", "p2", "free")
JOBS = "/api/v1/sync/jobs"


@dataclass
class Sync:
    """A running sync service and a way to call it as anybody."""

    client: ServiceClient
    signer: IdentitySigner
    base: str

    @property
    def typed(self) -> SyncClient:
        return SyncClient(self.client)

    def deadline(self) -> Deadline:
        return Deadline.after(SystemClock(), 10)

    async def get(self, path: str, identity: Identity = OWNER) -> Job:
        return await self.client.call("GET", path, identity=identity, deadline=self.deadline(), into=Job)

    async def page(self, query: str = "", identity: Identity = OWNER) -> JobPage:
        path = f"{JOBS}?{query}"
        return await self.client.call("GET", path, identity=identity, deadline=self.deadline(), into=JobPage)

    async def start(self, identity: Identity = OWNER, kind: str = "addons", **fields: Any) -> Job:
        return await self.typed.start(identity, NewJob(kind=kind, **fields), deadline=self.deadline())

    async def cancel(self, job_id: str, identity: Identity = OWNER) -> Job:
        path = f"{JOBS}/{job_id}"
        return await self.client.call("DELETE", path, identity=identity, deadline=self.deadline(), into=Job)

    async def ended(self, job_id: str) -> Job:
        async def done() -> bool:
            return (await self.get(f"{JOBS}/{job_id}")).finished_at is not None

        await until(done)
        return await self.get(f"{JOBS}/{job_id}")


def environment(database_url: str, data_dir: Path, catalog: FakeCatalog, **more: str) -> dict[str, str]:
    return {
        "HEADGATE_DATABASE_URL": "" if database_url.startswith("sqlite") else database_url,
        "HEADGATE_DATA_DIR": str(data_dir),
        "HEADGATE_SECRET_KEY": SECRET,
        "HEADGATE_CATALOG_URL": catalog.address,
        **more,
    }


@pytest.fixture
async def sync(database_url: str, tmp_path: Path, catalog: FakeCatalog) -> AsyncIterator[Sync]:
    settings = Settings.from_env(environment(database_url, tmp_path, catalog))
    running = await start_site(create_app(settings), "127.0.0.1:0", shutdown_s=0.5)
    signer = IdentitySigner(settings.common.secret_key, SystemClock())
    base = f"http://127.0.0.1:{running.port}"
    async with ServiceClient.connected("sync", base, signer=signer) as client:
        yield Sync(client, signer, base)
    await running.aclose()


async def test_a_refresh_fetches_everything_that_is_due(sync: Sync, catalog: FakeCatalog) -> None:
    catalog.due = 2 * BATCH + 5
    started = await sync.start()
    assert (started.kind, started.mode) == ("addons", "incremental")
    job = await sync.ended(started.id)
    assert (job.state, job.progress, job.error) == ("succeeded", 100, None)
    assert job.counts["manifests"].seen == 2 * BATCH + 5
    assert catalog.due == 0
    assert catalog.calls == 3


async def test_a_second_request_joins_the_job_that_runs(sync: Sync, catalog: FakeCatalog) -> None:
    catalog.due = 2 * BATCH
    catalog.gate.clear()
    first = await sync.start()
    await catalog.reached_gate.wait()
    assert (await sync.start()).id == first.id
    catalog.gate.set()
    await sync.ended(first.id)
    assert (await sync.start()).id != first.id


async def test_a_catalog_that_is_away_is_asked_again_later(sync: Sync, catalog: FakeCatalog) -> None:
    catalog.status = 503
    job_id = (await sync.start()).id

    async def waits() -> bool:
        job = await sync.get(f"{JOBS}/{job_id}")
        return job.state == "queued" and job.error == "Not now."

    await until(waits)


async def test_a_running_job_is_cancelled(sync: Sync, catalog: FakeCatalog) -> None:
    catalog.due = 2 * BATCH
    catalog.gate.clear()
    job_id = (await sync.start()).id
    await catalog.reached_gate.wait()
    await sync.cancel(job_id)
    job = await sync.ended(job_id)
    assert job.state == "cancelled"
    assert job.counts["manifests"].seen == BATCH
    assert (await sync.cancel(job_id)).state == "cancelled"


async def test_work_for_the_whole_installation_is_for_administrators(sync: Sync) -> None:
    with pytest.raises(Forbidden) as refusal:
        await sync.start(GUEST)
    assert refusal.value.code == "job_forbidden"


async def test_jobs_of_others_are_as_if_they_were_not_there(sync: Sync) -> None:
    job = await sync.ended((await sync.start()).id)
    with pytest.raises(NotFound):
        await sync.get(f"{JOBS}/{job.id}", GUEST)
    with pytest.raises(NotFound):
        await sync.cancel(job.id, GUEST)
    assert (await sync.page(identity=GUEST)).items == ()
    assert [item.id for item in (await sync.page()).items] == [job.id]


async def test_nobody_must_sign_in_first(sync: Sync) -> None:
    for call in (sync.start(ANONYMOUS), sync.page(identity=ANONYMOUS), sync.get(f"{JOBS}/x", ANONYMOUS)):
        with pytest.raises(Unauthenticated):
            await call


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1000", "limit=x", "cursor=%00", "cursor=WyJ4Il0", "state=odd"]
)
async def test_a_list_query_that_makes_no_sense_is_refused(sync: Sync, query: str) -> None:
    with pytest.raises(InvalidInput):
        await sync.page(query)


async def test_an_unknown_kind_is_refused_with_those_there_are(sync: Sync) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await sync.start(kind="nonsense")
    assert refusal.value.code == "unknown_job_kind"
    assert "addons" in refusal.value.fields["kind"]


async def test_pages_are_followed_by_their_cursor(sync: Sync) -> None:
    ids = [(await sync.ended((await sync.start()).id)).id for _ in range(3)]
    first = await sync.page("limit=2")
    assert first.next_cursor is not None
    second = await sync.page(f"limit=2&cursor={first.next_cursor}")
    assert [job.id for job in (*first.items, *second.items)] == ids[::-1]
    assert second.next_cursor is None


async def events_of(sync: Sync, job_id: str, **headers: str) -> tuple[int, list[Job], str]:
    """The status, the jobs the stream told of, and the id of the last event."""
    sent = {HEADER: sync.signer.sign(OWNER), **headers}
    async with aiohttp.request("GET", f"{sync.base}{JOBS}/{job_id}/events", headers=sent) as answer:
        text = await answer.text()
    fields = [line.partition(": ") for line in text.splitlines() if line and not line.startswith(":")]
    jobs = [msgspec.json.decode(value, type=Job) for name, _, value in fields if name == "data"]
    ids = [value for name, _, value in fields if name == "id"]
    return answer.status, jobs, ids[-1] if ids else ""


async def test_events_tell_every_state_until_the_end(sync: Sync, catalog: FakeCatalog) -> None:
    catalog.due = 2 * BATCH
    catalog.gate.clear()
    job_id = (await sync.start()).id
    await catalog.reached_gate.wait()
    following = asyncio.gather(*(events_of(sync, job_id) for _ in range(2)))
    await asyncio.sleep(0)
    catalog.gate.set()
    for status, jobs, _ in await following:
        assert status == 200
        assert jobs[0].state in {"running", "succeeded"}
        assert jobs[-1].state == "succeeded"
        assert [job.progress for job in jobs] == sorted(job.progress for job in jobs)


async def test_a_reader_that_has_seen_the_end_is_told_not_to_come_back(sync: Sync) -> None:
    job_id = (await sync.ended((await sync.start()).id)).id
    status, jobs, last_id = await events_of(sync, job_id)
    assert (status, len(jobs)) == (200, 1)
    status, jobs, _ = await events_of(sync, job_id, **{"Last-Event-ID": last_id})
    assert (status, jobs) == (204, [])


async def test_the_service_is_ready_when_its_database_answers(sync: Sync) -> None:
    async with aiohttp.request("GET", f"{sync.base}/readyz") as answer:
        assert answer.status == 200


async def test_the_document_names_every_address(sync: Sync) -> None:
    async with aiohttp.request("GET", f"{sync.base}/openapi.json") as answer:
        document = await answer.json()
    assert set(document["paths"]) >= {JOBS, f"{JOBS}/{{id}}", f"{JOBS}/{{id}}/events"}


async def test_the_breakers_of_the_services_it_asks_are_in_its_state(sync: Sync) -> None:
    state = await sync.client.call(
        "GET", "/internal/state", identity=SERVICE, deadline=sync.deadline(), into=ProcessState
    )
    assert {one.name for one in state.breakers} == {"auth", "catalog", "streaming"}
    assert {one.service for one in state.instances} == {"auth", "catalog", "streaming"}
