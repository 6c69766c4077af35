"""The fake panel answers as panels do: a plain client asks."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import orjson
import pytest

from tests.fakes.clock import START, ManualClock
from tests.fakes.conftest import LOGIN, Player, channel
from tests.fakes.panel import kept
from tests.fakes.panel.accounts import REFUSALS
from tests.fakes.panel.panel import FakePanel


@pytest.mark.parametrize("action", ["", "get_account_info", "get_user_info", "no_such_action"])
async def test_the_account_is_told_with_the_types_of_real_panels(
    player: Player, panel: FakePanel, action: str
) -> None:
    told = await player.ask(action)
    types = {name: type(value).__name__ for name, value in told["user_info"].items()}
    assert types.pop("auth") == "int"
    assert types.pop("allowed_output_formats") == "list"
    assert set(types.values()) == {"str"}
    server = told["server_info"]
    types = {name: type(value).__name__ for name, value in server.items()}
    assert (types.pop("timestamp_now"), types.pop("process")) == ("int", "bool")
    assert set(types.values()) == {"str"}
    at = datetime.strptime(server["time_now"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("Europe/London"))
    assert at.timestamp() == server["timestamp_now"] == int(START)
    assert panel.calls == {"account_info": 1}


async def test_an_account_may_never_expire(player: Player, panel: FakePanel) -> None:
    panel.accounts["u1"].expires_at = None
    assert (await player.ask())["user_info"]["exp_date"] is None


async def test_newer_panels_tell_their_version_and_count_connections_by_a_number(
    player: Player, panel: FakePanel
) -> None:
    panel.is_xui = True
    told = await player.ask()
    assert (told["server_info"]["xui"], told["user_info"]["active_cons"]) == (True, 0)


async def test_a_form_is_taken_as_well_as_a_query(player: Player, panel: FakePanel) -> None:
    form = LOGIN | {"action": "get_vod_categories"}
    async with player.client.post(f"{panel.url}/player_api.php", data=form) as response:
        assert await response.json() == panel.library.category_rows("vod")
    assert [(asked.method, asked.action, asked.username) for asked in panel.asked] == [
        ("POST", "get_vod_categories", "u1")
    ]


async def test_credentials_may_stand_in_the_path(player: Player, panel: FakePanel) -> None:
    _, body = await player.get("/player_api/u1/p1/get_live_categories")
    assert orjson.loads(body) == panel.library.category_rows("live")


async def test_a_panel_may_be_below_a_path(client: aiohttp.ClientSession) -> None:  # noqa: TID251
    async with FakePanel(prefix="/portal/a") as panel:
        player = Player(client, panel)
        assert (await player.ask())["user_info"]["auth"] == 1
        async with client.get(f"http://127.0.0.1:{panel.port}/player_api.php", params=LOGIN) as response:
            assert response.status == 404


@pytest.mark.parametrize(
    ("action", "kind"), [("get_live_streams", "live"), ("get_vod_streams", "vod"), ("get_series", "series")]
)
async def test_lists_are_whole_or_of_one_category(
    player: Player, panel: FakePanel, action: str, kind: Any
) -> None:
    everything = list(panel.library.rows(kind))
    assert await player.ask(action) == everything
    assert await player.ask(action, category_id="") == everything
    category = everything[0]["category_id"]
    found = await player.ask(action, category_id=category)
    assert {row["category_id"] for row in found} == {category}
    assert panel.calls == {action: 3}


async def test_a_page_is_cut_before_its_category_is_looked_at(player: Player, panel: FakePanel) -> None:
    page = {"params[offset]": "10", "params[items_per_page]": "20"}
    part = await player.ask("get_vod_streams", **page)
    assert part == list(panel.library.rows("vod"))[10:30]
    category = part[0]["category_id"]
    found = await player.ask("get_vod_streams", category_id=category, **page)
    assert found == [row for row in part if row["category_id"] == category]


async def test_details_are_told_and_missing_ones_in_the_ways_of_panels(
    player: Player, panel: FakePanel
) -> None:
    film, series = next(panel.library.rows("vod")), next(panel.library.rows("series"))
    told = await player.ask("get_vod_info", vod_id=film["stream_id"])
    assert told["movie_data"]["stream_id"] == film["stream_id"]
    assert await player.ask("get_vod_info", vod_id=7) == {"info": []}
    told = await player.ask("get_series_info", series_id=series["series_id"])
    assert told["info"]["name"] == series["name"]
    assert await player.ask("get_series_info", series_id=1) == []


async def test_the_short_guide_begins_with_what_runs(player: Player, panel: FakePanel) -> None:
    of = channel(panel)
    listed = (await player.ask("get_short_epg", stream_id=of["stream_id"]))["epg_listings"]
    assert len(listed) == 4
    assert int(listed[0]["start_timestamp"]) <= START < int(listed[0]["stop_timestamp"])
    assert b64decode(listed[0]["title"]).decode().istitle()
    assert listed[0]["start"] == datetime.fromtimestamp(
        int(listed[0]["start_timestamp"]), ZoneInfo("Europe/London")
    ).strftime("%Y-%m-%d %H:%M:%S")
    two = await player.ask("get_short_epg", stream_id=of["stream_id"], limit=2)
    assert two["epg_listings"] == listed[:2]
    assert await player.ask("get_short_epg", stream_id=channel(panel, told=False)["stream_id"]) == {
        "epg_listings": []
    }


async def test_the_table_tells_past_and_future_and_what_is_kept(player: Player, panel: FakePanel) -> None:
    of = channel(panel, kept=True)
    listed = (await player.ask("get_simple_data_table", stream_id=of["stream_id"]))["epg_listings"]
    assert sum(row["now_playing"] for row in listed) == 1
    kept = [row for row in listed if row["has_archive"]]
    assert kept
    assert all(int(row["stop_timestamp"]) <= START for row in kept)
    assert any(int(row["start_timestamp"]) > START for row in listed)
    bare = await player.ask("get_epg", stream_id=of["stream_id"], from_now=1)
    assert bare == [row for row in listed if int(row["stop_timestamp"]) > START]


async def test_several_channels_at_once_are_told_by_their_ids(player: Player, panel: FakePanel) -> None:
    ids = [row["stream_id"] for row, _ in zip(panel.library.rows("live"), range(2), strict=False)]
    told = await player.ask("get_short_epg", stream_id=f"{ids[0]},{ids[1]}")
    assert list(told["epg_listings"]) == [str(id_) for id_ in ids]


async def test_the_old_address_tells_everything_at_once(player: Player, panel: FakePanel) -> None:
    _, body = await player.get("/panel_api.php", params=LOGIN)
    told = orjson.loads(body)
    assert set(told) == {"user_info", "server_info", "categories", "available_channels"}
    assert set(told["categories"]) == {"live", "movie", "series"}


@pytest.mark.parametrize(
    "login", [{"username": "u1", "password": "no"}, {"username": "no", "password": "p1"}]
)
@pytest.mark.parametrize("manner", REFUSALS)
async def test_strangers_are_refused_in_the_panel_s_manner(
    player: Player, panel: FakePanel, manner: str, login: dict[str, str]
) -> None:
    panel.refuses_by = manner
    expected = REFUSALS[manner](None, START)
    response, body = await player.get("/player_api.php", params=login)
    assert (response.status, body) == (expected.status, b"".join(expected.chunks))


@pytest.mark.parametrize("status", ["Expired", "Banned", "Disabled"])
async def test_an_account_that_is_over_says_so_to_every_question(
    player: Player, panel: FakePanel, status: str
) -> None:
    panel.accounts["u1"].status = status
    for action in ("", "get_vod_streams"):
        told = (await player.ask(action))["user_info"]
        assert (told["auth"], told["status"]) == (0, status)
        assert status in told["message"]
    response, _ = await player.get("/live/u1/p1/1000.ts")
    assert response.status == 401


async def test_an_account_expires_by_the_panel_s_clock(
    player: Player, panel: FakePanel, clock: ManualClock
) -> None:
    panel.accounts["u1"].expires_at = int(START) + 60
    assert (await player.ask())["user_info"]["status"] == "Active"
    clock.advance(61)
    assert (await player.ask())["user_info"]["status"] == "Expired"


async def test_it_can_be_stopped_and_comes_back_at_the_same_address(player: Player, panel: FakePanel) -> None:
    await panel.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await player.ask()
    async with panel:
        assert (await player.ask())["user_info"]["auth"] == 1


def by_kind(folder: Path) -> dict[str, Path]:
    return {path.name.partition("-")[0]: path for path in folder.iterdir()}


async def test_lists_are_sent_from_files_that_were_written_once(
    player: Player, panel: FakePanel, tmp_path: Path
) -> None:
    before = await player.ask("get_series")
    panel.kept_in = tmp_path
    assert await player.ask("get_series") == before
    kept.write(tmp_path, panel.library)
    files = by_kind(tmp_path)
    assert set(files) == {"live", "vod", "series"}
    files["series"].write_bytes(b"[1]")
    assert await player.ask("get_series") == [1]
    assert len(await player.ask("get_series", category_id=before[0]["category_id"])) > 1
    panel.library = panel.library.evolved(seed=1)
    assert len(await player.ask("get_series")) > 1


async def test_a_panel_in_a_process_of_its_own_goes_on_to_the_next_day_when_told() -> None:
    command = [sys.executable, "-m", "tests.fakes.panel", "--films", "500", "--share", "0.1"]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        url, day = (await process.stdout.readline()).decode().split()
        asked = f"{url}/player_api.php?username=u1&password=p1&action=get_vod_streams"
        async with aiohttp.ClientSession() as client:  # noqa: TID251
            lists = []
            for _ in range(2):
                async with client.get(asked) as response:
                    lists.append({row["stream_id"] for row in await response.json()})
                process.send_signal(signal.SIGUSR1)
                assert (await process.stdout.readline()).decode().split()[0] == url
        assert day == "0"
        assert lists[0] - lists[1]
        assert lists[1] - lists[0]
    finally:
        process.terminate()
    assert await process.wait() == 0
