"""No more connections than the provider allows, by one process and by several."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from msgspec.structs import replace

from libs.common.clock import SystemClock
from libs.common.http import make_session
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis
from libs.common.tasks import Tasks
from services.streaming.errors import NoConnectionLeft
from services.streaming.media.connections import LASTS_S, MemoryPlaces, Place, Places, Taken
from services.streaming.media.holding import Connections
from services.streaming.media.redis_places import RedisPlaces
from tests.fakes.clock import ManualClock
from tests.fakes.misbehaving import MisbehavingServer
from tests.fakes.panel.panel import FakePanel
from tests.fakes.panel.streams import film_bytes
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


async def test_places_are_counted_while_they_are_held(places: Places) -> None:
    assert await places.count("p") == 0
    await places.take("p", FILM, 2, pushes=True)
    await places.take("p", OTHER, 2, pushes=True)
    await places.take("p", OTHER, 2, pushes=True)
    assert (await places.count("p"), await places.count("q")) == (2, 0)
    await places.give_back("p", FILM)
    assert await places.count("p") == 1


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
    assert await places.count("p") == 0
    assert await places.take("p", OTHER, 1, pushes=True) == Taken()


async def test_without_redis_each_counts_its_own(redis_server: RedisServer) -> None:
    redis = make_redis("redis://127.0.0.1:1/0")
    places = RedisPlaces(StateRedis(redis, SystemClock(), used_for="test"), SystemClock())
    assert await places.take("p", FILM, 1, pushes=True) == Taken()
    assert await places.take("p", OTHER, 1, pushes=True) is None
    assert await places.count("p") == 1
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


async def test_a_film_asked_for_as_a_playlist_has_a_place_for_each_connection(media: Media) -> None:
    media.panel.hold_streams()
    wish = media.offer("movie", 7, f"/live/u1/p1/{media.channel_id()}.ts", most=2)
    async with media.open(wish, "m3u8") as first, media.open(wish, "m3u8") as second:
        assert await first.content.readany()
        assert await second.content.readany()
        async with media.open(wish, "m3u8", User_Agent="Another") as third:
            assert third.status == 429
    async with media.open(wish, "m3u8", User_Agent="Another") as third:
        assert third.status == 200


async def test_what_is_only_called_a_playlist_leaves_no_place_behind(media: Media) -> None:
    film = f"{media.panel.url}/movie/u1/p1/{media.film_id}.mkv"
    async with MisbehavingServer("redirect", redirect_to=film) as server:
        wish = media.offer("movie", 7, most=1)
        known = media.service.catalog.playable
        key = (wish.account_id, wish.profile_id, wish.kind, wish.item)
        known[key] = replace(known[key], addresses=(server.url("/7.m3u8"),))
        for name in ("One", "Another"):
            async with media.open(wish, "m3u8", User_Agent=name) as answer:
                assert answer.status == 200
                assert await answer.read() == film_bytes(media.film_id)


async def test_the_place_of_a_playlist_is_kept_while_a_part_of_it_plays() -> None:
    clock, tasks = ManualClock(), Tasks()
    places = MemoryPlaces(clock)
    channel = Place("channel", "player", "channel", lingers=True)
    connections = Connections(places, clock=clock, tasks=tasks)
    async with connections.held("p", "My panel", channel, 1, pushes=True):
        await clock.advance_and_settle(LASTS_S * 2)
        assert await places.take("p", OTHER, 1, pushes=False) is None
    await tasks.aclose()


async def test_all_parts_of_a_playlist_end_when_its_player_turns_to_something_else() -> None:
    tasks = Tasks()
    connections = Connections(MemoryPlaces(SystemClock()), clock=SystemClock(), tasks=tasks)
    channel = Place("channel", "player", "channel", lingers=True)
    playing = asyncio.Semaphore(0)

    async def play_part() -> None:
        async with connections.held("p", "My panel", channel, 1, pushes=True):
            playing.release()
            await asyncio.Event().wait()

    parts = [tasks.spawn("part", play_part()) for _ in range(2)]
    for _ in parts:
        await playing.acquire()
    async with connections.held("p", "My panel", FILM, 1, pushes=True) as has_pushed:
        ended = await asyncio.gather(*parts, return_exceptions=True)
    assert has_pushed
    assert [type(each) for each in ended] == [NoConnectionLeft, NoConnectionLeft]
    await tasks.aclose()
