"""Where videos stand, in the Redis that replicas share.

Before a write its keys are taken away and afterwards put, newer over older only: two replicas may put in
another order than they wrote in. Whoever reads puts nothing, so nothing old comes in behind a write. What a
lost Redis was not told is over in LIVES_S at the latest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from libs.common.redis.client import StateRedis
from libs.common.redis.gate import RedisOut
from services.streaming.viewing_model import Video, VideoKey

LIVES_S: Final = 60
"""A player reports every ten seconds, so what is played stays."""

PUT: Final = """
local known = redis.call('GET', KEYS[1])
if known and tonumber(string.match(known, '^%d+')) > tonumber(ARGV[1]) then return {0} end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'EX', tonumber(ARGV[3]))
return {1}
"""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Video).decode


class RedisHot:
    """`Hot` on Redis."""

    def __init__(self, redis: StateRedis) -> None:
        self._redis = redis

    async def expect(self, keys: Collection[VideoKey]) -> None:
        names = [_name(key) for key in keys]
        if not names:
            return  # a DEL of nothing is an error, and would count as a Redis that is out
        try:
            await self._redis.call(lambda: self._redis.redis.delete(*names))
        except RedisOut:
            return  # it is asked for nothing while it is out

    async def put(self, videos: Mapping[VideoKey, Video]) -> None:
        calls = [
            ((_name(key),), (str(video.at), _encode(video).decode(), str(LIVES_S)))
            for key, video in videos.items()
        ]
        try:
            await self._redis.run(PUT, calls)
        except RedisOut:
            return

    async def get(self, key: VideoKey) -> Video | None:
        try:
            kept = await self._redis.call(lambda: self._redis.redis.get(_name(key)))
        except RedisOut:
            return None
        if not isinstance(kept, bytes):
            return None
        try:
            return _decode(kept.partition(b" ")[2])
        except msgspec.MsgspecError:
            return None  # another version put it


def _name(key: VideoKey) -> str:
    owner, video_id = key
    return f"headgate:progress:{owner.account_id}:{owner.profile_id}:{video_id}"
