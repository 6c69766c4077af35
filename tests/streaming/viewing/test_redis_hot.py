"""Places at hand in Redis: right after a write, newest over older, and done without when it is out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from libs.common.clock import SystemClock, moment_of
from libs.common.identity import Identity
from libs.common.redis import make_redis
from libs.common.redis.client import StateRedis
from libs.common.redis.gate import FAILURES
from services.streaming.viewing.redis_hot import LIVES_S, RedisHot
from services.streaming.viewing_model import Owner, Place, Video
from tests.servers import RedisServer
from tests.streaming.hub import streaming
from tests.streaming.viewing.conftest import Viewer
from tests.streaming.viewing.telling import film, tell

KEY = (Owner("a1", "p1"), "tt1")
VIDEO = Video(place=Place("tt1", "tt1", "movie"), position_ms=1000, duration_ms=5000, at=100)


def later(at: int) -> Video:
    return msgspec.structs.replace(VIDEO, at=at, position_ms=at)


@pytest.fixture
async def hot(redis_url: str) -> AsyncIterator[RedisHot]:
    redis = make_redis(redis_url)
    yield RedisHot(StateRedis(redis, SystemClock(), used_for="progress"))
    await redis.aclose()


async def test_what_was_put_is_there_for_a_while(hot: RedisHot, redis_server: RedisServer) -> None:
    assert await hot.get(KEY) is None
    await hot.put({KEY: VIDEO})
    assert await hot.get(KEY) == VIDEO
    (name,) = redis_server.command("KEYS", "*").split()
    assert 0 < int(redis_server.command("TTL", name)) <= LIVES_S


async def test_what_is_about_to_change_is_not_told(hot: RedisHot) -> None:
    await hot.put({KEY: VIDEO})
    await hot.expect([KEY])
    assert await hot.get(KEY) is None


async def test_a_change_of_nothing_is_no_failure(redis_url: str) -> None:
    redis = make_redis(redis_url)
    state = StateRedis(redis, SystemClock(), used_for="progress")
    hot = RedisHot(state)
    await hot.put({KEY: VIDEO})
    for _ in range(FAILURES):
        await hot.expect([])
    assert (state.out, await hot.get(KEY)) == (False, VIDEO)
    await redis.aclose()


async def test_an_older_one_comes_in_over_no_newer_one(hot: RedisHot) -> None:
    await hot.put({KEY: later(200)})
    await hot.put({KEY: later(100)})
    assert await hot.get(KEY) == later(200)


async def test_another_profile_has_its_own(hot: RedisHot) -> None:
    await hot.put({KEY: VIDEO})
    assert await hot.get((Owner("a1", "p2"), "tt1")) is None


async def test_what_another_version_put_is_left_aside(hot: RedisHot, redis_server: RedisServer) -> None:
    await hot.put({KEY: VIDEO})
    (name,) = redis_server.command("KEYS", "*").split()
    redis_server.command("SET", name, '100 {"other":1}')
    assert await hot.get(KEY) is None


async def test_without_redis_nothing_fails() -> None:
    redis = make_redis("redis://127.0.0.1:1/0")
    hot = RedisHot(StateRedis(redis, SystemClock(), used_for="progress"))
    await hot.expect([KEY])
    await hot.put({KEY: VIDEO})
    assert await hot.get(KEY) is None
    await redis.aclose()


async def test_what_is_told_takes_away_what_was_at_hand(redis_url: str, tmp_path: Path) -> None:
    async with streaming(tmp_path, HEADGATE_REDIS_URL=redis_url) as service:
        ann = Viewer(service, Identity(account_id="a1", profile_id="p1", tier="free", roles=("owner",)))
        now_ms = round(SystemClock().time() * 1000)
        await ann.at("tt1", 600, at=moment_of(now_ms - 3_600_000))
        assert [one and one.position_s for one in [await ann.sees("tt1")]] == [600]
        row = msgspec.structs.replace(film("tt1"), at=now_ms - 60_000)
        assert (await tell(ann, "watched", [row])).kept == 0
        seen = await ann.sees("tt1")
        assert seen is not None
        assert (seen.finished, seen.watched) == (True, True)
