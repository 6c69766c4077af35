"""Runs about accounts at providers from outside: whose they are, what is settled about them, who is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from libs.common.clock import SystemClock
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.handover import StepDone
from libs.common.contracts.sync import Job
from libs.common.deadline import Deadline
from libs.common.errors import InvalidInput, NotFound
from libs.common.identity import Identity, IdentitySigner
from libs.common.serve import start_site
from services.sync.app import create_app
from services.sync.settings import Settings
from tests.fakes.panel.accounts import YEAR_S, Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.sync.conftest import FakeCatalog
from tests.sync.test_api import JOBS, OWNER, Sync, environment
from tests.waiting import until

MINE = Identity("member-1", "p1", "free")
OTHER_PROFILE = Identity("member-1", "p2", "free")
OTHER_ACCOUNT = Identity("member-2", "p1", "free")
SETTINGS = "/api/v1/sync/settings"


@pytest.fixture
async def panel() -> AsyncIterator[FakePanel]:
    clock = SystemClock()
    account = Account(expires_at=int(clock.time()) + YEAR_S)
    async with FakePanel(Library(films=30, channels=10, series=5), account, clock=clock) as panel:
        yield panel


@pytest.fixture
async def sync(
    database_url: str, tmp_path: Path, catalog: FakeCatalog, panel: FakePanel
) -> AsyncIterator[Sync]:
    catalog.library.put("mine", url=panel.url, account_id="member-1", profile_id="p1")
    catalog.library.put("theirs", url=panel.url, account_id="member-1", profile_id="p2")
    settings = Settings.from_env(
        environment(database_url, tmp_path, catalog, HEADGATE_ALLOW_PRIVATE_UPSTREAMS="true")
    )
    running = await start_site(create_app(settings), "127.0.0.1:0", shutdown_s=0.5)
    signer = IdentitySigner(settings.common.secret_key, SystemClock())
    base = f"http://127.0.0.1:{running.port}"
    async with ServiceClient.connected("sync", base, signer=signer) as client:
        yield Sync(client, signer, base)
    await running.aclose()


async def ask(sync: Sync, method: str, path: str, body: Any = None, *, identity: Identity = MINE) -> Any:
    answer = await sync.client.raw(
        method,
        path,
        identity=identity,
        deadline=Deadline.after(SystemClock(), 10),
        headers={"Content-Type": "application/json"},
        body=None if body is None else msgspec.json.encode(body),
    )
    return answer.status, msgspec.json.decode(answer.body) if answer.body else None


async def test_a_run_is_about_the_account_that_is_named_and_its_profile_alone_sees_it(
    sync: Sync, catalog: FakeCatalog
) -> None:
    job = await sync.start(MINE, kind="xtream", account_id="mine")
    assert job.account_id == "mine"
    ended = await sync.ended(job.id)
    assert (ended.state, ended.progress, ended.error) == ("succeeded", 100, None)
    assert ended.counts["movies"].added == 30
    assert len(catalog.library.shelves["mine"].of("movies")) == 30
    for stranger in (OTHER_PROFILE, OTHER_ACCOUNT):
        with pytest.raises(NotFound):
            await sync.get(f"{JOBS}/{job.id}", stranger)
        with pytest.raises(NotFound):
            await sync.cancel(job.id, stranger)
        with pytest.raises(NotFound):
            await sync.start(stranger, kind="xtream", account_id="mine")
        assert not (await sync.page("kind=xtream", stranger)).items
    assert [run.id for run in (await sync.page("kind=xtream&account=mine", MINE)).items] == [job.id]
    assert not (await sync.page("kind=xtream&account=theirs", MINE)).items
    assert [run.id for run in (await sync.page("kind=xtream", OWNER)).items] == [job.id]


async def test_without_a_name_it_is_the_callers_only_one(sync: Sync, catalog: FakeCatalog) -> None:
    assert (await sync.start(OTHER_PROFILE, kind="xtream")).account_id == "theirs"
    with pytest.raises(InvalidInput, match="no account of this kind"):
        await sync.start(MINE, kind="m3u")
    catalog.library.put("second", url="http://127.0.0.1:1", account_id="member-1", profile_id="p1")
    with pytest.raises(InvalidInput, match="Several accounts"):
        await sync.start(MINE, kind="xtream")


async def test_several_accounts_are_synced_at_a_time_and_each_once(sync: Sync, catalog: FakeCatalog) -> None:
    catalog.library.gate.clear()
    mine = await sync.start(MINE, kind="xtream")
    assert (await sync.start(MINE, kind="xtream")).id == mine.id
    theirs = await sync.start(OTHER_PROFILE, kind="xtream")
    assert theirs.id != mine.id
    url = catalog.library.shelves["mine"].access.url
    for number in range(3):
        catalog.library.put(f"more-{number}", url=url, account_id="member-1", profile_id="p1")
        await sync.start(MINE, kind="xtream", account_id=f"more-{number}")

    async def both_run() -> bool:
        return all([(await sync.get(f"{JOBS}/{one.id}")).state == "running" for one in (mine, theirs)])

    await until(both_run)
    # Work of the whole installation doesn't wait for them.
    assert (await sync.ended((await sync.start(OWNER)).id)).state == "succeeded"
    catalog.library.gate.set()
    assert (await sync.ended(mine.id)).state == "succeeded"
    assert (await sync.ended(theirs.id)).state == "succeeded"


async def test_a_new_account_is_synced_at_once_and_its_details_are_filled_behind(
    sync: Sync, catalog: FakeCatalog, panel: FakePanel
) -> None:
    shelf = catalog.library.put("new", url=panel.url, account_id="member-3", profile_id="p9", first_sync=True)
    catalog.library.filling = [StepDone(done=3, left=2), StepDone(done=2, left=0)]

    async def synced() -> bool:
        return len(shelf.of("series")) == 5 and bool(shelf.finished)

    await until(synced)
    shelf.ref = msgspec.structs.replace(shelf.ref, synced_at=int(SystemClock().time() * 1000))

    async def filled() -> bool:
        runs = (await sync.page("account=new&kind=details", OWNER)).items
        return bool(runs) and runs[0].state == "succeeded"

    await until(filled)
    (run,) = (await sync.page("account=new&kind=details", OWNER)).items
    assert (run.counts["details"].changed, run.counts["details"].seen) == (5, 5)
    del catalog.library.shelves["new"]

    async def forgotten() -> bool:
        return not (await sync.page("account=new", OWNER)).items

    await until(forgotten)


async def test_settings_are_the_owners_and_never_show_the_webhook(sync: Sync) -> None:
    status, view = await ask(sync, "GET", f"{SETTINGS}/mine")
    assert (status, view["automatic"], view["every_h"], view["webhook_host"]) == (200, True, 24, None)
    wanted = {
        "every_h": 6,
        "quiet": {"start": "22:00", "end": "07:30", "zone": "Europe/Berlin"},
        "only_unmetered": True,
        "webhook": "http://127.0.0.1:4099/hook?token=secret-token",
    }
    status, view = await ask(sync, "PUT", f"{SETTINGS}/mine", wanted)
    assert (status, view["every_h"], view["webhook_host"]) == (200, 6, "127.0.0.1")
    assert "secret-token" not in str(view)
    status, view = await ask(sync, "PUT", f"{SETTINGS}/mine", {"automatic": False})
    assert (view["automatic"], view["every_h"], view["webhook_host"]) == (False, 24, "127.0.0.1")
    status, view = await ask(sync, "PUT", f"{SETTINGS}/mine", {"webhook": None})
    assert view["webhook_host"] is None
    assert await ask(sync, "DELETE", f"{SETTINGS}/mine") == (204, None)
    assert (await ask(sync, "GET", f"{SETTINGS}/mine"))[1]["automatic"] is True
    for stranger in (OTHER_PROFILE, OTHER_ACCOUNT, OWNER):
        for method in ("GET", "PUT", "DELETE"):
            body: Any = {} if method == "PUT" else None
            assert (await ask(sync, method, f"{SETTINGS}/mine", body, identity=stranger))[0] == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"every_h": 1},
        {"every_h": 7},
        {"quiet": {"start": "25:00", "end": "07:00"}},
        {"quiet": {"start": "22:00", "end": "07:00", "zone": "Middle/Earth"}},
        {"quiet": {"start": "22:00", "end": "07:00", "zone": "../../etc/passwd"}},
        {"webhook": "file:///etc/passwd"},
        {"webhook": "http://169.254.169.254/latest"},
        {"webhook": "http://" + "a" * 3000},
    ],
)
async def test_settings_that_make_no_sense_are_refused(sync: Sync, wrong: Any) -> None:
    status, problem = await ask(sync, "PUT", f"{SETTINGS}/mine", wrong)
    assert status == 422, problem
    assert "a" * 300 not in str(problem)


@dataclass
class Hook:
    heard: list[Any] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        self.heard.append(msgspec.json.decode(await request.read()))
        self.reached.set()
        return web.Response()


async def test_a_webhook_is_told_of_the_end(sync: Sync) -> None:
    hook, app = Hook(), web.Application()
    app.router.add_post("/hook", hook.take)
    running = await start_site(app, "127.0.0.1:0", shutdown_s=0.1)
    url = f"http://127.0.0.1:{running.port}/hook?token=secret"
    await ask(sync, "PUT", f"{SETTINGS}/mine", {"webhook": url})
    job = await sync.start(MINE, kind="xtream")
    async with asyncio.timeout(30):
        await hook.reached.wait()
    await running.aclose()
    told = msgspec.convert(hook.heard[0]["job"], Job)
    assert (hook.heard[0]["event"], told.id, told.state) == ("sync_ended", job.id, "succeeded")


async def test_all_runs_of_a_profile_are_followed_in_one_stream(sync: Sync, catalog: FakeCatalog) -> None:
    catalog.library.gate.clear()
    job = await sync.start(MINE, kind="xtream")
    told: list[Job] = []
    async with (
        asyncio.timeout(30),
        sync.client.open(
            "GET", "/api/v1/sync/events", identity=MINE, deadline=Deadline.after(SystemClock(), 30)
        ) as answer,
    ):
        await sync.start(OTHER_PROFILE, kind="xtream")
        async for line in answer.content:
            if line.startswith(b"data: "):
                told.append(msgspec.json.decode(line.removeprefix(b"data: "), type=Job))
                catalog.library.gate.set()
                if told[-1].finished_at is not None:
                    break
    assert {one.id for one in told} == {job.id}
    assert told[-1].state == "succeeded"


async def test_a_network_is_told_and_a_manual_sync_runs_all_the_same(sync: Sync) -> None:
    await ask(sync, "PUT", f"{SETTINGS}/mine", {"only_unmetered": True})
    assert (await ask(sync, "PUT", "/api/v1/sync/network", {"metered": True}))[0] == 204
    assert (await sync.ended((await sync.start(MINE, kind="xtream")).id)).state == "succeeded"
