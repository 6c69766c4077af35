"""Who is asking while auth can't be asked: whoever was known goes on, nobody new gets in."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from libs.common.proofs import AWAY_S
from services.gateway.callers import KNOWN_S, NEWCOMERS
from services.gateway.identify import SESSION_COOKIE
from tests.fakes.clock import ManualClock, settle
from tests.gateway.conftest import Client, Start, passing
from tests.gateway.inner import INSTALL_TOKEN, SESSION_TOKEN, Canned, Inner, problem
from tests.harness.hub import UNLIMITED

MANIFEST = "/internal/stremio/manifest.json"
ADDRESS = f"/stremio/{INSTALL_TOKEN}/manifest.json"
INSTALLS = "/internal/auth/install-tokens/resolve"
COOKIE = {"Cookie": f"{SESSION_COOKIE}={SESSION_TOKEN}"}


async def away(_request: web.Request) -> web.Response:
    return problem(503, "unavailable", "Not now.")


@pytest.fixture
def known(inner: Inner) -> None:
    inner.canned[MANIFEST] = Canned()


@pytest.mark.usefixtures("known")
async def test_a_known_player_goes_on_while_auth_is_away(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    """Half a minute after auth had gone, no player was answered any more."""
    assert (await gateway.get(ADDRESS)).status == 200
    inner.handlers[INSTALLS] = away
    for later in (KNOWN_S + 1, 600, AWAY_S - 700):
        clock.advance(later)
        assert (await gateway.get(ADDRESS)).status == 200


@pytest.mark.usefixtures("known")
async def test_a_player_known_an_hour_ago_is_refused(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    assert (await gateway.get(ADDRESS)).status == 200
    inner.handlers[INSTALLS] = away
    clock.advance(KNOWN_S + AWAY_S + 1)
    assert (await gateway.get(ADDRESS)).status == 503


@pytest.mark.usefixtures("known")
async def test_a_player_never_seen_is_refused_while_auth_is_away(gateway: Client, inner: Inner) -> None:
    inner.handlers[INSTALLS] = away
    assert (await gateway.get(ADDRESS)).status == 503


@pytest.mark.usefixtures("known")
async def test_a_token_that_auth_no_longer_knows_is_refused_as_soon_as_auth_is_back(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    assert (await gateway.get(ADDRESS)).status == 200
    inner.handlers[INSTALLS] = away
    clock.advance(KNOWN_S + 1)
    assert (await gateway.get(ADDRESS)).status == 200
    del inner.handlers[INSTALLS]
    inner.installs.clear()
    clock.advance(10)
    assert (await gateway.get(ADDRESS)).status == 404


@pytest.mark.usefixtures("known")
async def test_an_auth_that_hangs_holds_a_known_player_up_for_a_moment_only(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    assert (await gateway.get(ADDRESS)).status == 200
    gate = asyncio.Event()

    async def hangs(_request: web.Request) -> web.Response:
        await gate.wait()
        return problem(503, "unavailable", "Not now.")

    inner.handlers[INSTALLS] = hangs
    clock.advance(KNOWN_S + 1)
    async with asyncio.timeout(5):
        assert (await gateway.get(ADDRESS)).status == 200
    gate.set()


async def test_a_signed_in_browser_goes_on_while_auth_is_away(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    inner.canned["/api/v1/addons"] = Canned(b'{"items":[]}')
    assert (await gateway.get("/api/v1/addons", headers=COOKIE)).status == 200
    await inner.servers["auth"].close()
    clock.advance(KNOWN_S + 1)
    answer = await passing(clock, gateway.get("/api/v1/addons", headers=COOKIE))
    assert answer.status == 200


@pytest.mark.usefixtures("known")
async def test_auth_away_and_back_is_told_once_each(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    await gateway.get(ADDRESS)
    with capture_logs() as lines:
        inner.handlers[INSTALLS] = away
        for _ in range(5):
            clock.advance(KNOWN_S + 1)
            await gateway.get(ADDRESS)
        del inner.handlers[INSTALLS]
        for _ in range(3):
            clock.advance(KNOWN_S + 1)
            await gateway.get(ADDRESS)
    told = [line["event"] for line in lines if line["event"].startswith("auth_")]
    assert told == ["auth_away", "auth_back"]


async def test_an_auth_that_nobody_reaches_is_soon_left_alone_and_told_so(
    gateway: Client, inner: Inner, clock: ManualClock
) -> None:
    """Each caller waited for a restart, and the state said that all was well."""
    await inner.servers["auth"].close()
    for number in range(5):
        asked = gateway.get(f"/stremio/{number:032}/manifest.json")
        assert (await passing(clock, asked)).status == 503
    answer = await gateway.get(f"/stremio/{5:032}/manifest.json")  # no time passes for it
    assert answer.status == 503
    assert "away for the moment" in (await answer.json())["detail"]
    metrics = await (await gateway.get("/metrics")).text()
    assert 'headgate_upstream_breaker_state{upstream="auth"} 2.0' in metrics


async def test_tokens_nobody_has_heard_of_ask_auth_as_strangers_once_they_are_many(
    start: Start, inner: Inner
) -> None:
    """Made up in great number they took the room that auth keeps for accounts."""
    gateway = await start(**UNLIMITED)
    many = [f"/stremio/made-up-{number}/manifest.json" for number in range(NEWCOMERS.burst + 5)]
    for path in many:
        await gateway.get(path)
    asked = [call.identity.is_known for call in inner.calls_to(INSTALLS)]
    assert asked == [True] * NEWCOMERS.burst + [False] * 5


@pytest.mark.usefixtures("known")
async def test_whoever_is_known_asks_as_an_account_however_many_tokens_are_made_up(
    start: Start, inner: Inner, clock: ManualClock
) -> None:
    gateway = await start(**UNLIMITED)
    assert (await gateway.get(ADDRESS)).status == 200
    clock.advance(KNOWN_S + 1)
    for number in range(NEWCOMERS.burst + 5):
        await gateway.get(f"/stremio/made-up-{number}/manifest.json")
    inner.calls.clear()
    assert (await gateway.get(ADDRESS)).status == 200
    await settle()
    assert [call.identity.is_known for call in inner.calls_to(INSTALLS)] == [True]
