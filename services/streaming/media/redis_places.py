"""Places at providers as all replicas count them; while Redis is out, each replica its own."""

from __future__ import annotations

from libs.common.clock import Clock
from libs.common.redis.client import StateRedis
from libs.common.redis.gate import RedisOut
from services.streaming.media.connections import LASTS_S, MemoryPlaces, Place, Taken

TAKE = """
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local id, player, session, lingers = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local most, lasts, pushes = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local held, count, began = redis.call('HGETALL', KEYS[1]), 0, nil
local same, same_began, other, other_began
for i = 1, #held, 2 do
  local place = cjson.decode(held[i + 1])
  if place[1] <= now then
    redis.call('HDEL', KEYS[1], held[i])
  else
    count = count + 1
    if held[i] == id then began = place[5] end
    if place[3] == session and (not same or place[5] < same_began) then
      same, same_began = held[i], place[5]
    end
    if place[4] == '1' and place[2] == player and (not other or place[5] < other_began) then
      other, other_began = held[i], place[5]
    end
  end
end
local former = ''
if not began and count >= most then
  former = same or other or ''
  if pushes == '0' or former == '' then return {0, ''} end
  redis.call('HDEL', KEYS[1], former)
end
redis.call('HSET', KEYS[1], id, cjson.encode({now + lasts, player, session, lingers, began or now}))
redis.call('PEXPIRE', KEYS[1], lasts + 1000)
return {1, former}
"""
"""KEYS: the provider's. A place is its end, player and session, whether it lingers, and when it began."""

COUNT = """
local t = redis.call('TIME')
local now, count = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000), 0
for _, place in ipairs(redis.call('HVALS', KEYS[1])) do
  if cjson.decode(place)[1] > now then count = count + 1 end
end
return {count}
"""


class RedisPlaces:
    """What Redis doesn't answer about is counted here alone."""

    def __init__(self, redis: StateRedis, clock: Clock) -> None:
        self._redis = redis
        self._alone = MemoryPlaces(clock)

    async def take(self, provider: str, place: Place, most: int, *, pushes: bool) -> Taken | None:
        words = (
            place.id,
            place.player,
            place.session,
            "1" if place.lingers else "0",
            str(most),
            str(int(LASTS_S * 1000)),
            "1" if pushes else "0",
        )
        try:
            ((taken, former),) = await self._redis.run(TAKE, [((_key(provider),), words)])
        except RedisOut:
            return await self._alone.take(provider, place, most, pushes=pushes)
        return Taken(former.decode()) if taken else None

    async def give_back(self, provider: str, place: Place) -> None:
        await self._alone.give_back(provider, place)
        try:
            await self._redis.call(lambda: self._hdel(provider, place.id))
        except RedisOut:
            return  # it ends by itself

    async def count(self, provider: str) -> int:
        try:
            ((count,),) = await self._redis.run(COUNT, [((_key(provider),), ())])
        except RedisOut:
            return await self._alone.count(provider)
        return int(count)

    async def _hdel(self, provider: str, id_: str) -> None:
        await self._redis.redis.hdel(_key(provider), id_)


def _key(provider: str) -> str:
    return f"headgate:media:{provider}"
