"""A panel, and a player that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientResponse

from tests.fakes.clock import ManualClock
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel

LOGIN = {"username": "u1", "password": "p1"}


def channel(panel: FakePanel, *, kept: bool = False, told: bool = True) -> dict[str, Any]:
    """One with a guide, if `told`, and with an archive, if `kept`."""
    return next(
        row
        for row in panel.library.rows("live")
        if bool(row["epg_channel_id"]) == told and (row["tv_archive"] == 1 or not kept)
    )


def all_films(panel: FakePanel) -> list[dict[str, Any]]:
    return list(panel.library.rows("vod"))


def first_series(panel: FakePanel) -> int:
    id_: int = next(panel.library.rows("series"))["series_id"]
    return id_


async def series_info(player: Player, panel: FakePanel) -> Any:
    return await player.ask("get_series_info", series_id=first_series(panel))


@pytest.fixture
async def panel(clock: ManualClock) -> AsyncIterator[FakePanel]:
    async with FakePanel(Library(channels=200), clock=clock) as panel:
        yield panel


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:  # noqa: TID251  players have no client of ours
    async with aiohttp.ClientSession() as client:  # noqa: TID251
        yield client


class Player:
    """Asks one panel."""

    def __init__(self, client: aiohttp.ClientSession, panel: FakePanel) -> None:  # noqa: TID251
        self.client = client
        self.panel = panel

    async def ask(self, action: str = "", **params: Any) -> Any:
        told = {"action": action} if action else {}
        async with self.client.get(
            f"{self.panel.url}/player_api.php", params=LOGIN | told | params
        ) as response:
            assert response.status == 200
            return await response.json()

    async def get(self, path: str, **options: Any) -> tuple[ClientResponse, bytes]:
        async with self.client.get(f"{self.panel.url}{path}", **options) as response:
            return response, await response.read()


@pytest.fixture
def player(client: aiohttp.ClientSession, panel: FakePanel) -> Player:  # noqa: TID251
    return Player(client, panel)
