"""Who is let in first when the gateway is full."""

from __future__ import annotations

import secrets

import pytest

from libs.common.contracts.accounts import API_KEY_PREFIX
from libs.common.web import PRESSURE
from services.gateway.callers import KNOWN_S, NEWCOMERS
from services.gateway.identify import SESSION_COOKIE
from tests.fakes.clock import ManualClock
from tests.gateway.conftest import Client, Start
from tests.gateway.inner import INSTALL_TOKEN, OWNER, SESSION_TOKEN, Canned, Inner

API_KEY = f"{API_KEY_PREFIX}of-acc1"
ROW = "/stremio/{token}/catalog/movie/top.json"


@pytest.fixture
async def gateway(start: Start) -> Client:
    return await start(HEADGATE_MAX_IN_FLIGHT="10")


@pytest.fixture
def rows(inner: Inner) -> None:
    inner.canned["/internal/stremio/catalog/movie/top.json"] = Canned()


@pytest.fixture
def proofs(inner: Inner) -> list[tuple[str, dict[str, str]]]:
    """Where somebody goes, and what proves who it is."""
    inner.keys[API_KEY] = OWNER
    return [
        (ROW.format(token=INSTALL_TOKEN), {}),
        ("/api/v1/me", {"Authorization": f"Bearer {inner.access_token()}"}),
        ("/api/v1/me", {"X-Api-Key": API_KEY}),
        ("/login", {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"}),
    ]


def fill(client: Client) -> None:
    """Leave room for accounts only."""
    app = client.app
    assert app is not None
    for _ in range(7):
        app[PRESSURE].enter()


async def status(client: Client, path: str, headers: dict[str, str]) -> int:
    return (await client.get(path, headers=headers, allow_redirects=False)).status


async def test_strangers_are_refused(gateway: Client) -> None:
    fill(gateway)
    for path in ("/login", "/api/v1/me", "/nothing"):
        answer = await gateway.get(path)
        assert (answer.status, (await answer.json())["code"]) == (503, "overloaded")


@pytest.mark.usefixtures("rows")
async def test_whoever_is_known_is_let_in_whatever_others_make_up(
    gateway: Client, clock: ManualClock, proofs: list[tuple[str, dict[str, str]]]
) -> None:
    for path, headers in proofs:
        assert await status(gateway, path, headers) < 400
    clock.advance(KNOWN_S + 1)
    fill(gateway)
    await made_up(gateway, NEWCOMERS.burst + 10)
    for path, headers in proofs:
        assert await status(gateway, path, headers) < 400


@pytest.mark.usefixtures("rows")
async def test_people_sit_down_while_there_is_too_much_to_do(
    gateway: Client, clock: ManualClock, proofs: list[tuple[str, dict[str, str]]]
) -> None:
    fill(gateway)
    for path, headers in proofs:
        assert await status(gateway, path, headers) < 400
    refused = await made_up(gateway, NEWCOMERS.burst + 50)
    assert refused == 50 + len(proofs)
    clock.advance(1)
    assert await made_up(gateway, NEWCOMERS.count) == 0


async def made_up(client: Client, times: int) -> int:
    """How many of so many made-up tokens, each a new one, are refused for want of room."""
    mine = secrets.token_hex(4)
    statuses = [await status(client, ROW.format(token=f"{mine}-{n}"), {}) for n in range(times)]
    return statuses.count(503)


async def test_what_is_no_proof_at_all_is_a_strangers(gateway: Client, inner: Inner) -> None:
    good = {"Authorization": f"Bearer {inner.access_token()}"}
    assert await status(gateway, "/api/v1/me", good) == 200  # fetches the key to check others by
    fill(gateway)
    forged = f"{inner.access_token()[:-20]}{'A' * 20}"
    for headers in (
        {"Authorization": "Basic b3duZXI6eA=="},
        {"Authorization": "Bearer \xff"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {forged}"},
        {"X-Api-Key": "no key of ours"},
        {"X-Api-Key": f"{API_KEY}{'x' * 600}"},
        {"Cookie": f"{SESSION_COOKIE}="},
    ):
        assert await status(gateway, "/api/v1/me", headers) == 503
    assert await status(gateway, "/api/v1/me", good) == 200


async def test_a_token_that_has_ended_gets_no_accounts_room(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    headers = {"Authorization": f"Bearer {inner.access_token()}"}
    assert await status(gateway, "/api/v1/me", headers) == 200
    fill(gateway)
    clock.advance(24 * 3600)
    assert await status(gateway, "/api/v1/me", headers) == 503


async def test_a_wrong_proof_is_refused_for_what_it_is(gateway: Client) -> None:
    fill(gateway)
    assert await status(gateway, ROW.format(token="wrong"), {}) == 404
    # The second time it is known to be nobody's.
    assert await status(gateway, ROW.format(token="wrong"), {}) == 503


async def test_style_sheets_are_no_reason_to_refuse(gateway: Client) -> None:
    fill(gateway)
    assert (await gateway.get("/static/x/none.css")).status == 404


async def test_a_refused_player_may_read_why(start: Start) -> None:
    client = await start(HEADGATE_MAX_IN_FLIGHT="10")
    app = client.app
    assert app is not None
    for _ in range(10):
        app[PRESSURE].enter()
    answer = await client.get(ROW.format(token=INSTALL_TOKEN))
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (503, "*")
