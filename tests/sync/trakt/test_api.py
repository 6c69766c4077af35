"""The connection from outside: its addresses, who may use them, and what they say when things go wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from libs.common.clock import SystemClock
from libs.common.contracts.removals import Removal
from libs.common.deadline import Deadline
from libs.common.http import ClientSession, make_session
from libs.common.identity import HEADER, Identity, IdentitySigner
from libs.common.serve import start_site
from services.sync import keys
from services.sync.app import create_app
from services.sync.model import Owner
from services.sync.settings import Settings
from services.sync.trakt.connections import TraktConnections
from tests.fakes.settings import SECRET
from tests.fakes.trakt import FakeTrakt, Person
from tests.sync.conftest import FakeCatalog
from tests.waiting import until

ADA = Identity("account-1", "profile-1", "free", ("owner",))
SIBLING = Identity("account-1", "profile-2", "free", ("owner",))
STRANGER = Identity("account-2", "profile-3", "free", ("owner", "admin"))
CLIENT, SECRET_OF_IT = "client-1", "secret-1"
HERE = "/api/v1/connections/trakt"


@dataclass
class Hub:
    base: str
    signer: IdentitySigner
    http: ClientSession
    connections: TraktConnections

    async def ask(
        self, method: str, path: str = HERE, *, by: Identity = ADA, **sent: str | int
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        asked = self.http.request(
            method, self.base + path, headers={HEADER: self.signer.sign(by)}, json=sent or None
        )
        async with asked as answer:
            body = await answer.json() if answer.status != 204 else {}
            return answer.status, body, answer.headers

    async def connect(self, trakt: FakeTrakt, person: Person, by: Identity = ADA) -> None:
        _, view, _ = await self.ask("POST", by=by, client_id=CLIENT, client_secret=SECRET_OF_IT)
        trakt.signing.approve(view["waiting"]["user_code"], person)

        async def connected() -> bool:
            return bool((await self.ask("GET", by=by))[1]["state"] == "connected")

        await until(connected)


@pytest.fixture
async def trakt() -> AsyncIterator[FakeTrakt]:
    async with FakeTrakt(clock=SystemClock()) as trakt:
        trakt.signing.interval_s = 1
        yield trakt


@pytest.fixture
def ada(trakt: FakeTrakt) -> Person:
    return trakt.person("ada")


@pytest.fixture
async def hub(tmp_path: Path, trakt: FakeTrakt, catalog: FakeCatalog) -> AsyncIterator[Hub]:
    settings = Settings.from_env(
        {
            "HEADGATE_DATA_DIR": str(tmp_path),
            "HEADGATE_SECRET_KEY": SECRET,
            "HEADGATE_CATALOG_URL": catalog.address,
            "HEADGATE_TRAKT_URL": trakt.url,
            "HEADGATE_TRAKT_AUTH_URL": trakt.url,
        }
    )
    app = create_app(settings)
    running = await start_site(app, "127.0.0.1:0", shutdown_s=0.5)
    signer = IdentitySigner(settings.common.secret_key, SystemClock())
    async with make_session() as http:
        yield Hub(f"http://127.0.0.1:{running.port}", signer, http, app[keys.TRAKT])
    await running.aclose()


async def test_a_profile_connects_settles_and_disconnects(hub: Hub, trakt: FakeTrakt, ada: Person) -> None:
    assert (await hub.ask("GET"))[1]["state"] == "none"
    status, view, _ = await hub.ask("POST", client_id=CLIENT, client_secret=SECRET_OF_IT)
    assert (status, view["state"], view["app_ending"]) == (201, "waiting", "nt-1")
    assert view["waiting"]["verification_url"] == "https://trakt.tv/activate"
    trakt.signing.approve(view["waiting"]["user_code"], ada)

    async def connected() -> bool:
        return bool((await hub.ask("GET"))[1]["state"] == "connected")

    await until(connected)
    status, view, _ = await hub.ask("PATCH", every_s=900, scrobble=False)
    assert status == 200
    assert view["choices"] == {
        "enabled": True,
        "every_s": 900,
        "scrobble": False,
        "write_history": True,
        "write_watchlist": True,
    }
    assert view["waiting"] is None
    assert (await hub.ask("DELETE"))[0] == 204
    assert (await hub.ask("GET"))[1]["state"] == "none"
    assert trakt.signing.sign_ins[-1].revoked
    assert (await hub.ask("DELETE"))[0] == 204, "there is nothing to disconnect any more"


async def test_another_profile_and_another_account_neither_see_nor_change_it(
    hub: Hub, trakt: FakeTrakt, ada: Person
) -> None:
    await hub.connect(trakt, ada)
    for somebody in (SIBLING, STRANGER):
        assert (await hub.ask("GET", by=somebody))[1]["state"] == "none"
        _, listed, _ = await hub.ask("GET", "/api/v1/connections", by=somebody)
        assert [item["state"] for item in listed["items"] if item["kind"] == "trakt"] == ["none"]
        assert (await hub.ask("PATCH", by=somebody, enabled=False))[0] == 404
        status, problem, _ = await hub.ask("POST", f"{HERE}/sync", by=somebody)
        assert (status, problem["code"]) == (404, "connection_not_found")
        assert (await hub.ask("DELETE", by=somebody))[0] == 204
    _, view, _ = await hub.ask("GET")
    assert (view["state"], view["choices"]["enabled"]) == ("connected", True)
    assert not trakt.signing.sign_ins[-1].revoked


async def test_nothing_that_is_answered_holds_a_secret(hub: Hub, trakt: FakeTrakt, ada: Person) -> None:
    await hub.connect(trakt, ada)
    shown = str([await hub.ask("GET"), await hub.ask("GET", "/api/v1/connections")])
    pair = trakt.signing.sign_ins[-1]
    for secret in (pair.access, pair.refresh, "secret-1", "client-1"):
        assert secret not in shown


async def test_what_trakt_does_not_take_is_refused_in_words(hub: Hub, trakt: FakeTrakt) -> None:
    status, problem, _ = await hub.ask("POST", client_id="another")
    assert (status, problem["code"]) == (422, "trakt_app_refused")
    assert "VIP" in problem["detail"]
    assert (await hub.ask("POST", client_id="with blanks"))[0] == 422
    assert (await hub.ask("POST", client_id=""))[0] == 422
    assert (await hub.ask("POST", client_id="x" * 257))[0] == 422
    assert (await hub.ask("GET"))[1]["state"] == "none"
    trakt.fail(503, on="POST /oauth/device/code")
    status, problem, _ = await hub.ask("POST", client_id=CLIENT, client_secret=SECRET_OF_IT)
    assert (status, problem["code"]) == (502, "trakt_away")
    trakt.fail(429, on="POST /oauth/device/code", headers={"Retry-After": "40"})
    status, _, headers = await hub.ask("POST", client_id=CLIENT, client_secret=SECRET_OF_IT)
    assert (status, headers["Retry-After"]) == (429, "40")


async def test_without_a_secret_it_goes_as_well(hub: Hub, trakt: FakeTrakt, ada: Person) -> None:
    status, _, _ = await hub.ask("POST", client_id="client-1")
    assert status == 201


async def test_a_connected_profile_connects_no_second_account(
    hub: Hub, trakt: FakeTrakt, ada: Person
) -> None:
    await hub.connect(trakt, ada)
    status, problem, _ = await hub.ask("POST", client_id=CLIENT, client_secret=SECRET_OF_IT)
    assert (status, problem["code"]) == (409, "already_connected")


async def test_reading_now_is_for_once_in_a_while(hub: Hub, trakt: FakeTrakt, ada: Person) -> None:
    await hub.connect(trakt, ada)
    status, job, headers = await hub.ask("POST", f"{HERE}/sync")
    assert status == 202
    assert headers["Location"] == f"/api/v1/sync/jobs/{job['job_id']}"
    status, problem, headers = await hub.ask("POST", f"{HERE}/sync")
    assert (status, problem["code"]) == (429, "rate_limited")
    assert 0 < int(headers["Retry-After"]) <= 20


async def test_a_wake_up_reads_nothing_where_that_is_not_wanted(
    hub: Hub, trakt: FakeTrakt, ada: Person
) -> None:
    await hub.connect(trakt, ada)
    await hub.ask("PATCH", enabled=False)
    assert (await hub.ask("POST", f"{HERE}/sync", wake=True))[:2] == (202, {"job_id": None})
    await hub.ask("PATCH", enabled=True)
    held = await hub.connections._store.of(Owner(ADA.account_id, ADA.profile_id))
    assert held is not None
    await hub.connections._store.synced(held.id, at=int(SystemClock().time() * 1000))
    assert (await hub.ask("POST", f"{HERE}/sync", wake=True))[:2] == (202, {"job_id": None})


async def test_a_code_that_was_declined_is_told_and_can_be_begun_anew(
    hub: Hub, trakt: FakeTrakt, ada: Person
) -> None:
    _, view, _ = await hub.ask("POST", client_id=CLIENT, client_secret=SECRET_OF_IT)
    status, problem, _ = await hub.ask("POST", f"{HERE}/sync")
    assert (status, problem["code"]) == (409, "connection_refused")
    trakt.signing.deny(view["waiting"]["user_code"])

    async def refused() -> bool:
        return bool((await hub.ask("GET"))[1]["state"] == "refused")

    await until(refused)
    _, view, _ = await hub.ask("GET")
    assert view["reason"]["code"] == "code_denied"
    assert not view["can_resume"]
    status, view, _ = await hub.ask("POST", client_id="")
    assert (status, view["state"]) == (201, "waiting"), "the application of before serves again"
    await hub.connect(trakt, ada)
    assert (await hub.ask("GET"))[1]["reason"] is None


async def test_disconnecting_needs_no_trakt(hub: Hub, trakt: FakeTrakt, ada: Person) -> None:
    await hub.connect(trakt, ada)
    trakt.fail(503, on="POST /oauth/revoke")
    assert (await hub.ask("DELETE"))[0] == 204
    assert (await hub.ask("GET"))[1]["state"] == "none"


async def test_whoever_is_removed_is_signed_out_at_trakt_and_others_are_not(
    hub: Hub, trakt: FakeTrakt, ada: Person
) -> None:
    for who in (ADA, SIBLING, STRANGER):
        await hub.connect(trakt, trakt.person(who.profile_id), who)
    deadline = Deadline.after(SystemClock(), 10)
    profile = Removal(id="r1", account_id="account-1", profile_id="profile-2", at=SystemClock().now())
    await hub.connections.forget_owner(profile, deadline)
    states = [(await hub.ask("GET", by=who))[1]["state"] for who in (ADA, SIBLING, STRANGER)]
    assert states == ["connected", "none", "connected"]
    trakt.fail(503, on="POST /oauth/revoke")
    account = Removal(id="r2", account_id="account-1", at=SystemClock().now())
    await hub.connections.forget_owner(account, deadline)
    states = [(await hub.ask("GET", by=who))[1]["state"] for who in (ADA, STRANGER)]
    assert states == ["none", "connected"]
    revoked = {pair.person.name for pair in trakt.signing.sign_ins if pair.revoked}
    assert revoked == {"profile-2"}


async def test_a_job_reads_the_account_of_the_profile_that_asks(
    hub: Hub, trakt: FakeTrakt, ada: Person
) -> None:
    await hub.connect(trakt, ada)
    jobs = "/api/v1/sync/jobs"
    status, job, _ = await hub.ask("POST", jobs, kind="trakt", mode="full")
    assert (status, job["kind"]) == (202, "trakt")
    member = Identity("account-1", "profile-2", "free", ("member",))
    assert (await hub.ask("GET", f"{jobs}/{job['id']}", by=member))[0] == 404
    status, problem, _ = await hub.ask("POST", jobs, by=member, kind="trakt")
    assert (status, problem["code"]) == (404, "connection_not_found")
