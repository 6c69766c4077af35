"""What the fake panel does to its data when told to: to a share of rows, or to what it tells of a title."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.conftest import Player, all_films, first_series, series_info
from tests.fakes.panel.faults import INFO_ACTIONS
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel
from tests.fakes.panel.row_faults import FAR, UNKNOWN_CATEGORY


async def test_lists_are_empty_now_and_then(player: Player, panel: FakePanel) -> None:
    panel.fail("empty_list_intermittent", "get_vod_streams")
    counts = [len(await player.ask("get_vod_streams")) for _ in range(4)]
    assert counts == [300, 0, 300, 0]
    assert await player.ask("get_series")


async def test_numbers_come_as_text(player: Player, panel: FakePanel) -> None:
    panel.fail("numbers_as_strings")
    row = (await player.ask("get_vod_streams"))[0]
    assert (row["num"], row["stream_id"]) == ("1", str(all_films(panel)[0]["stream_id"]))
    assert isinstance(row["rating_5based"], str)
    assert (await player.ask())["user_info"]["auth"] == "1"


async def test_text_of_digits_comes_as_numbers_titles_too(player: Player, panel: FakePanel) -> None:
    panel.library = Library(films=3000)
    panel.fail("strings_as_numbers")
    rows = await player.ask("get_vod_streams")
    assert all(isinstance(row["added"], int) and isinstance(row["category_id"], int) for row in rows)
    assert any(isinstance(row["name"], int) for row in rows)
    assert isinstance((await player.ask())["user_info"]["max_connections"], int)


@pytest.mark.parametrize(
    ("name", "action", "spoiled"),
    [
        ("null_name", "get_live_streams", lambda row: row["name"] is None),
        ("null_category", "get_vod_streams", lambda row: row["category_id"] is None),
        ("unknown_category_id", "get_vod_streams", lambda row: row["category_id"] == UNKNOWN_CATEGORY),
        (
            "category_ids_only",
            "get_vod_streams",
            lambda row: "category_id" not in row and row["category_ids"],
        ),
        ("rating_comma", "get_vod_streams", lambda row: "," in row["rating"]),
        ('added_""', "get_live_streams", lambda row: row["added"] == ""),
        ('added_""', "get_series", lambda row: row["last_modified"] == ""),
        (
            "backdrop",
            "get_series",
            lambda row: row["backdrop_path"] in (None, "") or row["backdrop_path"][:4] == "http",
        ),
    ],
)
async def test_a_share_of_the_rows_is_spoiled(
    player: Player, panel: FakePanel, name: str, action: str, spoiled: Any
) -> None:
    panel.library = Library(films=1000, channels=1000, series=1000)
    before = await player.ask(action)
    panel.fail(name, action, share=0.3, times=2)
    rows = await player.ask(action)
    hit = [index for index, row in enumerate(rows) if row != before[index]]
    assert 150 < len(hit) < 400
    assert all(spoiled(rows[index]) for index in hit)
    assert await player.ask(action) == rows
    assert await player.ask(action) == before


async def test_backdrops_come_in_three_wrong_forms(player: Player, panel: FakePanel) -> None:
    panel.fail("backdrop", share=1)
    found = {type(row["backdrop_path"]) for row in await player.ask("get_series")}
    assert found == {str, type(None)}
    assert "" in {row["backdrop_path"] for row in await player.ask("get_series")}


async def test_seasons_come_as_an_array_whose_index_is_the_season(player: Player, panel: FakePanel) -> None:
    before = (await series_info(player, panel))["episodes"]
    panel.fail("episodes_array")
    listed = (await series_info(player, panel))["episodes"]
    assert isinstance(listed, list)
    assert {str(season): each for season, each in enumerate(listed)} == before | {"0": listed[0]}
    assert listed[0]


async def test_episodes_are_missing_in_two_ways(player: Player, panel: FakePanel) -> None:
    panel.fail("episodes_missing", times=2)
    told = [(await series_info(player, panel)).get("episodes", "absent") for _ in range(3)]
    assert told[:2] == ["absent", []]
    assert told[2]


@pytest.mark.parametrize("action", [*sorted(INFO_ACTIONS), "get_short_epg", "get_vod_streams"])
async def test_the_whole_answer_is_an_empty_list(player: Player, panel: FakePanel, action: str) -> None:
    panel.fail("whole_[]", action)
    assert await player.ask(action, series_id=first_series(panel)) == []


async def test_info_is_an_empty_list(player: Player, panel: FakePanel) -> None:
    panel.fail("info_[]")
    film = all_films(panel)[0]["stream_id"]
    assert await player.ask("get_vod_info", vod_id=film) == {"info": []}
    told = await series_info(player, panel)
    infos = [each["info"] for listed in told["episodes"].values() for each in listed]
    assert [] in infos
    assert "" in infos
    assert not any(infos)


async def test_one_title_has_many_ids(player: Player, panel: FakePanel) -> None:
    panel.fail("duplicate_title_many_ids", "get_vod_streams")
    rows = await player.ask("get_vod_streams")
    more = [row for row in rows if row["stream_id"] >= FAR]
    assert more
    assert len({row["stream_id"] for row in rows}) == len(rows)
    names = {row["stream_id"]: row["name"] for row in rows}
    assert all(names[row["stream_id"] % FAR] == row["name"] for row in more)


async def test_an_id_is_given_to_another_title(player: Player, panel: FakePanel) -> None:
    before = all_films(panel)
    panel.fail("id_reused_for_other_title", "get_vod_streams")
    rows = await player.ask("get_vod_streams")
    assert [row["stream_id"] for row in rows] == [row["stream_id"] for row in before]
    hit = [(row, was) for row, was in zip(rows, before, strict=True) if row != was]
    assert hit
    assert all(" Meets " in row["name"] and row["added"] == was["added"] for row, was in hit)


async def test_most_rows_disappear(player: Player, panel: FakePanel) -> None:
    before = all_films(panel)
    panel.fail("mass_disappearance", "get_vod_streams", times=1)
    left = await player.ask("get_vod_streams")
    assert 0 < len(left) < 60
    ids = {row["stream_id"] for row in before}
    assert all(row["stream_id"] in ids for row in left)
    assert await player.ask("get_vod_streams") == before


async def test_the_panel_s_clock_is_in_another_zone(player: Player, panel: FakePanel) -> None:
    of = next(row["stream_id"] for row in panel.library.rows("live") if row["epg_channel_id"])
    before, utc = await player.ask("get_short_epg", stream_id=of), await player.ask()
    panel.fail("tz_not_utc")
    after, local = await player.ask("get_short_epg", stream_id=of), await player.ask()
    assert local["server_info"]["timezone"] == "Asia/Kolkata"
    assert local["server_info"]["timestamp_now"] == utc["server_info"]["timestamp_now"]
    assert local["server_info"]["time_now"] != utc["server_info"]["time_now"]
    row, was = after["epg_listings"][0], before["epg_listings"][0]
    assert (row["start_timestamp"], row["start"] != was["start"]) == (was["start_timestamp"], True)


async def test_categories_and_details_are_spoiled_too(player: Player, panel: FakePanel) -> None:
    panel.fail("strings_as_numbers", "get_vod_categories")
    assert {type(row["category_id"]) for row in await player.ask("get_vod_categories")} == {int}
    panel.fail('added_""', "get_series_info")
    told = await series_info(player, panel)
    assert {each["added"] for listed in told["episodes"].values() for each in listed} == {""}
