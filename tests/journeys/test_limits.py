"""Limits on a running hub: a home screen is never refused, and nobody starves the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from tests.fakes.addon import FakeAddon, films
from tests.harness.clients import Api, Player
from tests.harness.hub import Hub

ROWS = 40
PASSWORD = "correct horse battery staple"


@pytest.fixture
async def addon() -> AsyncIterator[FakeAddon]:
    async with FakeAddon(catalogs={f"row{number}": films(3) for number in range(ROWS)}) as addon:
        yield addon


async def member(api: Api, hub: Hub) -> Api:
    """A new account of the free tier, signed in, on a connection of its own."""
    username = f"member{uuid4().hex[:8]}"
    await api.post("/api/v1/accounts", {"username": username, "password": PASSWORD, "tier": "free"})
    other = Api(api.session, hub.url)
    credentials = {"username": username, "password": PASSWORD}
    other.token = (await other.post("/api/v1/auth/login", credentials))["access_token"]
    return other


async def test_a_home_screen_of_forty_cold_rows_at_once_is_never_refused(
    hub: Hub, api: Api, addon: FakeAddon
) -> None:
    guest = await member(api, hub)
    await guest.add(addon.manifest_url)
    player = Player(guest.session, await guest.stremio_url())
    everything = (await player.get("manifest.json"))["catalogs"]
    rows = [row for row in everything if not any(extra.get("isRequired") for extra in row["extra"])]
    asked = [player.ask(f"catalog/{row['type']}/{row['id']}.json") for row in rows[:ROWS]]
    answers = await asyncio.gather(*asked)
    assert len(answers) == ROWS
    assert {answer.status for answer in answers} == {200}
    assert all("ratelimit" in answer.headers for answer in answers)


async def test_a_member_that_floods_is_refused_while_another_is_served(hub: Hub, api: Api) -> None:
    flooding, other = await member(api, hub), await member(api, hub)
    answers = await asyncio.gather(*(flooding.send("GET", "/api/v1/manifest") for _ in range(100)))
    refused = [answer for answer in answers if answer.status == 429]
    assert len(refused) >= 50
    assert {answer.status for answer in answers} == {200, 429}
    for answer in refused:
        assert answer.json["violated-policies"] == ["account"]
        assert int(answer.headers["retry-after"]) >= 1
    assert {(await other.send("GET", "/api/v1/manifest")).status for _ in range(10)} == {200}


async def test_the_owner_of_a_household_is_not_limited(hub: Hub, api: Api) -> None:
    answers = [await api.send("GET", "/api/v1/manifest") for _ in range(30)]
    policies = {answer.headers["ratelimit-policy"].split(";")[0] for answer in answers}
    assert {answer.status for answer in answers} == {200}
    assert policies == ({'"address"'} if hub.mode == "embedded" else {'"premium"'})
