"""No more connections than the provider allows, by one process and by several."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from libs.common.clock import SystemClock
from libs.common.http import make_session
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis
from services.streaming.media.connections import LASTS_S, MemoryPlaces, Place, Places, Taken
from services.streaming.media.redis_places import RedisPlaces
from tests.fakes.clock import ManualClock
from tests.fakes.panel.panel import FakePanel
from tests.servers import RedisServer
from tests.streaming.hub import streaming
from tests.streaming.media.conftest import Media

FILM = Place("1", "player", "film")
OTHER = Place("2", "other player", "film of other")


@pytest.fixture(params=["memory", "redis"])
async def places(request: pytest.FixtureRequest) -> AsyncIterator[Places]:
    if request.param == "memory":
        yield MemoryPlaces(SystemClock())
        return
    redis = make_redis(request.getfixturevalue("redis_url"))
    yield RedisPlaces(StateRedis(redis, SystemClock(), used_for="test"), SystemClock())
    await redis.aclose()


async def test_who_comes_when_all_are_in_use_is_refused(places: Places) -> None:
    assert await places.take("p", FILM, 1, pushes=True) == Taken()
    assert await places.take("p", OTHER, 1, pushes=True) is None
    assert await places.take("another provider", OTHER, 1, pushes=True) == Taken()


async def test_a_place_given_back_is_free(places: Places) -> None:
    await places.take("p", FILM, 1, pushes=True)
    await places.give_back("p", FILM)
    assert await places.take("p", OTHER, 1, pushes=True) == Taken()


async def test_a_seek_takes_the_place_of_its_own_session(places: Places) -> None:
    await places.take("p", FILM, 1, pushes=True)
    seek = Place("3", "player", "film")
    assert await places.take("p", seek, 1, pushes=True) == Taken("1")
    assert await places.take("p", FILM, 1, pushes=False) is None
    assert await places.take("p", seek, 1, pushes=False) == Taken()


async def test_a_second_connection_of_a_session_is_let_be_while_there_is_room(places: Places) -> None:
    await places.take("p", FILM, 2, pushes=True)
    assert await places.take("p", Place("3", "player", "film"), 2, pushes=True) == Taken()
    assert await places.take("p", FILM, 2, pushes=False) == Taken()


async def test_a_playlist_gives_way_when_its_player_turns_to_something_else(places: Places) -> None:
    await places.take("p", Place("channel", "player", "channel", lingers=True), 1, pushes=True)
    assert await places.take("p", OTHER, 1, pushes=True) is None
    assert await places.take("p", FILM, 1, pushes=True) == Taken("channel")


async def test_parts_of_a_playlist_are_one_connection(places: Places) -> None:
    channel = Place("channel", "player", "channel", lingers=True)
    for _ in range(3):
        assert await places.take("p", channel, 1, pushes=True) == Taken()


async def test_a_place_that_nobody_renews_is_free_again() -> None:
    clock = ManualClock()
    places = MemoryPlaces(clock)
    await places.take("p", FILM, 1, pushes=True)
    clock.advance(LASTS_S)
    assert await places.take("p", OTHER, 1, pushes=True) == Taken()


async def test_without_redis_each_counts_its_own(redis_server: RedisServer) -> None:
    redis = make_redis("redis://127.0.0.1:1/0")
    places = RedisPlaces(StateRedis(redis, SystemClock(), used_for="test"), SystemClock())
    assert await places.take("p", FILM, 1, pushes=True) == Taken()
    assert await places.take("p", OTHER, 1, pushes=True) is None
    await places.give_back("p", FILM)
    assert await places.take("p", OTHER, 1, pushes=True) == Taken()
    await redis.aclose()


async def test_a_further_player_is_told_why_it_waits(media: Media) -> None:
    media.panel.hold_streams()
    async with media.open(media.channel(most=1), "ts") as first:
        await first.content.readany()
        async with media.open(media.film(most=1), User_Agent="Another") as second:
            problem = await second.json()
    assert second.status == 429
    assert problem["code"] == "no_connection_left"
    assert "My panel allows one connection at a time" in problem["detail"]
    assert second.headers["Retry-After"] == "10"


async def test_turning_to_another_channel_finds_the_place_that_was_left(media: Media) -> None:
    media.panel.accounts["u1"].max_connections = 1
    media.panel.hold_streams()
    first = await media.open(media.channel(most=1), "ts")
    await first.content.readany()
    first.close()
    async with media.open(media.channel(most=1, nth=1), "ts") as second:
        assert second.status == 200
        assert await second.content.readany()


async def test_asking_how_long_it_is_ends_nothing(media: Media) -> None:
    media.panel.hold_streams()
    wish = media.channel(most=1)
    async with media.open(wish, "ts") as first:
        await first.content.readany()
        async with media.player.head(media.address(media.film(most=1))) as asked:
            assert asked.status == 429
        assert media.panel.open_streams["u1"] == 1


async def test_what_another_replica_still_plays_is_waited_for(
    tmp_path: Path, redis_url: str, panel: FakePanel
) -> None:
    panel.accounts["u1"].max_connections = 1
    panel.hold_streams()
    async with (
        streaming(tmp_path / "1", HEADGATE_REDIS_URL=redis_url) as first,
        streaming(tmp_path / "2", HEADGATE_REDIS_URL=redis_url) as second,
        make_session() as player,
    ):
        here, there = Media(first, panel, player), Media(second, panel, player)
        wish = here.channel(most=1)
        there.channel(most=1)
        async with here.open(wish, "ts") as former:
            await former.content.readany()
            async with there.open(wish, "ts") as latter:
                assert latter.status == 200
                with pytest.raises(aiohttp.ClientError):
                    await former.read()


async def test_opening_the_same_again_ends_the_former(media: Media) -> None:
    media.panel.accounts["u1"].max_connections = 1
    media.panel.hold_streams()
    wish = media.channel(most=1)
    async with media.open(wish, "ts") as first:
        await first.content.readany()
        async with media.open(wish, "ts") as second:
            assert second.status == 200
            with pytest.raises(aiohttp.ClientError):
                await first.read()
            assert media.panel.open_streams["u1"] == 1
