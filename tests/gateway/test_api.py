"""The gateway's own REST endpoints: set-up once, tokens, and what to paste into players."""

from __future__ import annotations

import msgspec
import pytest

from libs.common.contracts.accounts import API_KEY_PREFIX
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, OWNER, PASSWORD, PLAYER_NAME, PLAYER_PASSWORD, Inner

PLAYER_QUERY = f"username={PLAYER_NAME}&password={PLAYER_PASSWORD}"
NEW_OWNER = {"username": "ada", "password": PASSWORD}


def bearer(inner: Inner) -> dict[str, str]:
    return {"Authorization": f"Bearer {inner.access_token()}"}


async def test_set_up_makes_the_owner(gateway: Client, inner: Inner) -> None:
    inner.owner_exists = False
    answer = await gateway.post("/api/v1/setup", json=NEW_OWNER)
    assert answer.status == 201
    assert (await answer.json())["username"] == "ada"


async def test_second_set_up_is_409(gateway: Client, inner: Inner) -> None:
    answer = await gateway.post("/api/v1/setup", json=NEW_OWNER)
    assert answer.status == 409
    assert (await answer.json())["code"] == "owner_exists"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "localhost", "nas.local", "192.168.1.9"])
async def test_set_up_by_a_near_name_is_allowed(gateway: Client, inner: Inner, host: str) -> None:
    inner.owner_exists = False
    answer = await gateway.post("/api/v1/setup", json=NEW_OWNER, headers={"Host": host})
    assert answer.status == 201


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("localhost:1@evil.example", 400),
        ("evil.example/.local", 400),
        ("evil.example#.localhost", 400),
        ("2130706433", 403),
    ],
)
async def test_set_up_by_a_foreign_name_is_refused(
    gateway: Client, inner: Inner, host: str, status: int
) -> None:
    """A page that rebinds its own name to 127.0.0.1 must not become the owner."""
    inner.owner_exists = False
    answer = await gateway.post("/api/v1/setup", json=NEW_OWNER, headers={"Host": host})
    assert answer.status == status
    assert not inner.owner_exists


async def test_set_up_by_the_public_name_is_allowed(start: Start, inner: Inner) -> None:
    inner.owner_exists = False
    gateway = await start(HEADGATE_PUBLIC_URL="https://tv.example.org")
    answer = await gateway.post("/api/v1/setup", json=NEW_OWNER, headers={"Host": "tv.example.org"})
    assert answer.status == 201


async def test_set_up_from_another_sites_page_is_refused(gateway: Client, inner: Inner) -> None:
    inner.owner_exists = False
    answer = await gateway.post("/api/v1/setup", json=NEW_OWNER, headers={"Origin": "https://evil.example"})
    assert answer.status == 403


async def test_login_gives_tokens_that_work_and_can_be_renewed_once(gateway: Client, inner: Inner) -> None:
    tokens = await (await gateway.post("/api/v1/auth/login", json=NEW_OWNER)).json()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert tokens["token_type"] == "Bearer"
    me = await gateway.get("/api/v1/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.status == 200
    again = {"refresh_token": tokens["refresh_token"]}
    assert (await gateway.post("/api/v1/auth/refresh", json=again)).status == 200
    assert (await gateway.post("/api/v1/auth/refresh", json=again)).status == 401


async def test_wrong_password_is_401(gateway: Client) -> None:
    answer = await gateway.post("/api/v1/auth/login", json={"username": "ada", "password": "wrong"})
    assert answer.status == 401
    assert (await answer.json())["code"] == "wrong_credentials"


async def test_login_with_a_dead_token_in_the_header_is_not_refused(gateway: Client) -> None:
    headers = {"Authorization": "Bearer dead"}
    assert (await gateway.post("/api/v1/auth/login", json=NEW_OWNER, headers=headers)).status == 200


async def test_login_tells_auth_the_clients_address(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_TRUSTED_PROXIES="127.0.0.0/8,10.0.0.0/8")
    await gateway.post(
        "/api/v1/auth/login", json=NEW_OWNER, headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7, 10.0.0.2"}
    )
    assert b'"203.0.113.7"' in inner.calls_to("/internal/auth/login")[0].body


async def test_forwarded_address_of_an_untrusted_peer_is_ignored(gateway: Client, inner: Inner) -> None:
    await gateway.post("/api/v1/auth/login", json=NEW_OWNER, headers={"X-Forwarded-For": "203.0.113.7"})
    assert b'"127.0.0.1"' in inner.calls_to("/internal/auth/login")[0].body


async def test_logout_ends_the_refresh_token(gateway: Client, inner: Inner) -> None:
    tokens = await (await gateway.post("/api/v1/auth/login", json=NEW_OWNER)).json()
    gone = await gateway.post("/api/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
    assert gone.status == 204
    assert not inner.refresh_tokens


@pytest.mark.parametrize("body", [b"", b"[]", b'{"username":1}', b"{" * 100])
async def test_malformed_login_is_422(gateway: Client, body: bytes) -> None:
    answer = await gateway.post("/api/v1/auth/login", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == 422


async def test_me_names_the_address_seen_by_the_client(gateway: Client, inner: Inner) -> None:
    answer = await gateway.get("/api/v1/me", headers={**bearer(inner), "Host": "nas.local:8080"})
    assert await answer.json() == {
        "account": {"id": "acc1", "username": "ada", "roles": ["owner"]},
        "profile": {"id": "pro1", "name": "Ada"},
        "tier": "premium",
        "stremio_url": f"http://nas.local:8080/stremio/{INSTALL_TOKEN}/manifest.json",
        "xtream": {"url": "http://nas.local:8080", "username": PLAYER_NAME, "password": PLAYER_PASSWORD},
        "m3u_url": f"http://nas.local:8080/get.php?{PLAYER_QUERY}&type=m3u_plus&output=ts",
        "xmltv_url": f"http://nas.local:8080/xmltv.php?{PLAYER_QUERY}",
    }


async def test_me_prefers_the_operators_public_address(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_PUBLIC_URL="https://tv.example.org/")
    me = await (await gateway.get("/api/v1/me", headers=bearer(inner))).json()
    assert me["stremio_url"].startswith("https://tv.example.org/stremio/")


@pytest.mark.parametrize(
    ("scopes", "is_told"), [(("read",), False), (("read", "admin"), False), (("write",), True)]
)
async def test_a_key_that_may_only_look_is_not_told_what_players_live_by(
    gateway: Client, inner: Inner, scopes: tuple[str, ...], is_told: bool
) -> None:
    key = f"{API_KEY_PREFIX}of-acc1"
    inner.keys[key] = msgspec.structs.replace(OWNER, key_id="key1", scopes=scopes)
    me = await (await gateway.get("/api/v1/me", headers={"X-Api-Key": key})).json()
    assert me["account"]["username"] == "ada"
    assert (me["stremio_url"] is not None) is is_told
    assert is_told or not any("install-token" in call.raw_path for call in inner.calls)


async def test_me_believes_forwarded_host_of_a_trusted_proxy_only(start: Start, inner: Inner) -> None:
    forwarded = {"X-Forwarded-Host": "tv.example.org", "X-Forwarded-Proto": "https"}
    trusting = await start(HEADGATE_TRUSTED_PROXIES="127.0.0.1")
    me = await (await trusting.get("/api/v1/me", headers={**bearer(inner), **forwarded})).json()
    assert me["stremio_url"].startswith("https://tv.example.org/")
    wary = await start()
    me = await (await wary.get("/api/v1/me", headers={**bearer(inner), **forwarded})).json()
    assert me["stremio_url"].startswith("http://127.0.0.1:")
