"""Blocks over REST, and the edge that obeys them, through a real gateway behind a trusted proxy."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.fakes.clock import settle
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import OWNER, STRANGER, Inner

BLOCKS = "/api/v1/admin/blocks"
ALLOWED = "/api/v1/admin/allowed"
ADDRESS = "203.0.113.7"


@pytest.fixture
async def gateway(start: Start) -> Client:
    return await start(HEADGATE_TRUSTED_PROXIES="127.0.0.1", HEADGATE_ABUSE_ALLOW="192.0.2.0/24")


def owner(inner: Inner) -> dict[str, str]:
    return {"Authorization": f"Bearer {inner.access_token(OWNER)}"}


async def ask(gateway: Client, path: str, address: str = ADDRESS, **headers: str) -> Any:
    return await gateway.get(path, headers={"X-Forwarded-For": address, **headers}, allow_redirects=False)


async def scan(gateway: Client, address: str = ADDRESS) -> None:
    for _ in range(5):
        await ask(gateway, "/wp-login.php", address)
    await settle()


async def test_a_scanner_gets_the_problem_and_others_get_answers(gateway: Client, inner: Inner) -> None:
    await scan(gateway)
    inner.calls.clear()

    refused = await ask(gateway, "/api/v1/me")
    assert refused.status == 403
    assert refused.content_type == "application/problem+json"
    problem = await refused.json()
    assert problem["code"] == "blocked"
    assert problem["expires_at"]
    assert int(refused.headers["Retry-After"]) == 600
    assert inner.calls == []
    assert (await ask(gateway, "/api/v1/me", "203.0.113.8")).status == 401


async def test_what_a_blocked_network_goes_on_asking_is_a_line_a_minute(gateway: Client) -> None:
    await scan(gateway)
    with capture_logs() as lines:
        for number in range(50):
            await ask(gateway, f"/wp-login{number}.php")
    assert [line["status"] for line in lines if line["event"] == "request"] == [403]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/static/app.js"])
async def test_health_metrics_and_static_files_are_for_everybody(gateway: Client, path: str) -> None:
    await scan(gateway)
    assert (await ask(gateway, path)).status != 403 or path == "/metrics"
    if path == "/metrics":
        assert (await (await ask(gateway, path)).json())["code"] != "blocked"


async def test_a_browser_that_is_blocked_gets_a_page(gateway: Client) -> None:
    await scan(gateway)
    refused = await ask(gateway, "/", Accept="text/html")
    assert (refused.status, refused.content_type) == (403, "text/html")


@pytest.mark.parametrize("address", ["192.0.2.9", "127.0.0.1", "10.0.0.7", "192.168.1.20"])
async def test_allowed_networks_proxies_and_the_household_are_never_blocked(
    gateway: Client, inner: Inner, address: str
) -> None:
    await scan(gateway, address)
    blocks = await gateway.get(BLOCKS, headers=owner(inner))
    assert (await blocks.json())["items"] == []


async def test_where_there_is_redis_a_private_address_is_one_of_many_tenants(
    start: Start, inner: Inner, redis_url: str
) -> None:
    gateway = await start(HEADGATE_TRUSTED_PROXIES="127.0.0.1", HEADGATE_REDIS_URL=redis_url)
    allowed = await gateway.get(ALLOWED, headers=owner(inner))
    networks = [one["network"] for one in (await allowed.json())["items"]]
    assert "127.0.0.0/8" in networks
    assert "10.0.0.0/8" not in networks


async def test_a_forged_header_blocks_nobody_else(start: Start, inner: Inner) -> None:
    gateway = await start()  # no proxy is trusted
    await scan(gateway)
    blocks = await gateway.get(BLOCKS, headers=owner(inner))
    assert (await blocks.json())["items"] == []


async def test_names_tried_one_after_the_other_are_credential_stuffing(gateway: Client, inner: Inner) -> None:
    for number in range(12):
        await gateway.post(
            "/api/v1/auth/login",
            json={"username": f"name{number}", "password": "wrong password"},
            headers={"X-Forwarded-For": ADDRESS},
        )
    await settle()
    blocks = await gateway.get(BLOCKS, headers=owner(inner))
    assert [block["scenario"] for block in (await blocks.json())["items"]] == ["credential_stuffing"]


async def test_unknown_addon_addresses_are_guesses(start: Start, inner: Inner) -> None:
    gateway = await start(HEADGATE_TRUSTED_PROXIES="127.0.0.1", HEADGATE_LIMIT_ANONYMOUS="1000/s burst 1000")
    for number in range(25):
        await ask(gateway, f"/stremio/guess-number-{number}/manifest.json")
    await settle()
    blocks = await gateway.get(BLOCKS, headers=owner(inner))
    assert [block["scenario"] for block in (await blocks.json())["items"]] == ["token_guessing"]


async def test_an_administrator_sees_revokes_makes_and_allows(gateway: Client, inner: Inner) -> None:
    await scan(gateway)
    (block,) = (await (await gateway.get(BLOCKS, headers=owner(inner))).json())["items"]
    assert (block["network"], block["scope"]) == (ADDRESS, "address")
    assert (await gateway.delete(f"{BLOCKS}/{block['id']}", headers=owner(inner))).status == 204
    assert (await ask(gateway, "/api/v1/me")).status == 401
    assert (await gateway.delete(f"{BLOCKS}/{block['id']}", headers=owner(inner))).status == 404

    body = {"address": "203.0.113.0/24", "reason": "noise", "expires_in_s": 60}
    made = await gateway.post(BLOCKS, json=body, headers=owner(inner))
    assert made.status == 201
    assert (await made.json())["made_by"] == OWNER.account_id
    assert (await ask(gateway, "/api/v1/me")).status == 403

    body = {"network": ADDRESS, "reason": "a friend"}
    allowed = await gateway.post(ALLOWED, json=body, headers=owner(inner))
    assert allowed.status == 201
    assert (await ask(gateway, "/api/v1/me")).status == 401
    removed = await gateway.delete(f"{ALLOWED}/{(await allowed.json())['id']}", headers=owner(inner))
    assert removed.status == 204
    assert (await ask(gateway, "/api/v1/me")).status == 403


async def test_nobody_locks_himself_out(gateway: Client, inner: Inner) -> None:
    headers = {**owner(inner), "X-Forwarded-For": "198.51.100.4"}
    body = {"address": "198.51.100.0/24", "expires_in_s": 60}
    refused = await gateway.post(BLOCKS, json=body, headers=headers)
    assert refused.status == 409
    assert (await refused.json())["code"] == "cannot_block"


@pytest.mark.parametrize(("method", "path"), [("GET", BLOCKS), ("POST", BLOCKS), ("GET", ALLOWED)])
async def test_only_administrators_may(gateway: Client, inner: Inner, method: str, path: str) -> None:
    token = inner.access_token(STRANGER)
    answer = await gateway.request(method, path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 403
