"""The app as a whole: who may ask, what is never written down, what it needs to start."""

from __future__ import annotations

import logging
from pathlib import Path

import aiohttp
import pytest

from libs.common.contracts.auth import LogoutRequest
from libs.common.contracts.client import SERVICE
from libs.common.errors import StartupRefused, Unauthenticated
from libs.common.identity import HEADER, Identity
from libs.common.serve import start_site
from services.auth.app import create_app
from services.auth.model import Account
from services.auth.routes import ENDPOINTS
from services.auth.settings import Settings
from services.auth.store.keys import StoredInstallToken, StoredSigningKey
from tests.auth.conftest import NAME, PASSWORD, Auth, Start
from tests.fakes.clock import ManualClock


async def test_only_services_may_ask(auth: Auth) -> None:
    owner = Identity("ada", "main", "premium", ("owner",))
    async with aiohttp.ClientSession() as session:  # noqa: TID251  a stranger has no client of ours
        for endpoint in ENDPOINTS:
            if endpoint.access != "internal":
                continue
            for headers in ({}, {HEADER: auth.signer.sign(owner)}, {HEADER: "forged"}):
                async with session.request(
                    endpoint.method, auth.address + endpoint.path, headers=headers
                ) as answer:
                    assert answer.status in (401, 403), endpoint.path


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"username": 1, "password": "x"}', b'{"username": "x"}']
)
async def test_a_body_of_the_wrong_shape_is_refused(auth: Auth, body: bytes) -> None:
    headers = {HEADER: auth.signer.sign(SERVICE), "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,  # noqa: TID251  sends what our client can't
        session.post(f"{auth.address}/internal/auth/setup", data=body) as answer,
    ):
        assert answer.status == 422
        assert (await answer.json())["code"] == "invalid_input"


async def test_a_lone_surrogate_in_a_password_is_no_server_error(auth: Auth) -> None:
    headers = {HEADER: auth.signer.sign(SERVICE), "Content-Type": "application/json"}
    body = rb'{"username": "Ada", "password": "\ud800\ud800\ud800\ud800\ud800\ud800\ud800\ud800\ud800\ud800"}'
    async with (
        aiohttp.ClientSession(headers=headers) as session,  # noqa: TID251  sends what our client can't
        session.post(f"{auth.address}/internal/auth/setup", data=body) as answer,
    ):
        assert answer.status == 422


async def test_no_secret_is_logged_or_stored_readably(
    auth: Auth, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    owner = await auth.set_up()
    identity = Identity(owner.id, owner.profile_id, owner.tier, owner.roles)
    web, api = await auth.login(kind="web"), await auth.login()
    assert api.tokens is not None
    install = await auth.client.install_token(identity, deadline=auth.deadline)
    rotated = await auth.client.rotate_install_token(identity, deadline=auth.deadline)
    with pytest.raises(Unauthenticated):
        await auth.login(password="wrong but private")
    second = await auth.client.refresh(api.tokens.refresh_token, deadline=auth.deadline)
    with pytest.raises(Unauthenticated):
        await auth.client.refresh(api.tokens.refresh_token, deadline=auth.deadline)
    await auth.client.logout(LogoutRequest(session_token=web.session_token), deadline=auth.deadline)
    secrets = [
        PASSWORD,
        "wrong but private",
        str(web.session_token),
        api.tokens.refresh_token,
        api.tokens.access_token,
        second.refresh_token,
        install.token,
        rotated.token,
    ]
    captured = capsys.readouterr()
    written = caplog.text + captured.out + captured.err
    if auth.db.dialect == "sqlite":
        tables = await auth.db.fetch_all("SELECT name AS t FROM sqlite_master WHERE type='table'")
    else:
        tables = await auth.db.fetch_all("SELECT tablename AS t FROM pg_tables WHERE schemaname='auth'")
    assert len(tables) >= 9
    for table in tables:
        rows = await auth.db.fetch_all(f"SELECT * FROM {table['t']}")
        written += repr([tuple(row) for row in rows])
    assert [secret for secret in secrets if secret in written] == []


def test_what_holds_a_secret_does_not_print_it(tmp_path: Path) -> None:
    url = "postgresql://me:hunter2@db/headgate"
    settings = Settings.from_env(
        {
            "HEADGATE_DATA_DIR": str(tmp_path),
            "HEADGATE_SECRET_KEY": "swordfish" * 4,
            "HEADGATE_DATABASE_URL": url,
        }
    )
    account = Account(
        id="1",
        username=NAME,
        tier="x",
        role="owner",
        profile_id="2",
        profile_name="x",
        password_hash="$argon2",
    )
    printed = repr(
        (settings, account, StoredInstallToken("1", b"sealed!", 0), StoredSigningKey("1", b"", b"sealed!", 0))
    )
    for secret in ("swordfish", "hunter2", "$argon2", "sealed!"):
        assert secret not in printed


async def test_ready_while_the_database_answers(auth: Auth) -> None:
    async with (
        aiohttp.ClientSession() as session,  # noqa: TID251  a balancer has no client of ours
        session.get(f"{auth.address}/readyz?verbose") as answer,
    ):
        assert (answer.status, (await answer.json())["checks"]["database"]["status"]) == (200, "pass")


async def test_a_restart_keeps_everything(start: Start) -> None:
    one = await start()
    owner = await one.set_up()
    two = await start()
    assert not (await two.client.setup_state(deadline=two.deadline)).needed
    assert (await two.login()).account == owner


async def test_another_secret_refuses_the_start_and_leaves_everything(start: Start) -> None:
    """The install address could not be shown any more, and everybody had to sign in again."""
    one = await start()
    await one.set_up()
    with pytest.raises(StartupRefused, match="The auth database was sealed with another key"):
        await start(secret_key="x" * 32)
    assert (await (await start()).login()).account.username == NAME


async def test_a_damaged_database_refuses_the_start(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "auth.db").write_bytes(b"no database" * 500)
    settings = Settings.from_env({"HEADGATE_DATA_DIR": str(tmp_path)})
    with pytest.raises(StartupRefused, match="is damaged: put back a backup"):
        await start_site(create_app(settings, clock=clock), "127.0.0.1:0")


async def test_two_apps_in_one_process_share_nothing(tmp_path: Path, clock: ManualClock) -> None:
    running = []
    for name in ("a", "b"):
        settings = Settings.from_env({"HEADGATE_DATA_DIR": str(tmp_path / name)})
        running.append(await start_site(create_app(settings, clock=clock), "127.0.0.1:0"))
    assert len({one.port for one in running}) == 2
    for one in running:
        await one.aclose()
