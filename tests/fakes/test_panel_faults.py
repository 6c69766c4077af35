"""Every fault of the fake panel shows, and only where and as often as it was asked for."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest

from tests.fakes.clock import ManualClock
from tests.fakes.conftest import LOGIN, Player, all_films, series_info
from tests.fakes.panel.answers import PAGE
from tests.fakes.panel.faults import NAMES, PHP_WARNING, PLAYERS
from tests.fakes.panel.panel import FakePanel

MENU = {
    "html_200",
    "plain_blocked_200",
    "empty_200",
    "truncated_json",
    "slow_first_byte",
    "chunked",
    "gzip",
    "redirect_302",
    "php_warning_preamble",
    "json_100MB",
    "connection_reset_midway",
    "auth0_min",
    "auth401",
    "unknown_user_404",
    "http_403_bad_UA",
    "http_429_after_n_infos",
    "expired_mid_sync",
    "empty_list_intermittent",
    "numbers_as_strings",
    "strings_as_numbers",
    "null_name",
    "null_category",
    "unknown_category_id",
    "category_ids_only",
    "rating_comma",
    "backdrop",
    "episodes_array",
    "episodes_missing",
    "whole_[]",
    "info_[]",
    'added_""',
    "duplicate_title_many_ids",
    "id_reused_for_other_title",
    "mass_disappearance",
    "tz_not_utc",
}
FILMS = {"action": "get_vod_streams"}


async def films(player: Player) -> tuple[aiohttp.ClientResponse, bytes]:
    return await player.get("/player_api.php", params=LOGIN | FILMS)


def test_the_whole_menu_is_there() -> None:
    assert NAMES == MENU


def test_a_fault_that_does_not_exist_is_none(panel: FakePanel) -> None:
    with pytest.raises(ValueError, match="no fault is called html_201"):
        panel.fail("html_201")


@pytest.mark.parametrize(
    ("name", "body"), [("html_200", PAGE), ("plain_blocked_200", b"Blocked"), ("empty_200", b"")]
)
async def test_something_else_comes_in_place_of_the_list(
    player: Player, panel: FakePanel, name: str, body: bytes
) -> None:
    panel.fail(name, "get_vod_streams", times=1)
    assert await player.ask("get_vod_categories") == panel.library.category_rows("vod")
    response, sent = await films(player)
    assert (response.status, response.content_type, sent) == (200, "text/html", body)
    assert await player.ask("get_vod_streams") == all_films(panel)


async def test_truncated_json_ends_as_if_it_were_whole(player: Player, panel: FakePanel) -> None:
    panel.fail("truncated_json", keep_bytes=50_000)
    response, body = await films(player)
    assert (response.status, len(body)) == (200, 50_000)
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(body)
    panel.heal()
    panel.fail("truncated_json")
    _, half = await player.get("/player_api.php", params=LOGIN)
    assert half.startswith(b'{"user_info"')
    assert not half.endswith(b"}}")


async def test_slow_first_byte_waits_until_told(player: Player, panel: FakePanel) -> None:
    fault = panel.fail("slow_first_byte", "get_vod_streams", times=1)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(films(player))
        await fault.reached.wait()
        assert await player.ask("get_vod_categories")
        assert not asking.done()
        fault.release.set()
    assert orjson.loads(asking.result()[1]) == all_films(panel)


async def test_chunked_has_no_length(player: Player, panel: FakePanel) -> None:
    path = "/player_api.php"
    before, whole = await player.get(path, params=LOGIN)
    panel.fail("chunked")
    after, again = await player.get(path, params=LOGIN)
    assert before.content_length == len(whole)
    assert (after.content_length, after.headers["Transfer-Encoding"]) == (None, "chunked")
    assert again == whole


async def test_gzip_is_declared(player: Player, panel: FakePanel) -> None:
    panel.fail("gzip")
    response, body = await films(player)
    assert response.headers["Content-Encoding"] == "gzip"
    assert orjson.loads(body) == all_films(panel)


@pytest.mark.parametrize(("action", "count"), [("get_vod_streams", 2), ("*", 2)])
async def test_a_redirect_leads_to_another_host(
    player: Player, panel: FakePanel, action: str, count: int
) -> None:
    panel.fail("redirect_302", action)
    response, body = await films(player)
    assert orjson.loads(body) == all_films(panel)
    assert [str(step.headers["Location"]).partition("?")[0] for step in response.history] == [
        f"{panel.edge_url}/player_api.php"
    ]
    assert [asked.is_at_edge for asked in panel.asked] == [False, True]
    assert panel.calls["get_vod_streams"] == count


async def test_streams_are_redirected_too(player: Player, panel: FakePanel) -> None:
    panel.fail("redirect_302", "stream")
    film = all_films(panel)[0]
    response, _ = await player.get(f"/movie/u1/p1/{film['stream_id']}.mp4")
    assert (response.status, len(response.history)) == (200, 1)


async def test_a_php_warning_stands_before_the_json(player: Player, panel: FakePanel) -> None:
    panel.fail("php_warning_preamble", "get_vod_streams")
    _, body = await films(player)
    assert body.startswith(PHP_WARNING)
    assert orjson.loads(body.removeprefix(PHP_WARNING)) == all_films(panel)


async def test_json_of_100_mb_has_rows_up_to_its_size(player: Player, panel: FakePanel) -> None:
    panel.fail("json_100MB", "get_vod_streams", size_bytes=2_000_000)
    _, body = await films(player)
    rows = orjson.loads(body)
    assert 2_000_000 <= len(body) < 2_100_000
    assert rows[:300] == all_films(panel)
    assert len({row["stream_id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("path", ["/player_api.php", "/player_api.php?action=get_vod_streams", "/xmltv.php"])
async def test_connections_are_reset_midway(player: Player, panel: FakePanel, path: str) -> None:
    panel.fail("connection_reset_midway", times=1)
    with pytest.raises(aiohttp.ClientError):
        await player.get(path, params=LOGIN)
    assert (await player.get(path, params=LOGIN))[0].status == 200


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("auth0_min", 200, {"user_info": {"auth": 0}}),
        ("auth401", 401, {"error": "Unauthorized"}),
        ("unknown_user_404", 404, {"error": "Not Found"}),
    ],
)
async def test_logins_are_refused_that_are_right(
    player: Player, panel: FakePanel, name: str, status: int, told: Any
) -> None:
    panel.fail(name, times=1)
    response, body = await films(player)
    assert (response.status, orjson.loads(body)) == (status, told)
    assert await player.ask("get_vod_streams") == all_films(panel)


async def test_only_known_players_get_past_a_panel_that_looks_at_the_agent(
    player: Player, panel: FakePanel
) -> None:
    panel.fail("http_403_bad_UA")
    response, body = await films(player)
    assert (response.status, body) == (403, PAGE)
    agent = {"User-Agent": f"{PLAYERS[0]}3.0.20 LibVLC/3.0.20"}
    response, _ = await player.get("/player_api.php", params=LOGIN, headers=agent)
    assert response.status == 200


@pytest.mark.parametrize(("poisoned", "status"), [(False, 429), (True, 200)])
async def test_too_many_details_ban_the_account_for_a_while(
    player: Player, panel: FakePanel, clock: ManualClock, poisoned: bool, status: int
) -> None:
    panel.fail("http_429_after_n_infos", after=3, poisoned=poisoned, lasts_s=120)
    for _ in range(3):
        assert (await series_info(player, panel))["episodes"]
    for action in ("get_series_info", "get_vod_streams", ""):
        response, body = await player.get("/player_api.php", params=LOGIN | {"action": action})
        assert (response.status, body) == (status, b"[]" if poisoned else b"Too Many Requests")
    clock.advance(121)
    assert await player.ask("get_vod_streams") == all_films(panel)
    assert (await series_info(player, panel))["episodes"]


async def test_an_account_expires_in_the_middle(player: Player, panel: FakePanel) -> None:
    panel.fail("expired_mid_sync", after=2)
    assert (await player.ask())["user_info"]["auth"] == 1
    assert await player.ask("get_vod_streams") == all_films(panel)
    for _ in range(2):
        told = (await player.ask("get_series"))["user_info"]
        assert (told["auth"], told["status"]) == (0, "Expired")
    panel.heal()
    assert (await player.ask())["user_info"]["auth"] == 1


async def test_a_fault_begins_after_some_answers_and_several_go_together(
    player: Player, panel: FakePanel
) -> None:
    late = panel.fail("null_name", "get_vod_streams", after=1, share=1)
    panel.fail("php_warning_preamble", "get_vod_streams", after=1)
    assert await player.ask("get_vod_streams") == all_films(panel)
    _, body = await films(player)
    assert {row["name"] for row in orjson.loads(body.removeprefix(PHP_WARNING))} == {None}
    assert (late.seen, late.shown) == (2, 1)
    panel.heal("php_warning_preamble")
    assert {row["name"] for row in await player.ask("get_vod_streams")} == {None}
