"""The Stremio account from outside: its addresses, who may use them, and what they say when that fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from libs.common.clock import SystemClock
from libs.common.contracts.stremio_account import BASE_HEADER, STREMIO
from libs.common.http import ClientSession, make_session
from libs.common.identity import HEADER, Identity, IdentitySigner
from libs.common.secrets import SecretKey
from libs.common.serve import start_site
from services.sync.app import create_app
from services.sync.settings import Settings
from tests.fakes.clock import ManualClock
from tests.fakes.settings import SECRET
from tests.fakes.stremio_api import Account, FakeStremio, descriptor, library_item
from tests.sync.library import FakeLibrary
from tests.sync.stremio.parts import ANNA, BASE, EVA, PASSWORD
from tests.sync.stremio.screen import FakeScreen
from tests.sync.stremio.shelf import FakeShelf
from tests.waiting import until

STRANGER = Identity("eva", "eva-p", "free", ("owner", "admin"))
PLANS = f"{STREMIO}/plans"


@dataclass
class Hub:
    base: str
    signer: IdentitySigner
    http: ClientSession
    shelf: FakeShelf
    screen: FakeScreen

    async def ask(
        self, method: str, path: str = STREMIO, *, by: Identity = ANNA, **sent: object
    ) -> tuple[int, Any]:
        headers = {HEADER: self.signer.sign(by), BASE_HEADER: BASE}
        async with self.http.request(method, self.base + path, headers=headers, json=sent or None) as answer:
            return answer.status, (await answer.json() if answer.status != 204 else None)

    async def connect(self, by: Identity = ANNA) -> None:
        status, _ = await self.ask("POST", by=by, email="anna@example.org", password=PASSWORD)
        assert status == 201


@pytest.fixture
async def hub(tmp_path: Path, stremio: FakeStremio, account: Account) -> AsyncIterator[Hub]:
    signer = IdentitySigner(SecretKey.from_text(SECRET), SystemClock())
    shelf, screen, inner = FakeShelf(signer, ManualClock()), FakeScreen(), web.Application()
    shelf.add_to(inner)
    screen.add_to(inner)
    FakeLibrary().add_to(inner)
    others = await start_site(inner, "127.0.0.1:0", shutdown_s=0.1)
    address = f"http://127.0.0.1:{others.port}"
    names = ("AUTH", "CATALOG", "STREAMING")
    settings = Settings.from_env(
        {
            "HEADGATE_DATA_DIR": str(tmp_path),
            "HEADGATE_SECRET_KEY": SECRET,
            "HEADGATE_STREMIO_API_URL": stremio.url,
            "HEADGATE_STREMIO_LINK_URL": stremio.link_url,
            **{f"HEADGATE_{name}_URL": address for name in names},
        }
    )
    account.addons = [descriptor("https://one.example/key-one/manifest.json", name="One")]
    running = await start_site(create_app(settings), "127.0.0.1:0", shutdown_s=0.5)
    async with make_session() as http:
        yield Hub(f"http://127.0.0.1:{running.port}", signer, http, shelf, screen)
    await running.aclose()
    await others.aclose()


async def test_a_profile_connects_moves_undoes_and_disconnects(hub: Hub, account: Account) -> None:
    account.library["tt1"] = library_item("tt1", changed="2026-09-28T18:26:29Z", flaggedWatched=1)
    await hub.connect()
    _, listed = await hub.ask("GET", "/api/v1/connections")
    assert [item["name"] for item in listed["items"] if item["kind"] == "stremio"] == ["anna@example.org"]
    for action, addresses in (("move", 1), ("undo", 0)):
        status, plan = await hub.ask("POST", PLANS, action=action)
        assert (status, plan["state"]) == (201, "planned")
        path = f"{PLANS}/{plan['id']}"
        assert (await hub.ask("POST", f"{path}/apply"))[0] == 202

        async def made(path: str = path) -> bool:
            return bool((await hub.ask("GET", path))[1]["state"] == "applied")

        await until(made)
        assert len(hub.shelf.of("anna-p")) == addresses
        status, problem = await hub.ask("POST", f"{path}/apply")
        assert (status, problem["code"]) == (409, "plan_over")

    async def told() -> bool:
        return "tt1" in hub.screen.of("watched")

    await until(told)
    _, backups = await hub.ask("GET", f"{STREMIO}/backups")
    assert [backup["action"] for backup in backups["items"]] == ["undo", "move"]
    _, view = await hub.ask("PATCH", write_back=True)
    assert view["choices"] == {"poll": True, "write_back": True}
    assert (await hub.ask("DELETE"))[0] == 204
    assert (await hub.ask("GET"))[1]["state"] == "none"


async def test_another_profile_and_another_account_neither_see_nor_use_it(hub: Hub) -> None:
    await hub.connect()
    _, plan = await hub.ask("POST", PLANS, action="move")
    for somebody in (EVA, STRANGER):
        assert (await hub.ask("GET", by=somebody))[1]["state"] == "none"
        _, listed = await hub.ask("GET", "/api/v1/connections", by=somebody)
        assert [item["state"] for item in listed["items"] if item["kind"] == "stremio"] == ["none"]
        assert (await hub.ask("GET", PLANS, by=somebody))[1]["items"] == []
        assert (await hub.ask("GET", f"{STREMIO}/backups", by=somebody))[1]["items"] == []
        for method, path in (("GET", f"{PLANS}/{plan['id']}"), ("POST", f"{PLANS}/{plan['id']}/apply")):
            status, problem = await hub.ask(method, path, by=somebody)
            assert (status, problem["code"]) == (404, "plan_not_found")
        for method, path, sent in (
            ("GET", f"{STREMIO}/addons", {}),
            ("POST", PLANS, {"action": "move"}),
            ("PATCH", STREMIO, {"poll": False}),
            ("POST", "/api/v1/sync/jobs", {"kind": "stremio"}),
        ):
            status, problem = await hub.ask(method, path, by=somebody, **sent)
            assert (status, problem["code"]) == (409, "stremio_not_connected")
        assert (await hub.ask("DELETE", by=somebody))[0] == 204
    assert (await hub.ask("GET"))[1]["state"] == "connected"


async def test_nothing_secret_is_answered_or_logged(hub: Hub, stremio: FakeStremio) -> None:
    with capture_logs() as logs:
        _, refused = await hub.ask("POST", email="anna@example.org", password=f"{PASSWORD}!")
        await hub.connect()
        _, plan = await hub.ask("POST", PLANS, action="move")
        shown = [refused, plan, *[await hub.ask("GET", path) for path in (STREMIO, f"{STREMIO}/addons")]]
    (key,) = stremio.sessions
    for text in (str(shown), str(logs)):
        assert PASSWORD not in text
        assert key not in text
        assert "key-one" not in text
        assert "token-anna-p" not in text


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("POST", STREMIO, {"email": "anna@example.org", "password": "x"}, 422, "stremio_login_refused"),
        ("POST", STREMIO, {"email": "a", "password": "x"}, 422, "invalid_input"),
        ("POST", STREMIO, {"email": "anna@example.org", "password": "x" * 5000}, 422, "invalid_input"),
        ("POST", PLANS, {"action": "explode"}, 422, "invalid_input"),
        ("POST", PLANS, {"action": "restore"}, 409, "stremio_not_connected"),
        ("POST", "/api/v1/sync/jobs", {"kind": "stremio_plan"}, 409, "conflict"),
        ("GET", f"{PLANS}/nothing", {}, 404, "plan_not_found"),
    ],
)
async def test_what_cant_be_done_is_said(
    hub: Hub, method: str, path: str, *, sent: dict[str, Any], status: int, code: str
) -> None:
    found, problem = await hub.ask(method, path, **sent)
    assert (found, problem["code"]) == (status, code)


async def test_a_stremio_that_is_away_is_told(hub: Hub, stremio: FakeStremio) -> None:
    await hub.connect()
    stremio.failing["addonCollectionGet"] = 503
    status, problem = await hub.ask("GET", f"{STREMIO}/addons")
    assert (status, problem["code"]) == (502, "stremio_away")
    status, problem = await hub.ask("POST", email="anna@example.org", password=PASSWORD)
    assert (status, problem["code"]) == (409, "already_connected")
