"""Removed accounts and profiles: followed by every service that holds something, until that is sure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from libs.common.contracts.auth import AuthClient
from libs.common.contracts.client import ServiceClient
from libs.common.contracts.removals import Removal, Removals, RemovalsDone
from libs.common.db.migrate import upgrade
from libs.common.deadline import Deadline
from libs.common.identity import IdentitySigner
from libs.common.secrets import SecretKey
from libs.common.serve import start_site
from libs.common.web import json_response, read_json
from services.sync import removals
from services.sync.app import create_app
from services.sync.settings import Settings
from services.sync.store.jobs import Filter, Store
from tests.fakes.clock import ManualClock
from tests.fakes.settings import SECRET
from tests.owned_rows import Tables, Whose
from tests.sync.conftest import a_run
from tests.waiting import until


@dataclass
class FakeAuth:
    """Auth's list of removals; away while `status` is not 200."""

    waiting: list[Removal] = field(default_factory=list)
    status: int = 200

    async def listed(self, request: web.Request) -> web.Response:
        if self.status != 200:
            return json_response({"code": "unavailable", "detail": "Not now."}, status=self.status)
        return json_response(Removals(tuple(self.waiting[: int(request.query["limit"])])))

    async def done(self, request: web.Request) -> web.Response:
        ids = (await read_json(request, RemovalsDone)).ids
        self.waiting = [removal for removal in self.waiting if removal.id not in ids]
        return web.Response(status=204)

    def remove(self, account_id: str, profile_id: str | None = None, *, at: datetime) -> None:
        number = len(self.waiting)
        self.waiting.append(Removal(id=f"r{number}", account_id=account_id, profile_id=profile_id, at=at))


@pytest.fixture
def auth() -> FakeAuth:
    return FakeAuth()


@pytest.fixture
async def client(auth: FakeAuth, clock: ManualClock) -> AsyncIterator[AuthClient]:
    app = web.Application()
    app.router.add_get("/internal/auth/removals", auth.listed)
    app.router.add_post("/internal/auth/removals/done", auth.done)
    running = await start_site(app, "127.0.0.1:0", shutdown_s=0.1)
    signer = IdentitySigner(SecretKey.from_text("a-secret-key-for-tests-only-0123456789abcdef"), clock)
    address = f"http://127.0.0.1:{running.port}"
    async with ServiceClient.connected("auth", address, signer=signer) as service:
        yield AuthClient(service)
    await running.aclose()


class Holder:
    """A service that holds something, and remembers what it was told to forget."""

    def __init__(self) -> None:
        self.forgot: list[tuple[str, str | None]] = []

    async def forget(self, removal: Removal, _deadline: Deadline) -> None:
        self.forgot.append((removal.account_id, removal.profile_id))


async def test_a_removal_is_followed_at_once_and_again_until_it_has_settled(
    auth: FakeAuth, client: AuthClient, clock: ManualClock
) -> None:
    catalog, other = Holder(), Holder()
    follow = removals.Removals(client, [catalog.forget, other.forget], clock)
    auth.remove("gone", at=clock.now())
    auth.remove("here", "profile", at=clock.now())

    await follow.look()
    assert catalog.forgot == other.forgot == [("gone", None), ("here", "profile")]
    assert len(auth.waiting) == 2

    clock.advance(removals.SETTLED.total_seconds())
    await follow.look()
    assert len(catalog.forgot) == 4
    assert auth.waiting == []


async def test_more_than_a_batch_is_followed_in_one_look(
    auth: FakeAuth, client: AuthClient, clock: ManualClock
) -> None:
    catalog = Holder()
    for number in range(removals.BATCH + 1):
        auth.remove(f"a{number}", at=clock.now())
    clock.advance(removals.SETTLED.total_seconds())

    await removals.Removals(client, [catalog.forget], clock).look()

    assert len(catalog.forgot) == removals.BATCH + 1
    assert auth.waiting == []


async def test_an_auth_that_is_away_is_named_once_and_asked_again(
    auth: FakeAuth, client: AuthClient, clock: ManualClock
) -> None:
    catalog = Holder()
    follow = removals.Removals(client, [catalog.forget], clock)
    auth.remove("gone", at=clock.now())
    auth.status = 503
    with capture_logs() as logs:
        await follow.look()
        await follow.look()
        auth.status = 200
        await follow.look()

    events = [entry["event"] for entry in logs]
    assert events.count("removals_not_followed") == events.count("removals_followed_again") == 1
    assert catalog.forgot == [("gone", None)]


async def test_the_runs_of_a_removed_account_go_and_their_worker_stops(
    store: Store, clock: ManualClock
) -> None:
    await store.add(a_run("j1", account_id="gone"))
    await store.add(a_run("j2", account_id="here"))
    await store.claim("w1", ["work"], lease_s=15.0)
    within = Deadline.after(clock, 1)

    profile = Removal(id="r1", account_id="here", profile_id="p", at=clock.now())
    await store.forget_owner(profile, within)
    await store.forget_owner(Removal(id="r2", account_id="gone", at=clock.now()), within)

    assert [run.id for run in await store.listed(Filter(accounts=None))] == ["j2"]
    assert not (await store.beat("j1", "w1", lease_s=15.0)).held


async def test_no_table_of_sync_keeps_anything_of_who_is_gone(
    auth: FakeAuth, tmp_path: Path, database_url: str
) -> None:
    async def forgotten(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    others = web.Application()
    others.router.add_get("/internal/auth/removals", auth.listed)
    others.router.add_post("/{tail:.*}", forgotten)
    site = await start_site(others, "127.0.0.1:0", shutdown_s=0.1)
    address = f"http://127.0.0.1:{site.port}"
    services = {f"HEADGATE_{name}_URL": address for name in ("AUTH", "CATALOG", "STREAMING")}
    settings = Settings.from_env(
        {
            "HEADGATE_DATABASE_URL": "" if database_url.startswith("sqlite") else database_url,
            "HEADGATE_DATA_DIR": str(tmp_path),
            "HEADGATE_SECRET_KEY": SECRET,
            **services,
        }
    )
    await upgrade(database_url, service="sync")
    tables = Tables(database_url, "sync")
    gone, kid, other = Whose("gone", "p1", 901), Whose("gone", "p2", 902), Whose("other", "p1", 903)
    await tables.put(gone, kid, other)
    before = await tables.of(other)
    auth.remove("gone", "p2", at=datetime.now(UTC))

    async def is_gone() -> bool:
        return await tables.of(gone) == before

    async def are_gone() -> bool:
        return not await tables.of(gone)

    for done in (is_gone, are_gone):
        running = await start_site(create_app(settings), "127.0.0.1:0", shutdown_s=0.5)
        await until(done)
        await running.aclose()
        auth.remove("gone", at=datetime.now(UTC))
    await site.aclose()
    left = await tables.of(other)
    assert left.keys() == before.keys()
    assert {"imports", "import_rows", "outgoing", "stremio_backups", "trakt_pages"} <= before.keys()
