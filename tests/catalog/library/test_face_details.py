"""What players are told of one film or series, and of the account."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from libs.common.db import Database
from libs.common.deadline import Deadline
from services.catalog.library.face_account import account
from services.catalog.library_model import Detailed, Episode, Season
from services.catalog.library_model import Told as Facts
from tests.catalog.library.fields import ACCOUNT, EPISODE, SEASON, TITLE, VOD_INFO, check, plain
from tests.catalog.library.players import DAY_S, NOW, OWNER, PLAYER, Library, fill, library_of
from tests.fakes.clock import ManualClock


@pytest.fixture
async def library(database: Database, clock: ManualClock) -> AsyncIterator[Library]:
    async with library_of(database, clock) as library:
        yield library


async def test_what_a_film_is_told_of(library: Library) -> None:
    await fill(library)
    library.told.detailed = Detailed(
        told=Facts(plot="A hotel.", duration_s=7140, video_codec="h264", width=1920, height=1080)
    )
    deadline = Deadline.after(library.players.clock, 5)
    found = await library.players.details.movie(OWNER, library.ids["The Lobster"], deadline=deadline)
    told = plain(found)
    check(told, VOD_INFO)
    assert (told["info"]["duration"], told["info"]["duration_secs"]) == ("01:59:00", 7140)
    assert told["info"]["video"] == {"codec_name": "h264", "width": 1920, "height": 1080}
    assert told["movie_data"]["container_extension"] == "mkv"
    assert await library.players.details.movie(OWNER, library.ids["Dark"], deadline=deadline) is None


async def test_what_a_series_is_told_of(library: Library) -> None:
    await fill(library)
    number = library.ids["Dark"]
    library.told.detailed = Detailed(
        told=Facts(release_date="2017-12-01"),
        seasons=(Season(number=1, name="Eins"),),
        episodes=tuple(
            Episode(id=id_, provider=1, series=number, season=season, number=place, panel_id=id_)
            for id_, season, place in ((91, 0, 1), (92, 1, 1), (93, 1, 1), (94, 1, None))
        ),
    )
    deadline = Deadline.after(library.players.clock, 5)
    told = plain(await library.players.details.series(OWNER, number, deadline=deadline))
    check(told["info"], TITLE)
    check(told["seasons"], [SEASON])
    assert [(one["season_number"], one["name"]) for one in told["seasons"]] == [(0, "Season 0"), (1, "Eins")]
    assert isinstance(told["episodes"], dict)
    for season in told["episodes"].values():
        check(season, [EPISODE])
    assert [one["id"] for one in told["episodes"]["1"]] == ["92", "93", "94"]
    assert [one["season"] for one in told["episodes"]["0"]] == [0]


async def test_a_series_without_episodes_has_an_empty_object_of_them(library: Library) -> None:
    await fill(library)
    deadline = Deadline.after(library.players.clock, 5)
    found = await library.players.details.series(OWNER, library.ids["Dark"], deadline=deadline)
    assert b'"episodes":{}' in msgspec.json.encode(found)


async def test_the_account_is_the_hubs_own(library: Library) -> None:
    await fill(library)
    providers = await library.players.face.providers(OWNER)
    told = plain(account(PLAYER, providers, playing=2, now=NOW))
    check(told, ACCOUNT)
    assert (told["user_info"]["username"], told["user_info"]["password"]) == (
        PLAYER.username,
        PLAYER.password,
    )
    assert (told["user_info"]["auth"], told["user_info"]["active_cons"]) == (1, "2")
    assert NOW + 3600 * DAY_S < int(told["user_info"]["exp_date"]) < 2**31
    assert (told["server_info"]["url"], told["server_info"]["port"]) == ("hub.example", "8080")
    assert told["server_info"]["process"] is True
    assert "panel" not in str(told)
