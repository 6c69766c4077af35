"""Gateways in front of the real auth service: what changes for an account counts at once, at all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from libs.common.serve import start_site
from services.auth.app import create_app as create_auth
from services.auth.settings import Settings as AuthSettings
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import Canned, Inner
from tests.waiting import until

NAME, PASSWORD, OTHER = "Ada", "a long enough password", "quite another password"
ROWS = "/api/v1/catalogs"


@dataclass(frozen=True)
class Hub:
    """Two gateways on one Redis, one auth. Things are changed `here` and used `there`."""

    here: Client
    there: Client

    async def send(
        self, method: str, path: str, token: str = "", body: object = None, *, gateway: Client | None = None
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = gateway or self.here
        async with client.request(method, path, headers=headers, json=body) as answer:
            return answer.status, await answer.json() if answer.content_length else None

    async def ask(self, path: str, token: str) -> int:
        """What the other gateway says."""
        return (await self.send("GET", path, token, gateway=self.there))[0]

    async def sign_in(self, username: str = NAME, password: str = PASSWORD) -> tuple[str, str]:
        """An access token and its refresh token."""
        status, tokens = await self.send(
            "POST", "/api/v1/auth/login", body={"username": username, "password": password}
        )
        assert status == 200
        return tokens["access_token"], tokens["refresh_token"]

    async def member(self, owner: str, username: str = "Bob", **more: str) -> str:
        """The id of a new account."""
        status, made = await self.send(
            "POST", "/api/v1/accounts", owner, {"username": username, "password": PASSWORD, **more}
        )
        assert status == 201
        return str(made["id"])

    async def until_refused(self, path: str, token: str, status: int = 401) -> None:
        async def refused() -> bool:
            return await self.ask(path, token) == status

        await until(refused)


Revoke = Callable[[Hub, str, str, str], Awaitable[None]]


@pytest.fixture
async def hub(
    start: Start, inner: Inner, clock: ManualClock, tmp_path: Path, redis_url: str
) -> AsyncIterator[Hub]:
    environment = {
        **inner.environment(),
        "HEADGATE_DATA_DIR": str(tmp_path / "auth"),
        "HEADGATE_REGISTRATION": "invitation",
    }
    auth = await start_site(create_auth(AuthSettings.from_env(environment), clock=clock), "127.0.0.1:0")
    inner.canned[ROWS] = Canned(b'{"items":[]}')
    more = {"HEADGATE_REDIS_URL": redis_url, "HEADGATE_AUTH_URL": f"http://127.0.0.1:{auth.port}"}
    try:
        hub = Hub(await start(**more), await start(**more))
        assert (await hub.send("POST", "/api/v1/setup", body={"username": NAME, "password": PASSWORD}))[
            0
        ] == 201
        yield hub
    finally:
        await auth.aclose()


async def sign_out(hub: Hub, _owner: str, _id: str, refresh_token: str) -> None:
    assert (await hub.send("POST", "/api/v1/auth/logout", body={"refresh_token": refresh_token}))[0] == 204


async def disable(hub: Hub, owner: str, account_id: str, _refresh_token: str) -> None:
    assert (await hub.send("PATCH", f"/api/v1/accounts/{account_id}", owner, {"disabled": True}))[0] == 200


async def reset_password(hub: Hub, owner: str, account_id: str, _refresh_token: str) -> None:
    assert (await hub.send("PATCH", f"/api/v1/accounts/{account_id}", owner, {"password": OTHER}))[0] == 200


async def delete(hub: Hub, owner: str, account_id: str, _refresh_token: str) -> None:
    assert (await hub.send("DELETE", f"/api/v1/accounts/{account_id}", owner))[0] == 204


async def reuse(hub: Hub, _owner: str, _id: str, refresh_token: str) -> None:
    statuses = [
        (await hub.send("POST", "/api/v1/auth/refresh", body={"refresh_token": refresh_token}))[0]
        for _ in range(2)
    ]
    assert statuses == [200, 401]


@pytest.mark.parametrize("revoke", [sign_out, disable, reset_password, delete, reuse])
async def test_an_access_token_ends_everywhere_at_once(hub: Hub, revoke: Revoke) -> None:
    """The clock stands still: nothing here ends by its time."""
    owner, _ = await hub.sign_in()
    account_id = await hub.member(owner)
    access, refresh_token = await hub.sign_in("Bob")
    for gateway in (hub.here, hub.there):
        assert (await hub.send("GET", ROWS, access, gateway=gateway))[0] == 200
    await revoke(hub, owner, account_id, refresh_token)
    assert (await hub.send("GET", ROWS, access))[0] == 401
    await hub.until_refused(ROWS, access)
    assert await hub.ask(ROWS, owner) == 200


async def test_a_new_password_ends_the_others_and_not_the_one_that_changed_it(hub: Hub) -> None:
    mine, _ = await hub.sign_in()
    other, _ = await hub.sign_in()
    assert await hub.ask(ROWS, other) == 200
    body = {"current_password": PASSWORD, "new_password": OTHER}
    assert (await hub.send("POST", "/api/v1/me/password", mine, body))[0] == 204
    await hub.until_refused(ROWS, other)
    assert await hub.ask(ROWS, mine) == 200
    wrong = {"current_password": PASSWORD, "new_password": OTHER}
    status, problem = await hub.send("POST", "/api/v1/me/password", mine, wrong)
    assert (status, problem["code"]) == (422, "wrong_password")


async def test_who_deletes_the_own_account_is_nobody_at_every_gateway(hub: Hub) -> None:
    owner, _ = await hub.sign_in()
    await hub.member(owner)
    access, refresh_token = await hub.sign_in("Bob")
    assert await hub.ask(ROWS, access) == 200
    status, problem = await hub.send("DELETE", "/api/v1/me", access, {"password": OTHER})
    assert (status, problem["code"]) == (422, "wrong_password")
    assert (await hub.send("DELETE", "/api/v1/me", access, {"password": PASSWORD}))[0] == 204
    await hub.until_refused(ROWS, access)
    assert (await hub.send("POST", "/api/v1/auth/refresh", body={"refresh_token": refresh_token}))[0] == 401
    status, problem = await hub.send("DELETE", "/api/v1/me", owner, {"password": PASSWORD})
    assert (status, problem["code"]) == (403, "owner_protected")


async def test_another_role_and_tier_count_at_once(hub: Hub) -> None:
    owner, _ = await hub.sign_in()
    account_id = await hub.member(owner, role="admin")
    access, _ = await hub.sign_in("Bob")
    assert await hub.ask("/api/v1/accounts", access) == 200
    await hub.send("PATCH", f"/api/v1/accounts/{account_id}", owner, {"role": "member", "tier": "premium"})
    await hub.until_refused("/api/v1/accounts", access, 403)
    assert (await hub.send("GET", "/api/v1/me", access))[1]["tier"] == "premium"


async def test_one_session_of_the_list_ends_at_once(hub: Hub) -> None:
    mine, _ = await hub.sign_in()
    other, _ = await hub.sign_in()
    assert await hub.ask(ROWS, other) == 200
    listed = (await hub.send("GET", "/api/v1/sessions", mine))[1]["items"]
    (ended,) = [one["id"] for one in listed if not one["current"]]
    assert (await hub.send("DELETE", f"/api/v1/sessions/{ended}", mine))[0] == 204
    await hub.until_refused(ROWS, other)
    assert await hub.ask(ROWS, mine) == 200


async def test_another_profile_counts_from_the_next_request_on(hub: Hub, inner: Inner) -> None:
    access, _ = await hub.sign_in()
    made = (await hub.send("POST", "/api/v1/profiles", access, {"name": "Kids"}))[1]
    assert (await hub.send("GET", ROWS, access))[0] == 200
    assert (await hub.send("POST", f"/api/v1/profiles/{made['id']}/select", access))[0] == 200
    assert (await hub.send("GET", ROWS, access))[0] == 200
    before, after = [call.identity.profile_id for call in inner.calls_to(ROWS)]
    assert (before != after, after) == (True, made["id"])


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key"])
async def test_an_api_key_does_what_it_was_made_for(hub: Hub, header: str) -> None:
    access, _ = await hub.sign_in()
    made = {}
    for name, scopes in {"read": ["read"], "write": ["write"], "admin": ["read", "admin"]}.items():
        body = {"name": name, "scopes": scopes}
        status, made[name] = await hub.send("POST", "/api/v1/api-keys", access, body)
        assert status == 201

    async def asked(name: str, method: str, path: str, body: object = None) -> tuple[int, str]:
        key = made[name]["key"]
        headers = {header: f"Bearer {key}" if header == "Authorization" else key}
        async with hub.there.request(method, path, headers=headers, json=body) as answer:
            problem = await answer.json() if answer.status >= 400 else {}
            return answer.status, problem.get("code", "")

    profile = {"name": "Kids"}
    assert await asked("read", "GET", ROWS) == (200, "")
    assert await asked("read", "POST", "/api/v1/profiles", profile) == (403, "insufficient_scope")
    assert (await asked("write", "POST", "/api/v1/profiles", profile))[0] == 201
    assert await asked("write", "GET", "/api/v1/accounts") == (403, "forbidden")
    assert (await asked("admin", "GET", "/api/v1/accounts"))[0] == 200
    assert await asked("admin", "DELETE", "/api/v1/accounts/any") == (403, "insufficient_scope")
    assert (await hub.send("DELETE", f"/api/v1/api-keys/{made['read']['id']}", access))[0] == 204

    async def ended() -> bool:
        return (await asked("read", "GET", ROWS))[0] == 401

    await until(ended)


async def test_an_api_key_ends_with_its_time_although_it_is_remembered(hub: Hub, clock: ManualClock) -> None:
    access, _ = await hub.sign_in()
    body = {"name": "key", "scopes": ["read"], "expires_in_days": 1}
    made = (await hub.send("POST", "/api/v1/api-keys", access, body))[1]
    clock.advance(86_400 - 5)
    assert await hub.ask(ROWS, made["key"]) == 200
    clock.advance(6)
    assert await hub.ask(ROWS, made["key"]) == 401


async def test_whoever_is_invited_registers_and_signs_in(hub: Hub) -> None:
    owner, _ = await hub.sign_in()
    wanted = {"username": "Bob", "password": PASSWORD}
    status, problem = await hub.send("POST", "/api/v1/auth/register", body=wanted)
    assert (status, problem["code"]) == (403, "invitation_refused")
    code = (await hub.send("POST", "/api/v1/invitations", owner, {"tier": "premium"}))[1]["code"]
    status, account = await hub.send("POST", "/api/v1/auth/register", body={**wanted, "invitation": code})
    assert (status, account["tier"]) == (201, "premium")
    access, _ = await hub.sign_in("Bob")
    assert await hub.ask("/api/v1/accounts", access) == 403


async def test_what_is_for_gateways_is_not_passed_outward_and_who_asks_is_noted(
    hub: Hub, clock: ManualClock
) -> None:
    access, _ = await hub.sign_in()
    made = (await hub.send("POST", "/api/v1/profiles", access, {"name": "Kids"}))[1]
    clock.advance(1)  # the newest entry is the last one
    headers = {"Authorization": f"Bearer {access}"}
    async with hub.here.delete(f"/api/v1/profiles/{made['id']}", headers=headers) as answer:
        assert answer.status == 204
        assert not [name for name in answer.headers if name.lower().startswith("x-headgate")]
    newest = (await hub.send("GET", "/api/v1/audit?limit=1", access))[1]["items"][0]
    assert (newest["action"], newest["subject"], newest["address"]) == (
        "profile_deleted",
        made["id"],
        "127.0.0.1",
    )


@pytest.mark.parametrize("key", ["hgk_", "hgk_unknown", "hgk_" + "x" * 600, "nonsense"])
async def test_a_key_of_nobody_is_refused(hub: Hub, key: str) -> None:
    async with hub.here.get(ROWS, headers={"X-Api-Key": key}) as answer:
        assert answer.status == 401


@pytest.mark.parametrize("ahead_s", [-60, 60])
async def test_a_gateway_whose_clock_differs_by_a_minute_refuses_nobody(
    start: Start, inner: Inner, clock: ManualClock, tmp_path: Path, ahead_s: float
) -> None:
    """Access tokens that auth signs, and identities that the gateway signs, are good for both clocks."""
    environment = {**inner.environment(), "HEADGATE_DATA_DIR": str(tmp_path / "auth")}
    there = ManualClock(clock.time() + ahead_s)
    auth = await start_site(create_auth(AuthSettings.from_env(environment), clock=there), "127.0.0.1:0")
    try:
        gateway = await start(HEADGATE_AUTH_URL=f"http://127.0.0.1:{auth.port}")
        hub = Hub(gateway, gateway)
        await hub.send("POST", "/api/v1/setup", body={"username": NAME, "password": PASSWORD})
        access, refresh_token = await hub.sign_in()
        assert await hub.ask("/api/v1/me", access) == 200
        body = {"name": "key", "scopes": ["read"], "expires_in_days": 1}
        key = (await hub.send("POST", "/api/v1/api-keys", access, body))[1]["key"]
        assert await hub.ask("/api/v1/profiles", key) == 200
        answer = await hub.send("POST", "/api/v1/auth/refresh", body={"refresh_token": refresh_token})
        assert answer[0] == 200
    finally:
        await auth.aclose()
