"""Scores and decisions in Redis, the same for every gateway. Times of scores are the server's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, cast

import msgspec
import structlog

from libs.common.clock import Clock
from libs.common.secrets import new_token
from services.gateway.abuse.blocks import MOST_BLOCKS
from services.gateway.abuse.model import Allowed, Block
from services.gateway.abuse.scores import Points
from services.gateway.abuse.store import REMEMBERED_S

PREFIX: Final = "headgate:{abuse}:"  # the braces keep all keys on one node of a Redis cluster
BLOCKS: Final = PREFIX + "blocks"
ALLOWED: Final = PREFIX + "allowed"
REVISION: Final = PREFIX + "revision"
AT_ONCE: Final = 500
"""Buckets in one call: Redis answers nobody else meanwhile."""

SCORE: Final = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1000000
local over = {}
for i, key in ipairs(KEYS) do
  local points, capacity, leak = tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3 - 1]), tonumber(ARGV[i * 3])
  local held = redis.call('HMGET', key, 's', 't')
  local score = 0
  if held[1] and held[2] then
    score = math.max(0, tonumber(held[1]) - math.max(0, now - tonumber(held[2])) * leak)
  end
  score = score + points
  if score > capacity then
    redis.call('DEL', key)
    over[i] = tostring(score)
  else
    redis.call('HSET', key, 's', tostring(score), 't', string.format('%.3f', now))
    redis.call('PEXPIRE', key, math.ceil(score / leak * 1000) + 1000)
    over[i] = '0'
  end
end
return over
"""
FORGET: Final = """
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
"""
"""Only if nobody wrote something newer there meanwhile."""

if TYPE_CHECKING:
    from libs.common.redis.client import StateRedis

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decisions:
    blocks: Sequence[Block]
    allowed: Sequence[Allowed]


log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode
_block = msgspec.json.Decoder(Block).decode
_allowed = msgspec.json.Decoder(Allowed).decode


class RedisDecisions:
    """Every method raises RedisOut, at once or after a fifth of a second."""

    def __init__(self, state: "StateRedis", clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._score = state.redis.register_script(SCORE)
        self._forget = state.redis.register_script(FORGET)

    async def score(self, batch: Sequence[Points]) -> list[float]:
        scores: list[float] = []
        for start in range(0, len(batch), AT_ONCE):
            scores += await self._score_some(batch[start : start + AT_ONCE])
        return scores

    async def times_blocked(self, network: str) -> int:
        key = f"{PREFIX}times:{network}"

        async def count() -> int:
            pipeline = self._state.redis.pipeline(transaction=True)
            pipeline.incr(key)
            pipeline.expire(key, int(REMEMBERED_S))
            return int((await pipeline.execute())[0])

        return await self._state.call(count)

    async def revision(self) -> str:
        """Another one after every change of what `load` gives; empty where nothing was ever decided."""
        found = await self._state.call(lambda: self._state.redis.get(REVISION))
        return found.decode() if isinstance(found, bytes) else ""

    async def load(self) -> Decisions:
        """What holds; what has ended, or is too much, is taken away."""

        async def read() -> list[dict[bytes, bytes]]:
            pipeline = self._state.redis.pipeline(transaction=True)
            pipeline.hgetall(BLOCKS)
            pipeline.hgetall(ALLOWED)
            return cast(list[dict[bytes, bytes]], await pipeline.execute())

        blocks, allowed = await self._state.call(read)
        found = {field: block for field, text in blocks.items() if (block := _read(_block, text)) is not None}
        now = self._clock.now()
        live = sorted((block.expires_at, field) for field, block in found.items() if block.expires_at > now)
        kept = {field for _, field in live[-MOST_BLOCKS:]}
        over = {field: blocks[field] for field in found if field not in kept}
        if over:
            args = [part for pair in over.items() for part in pair]
            await self._state.call(lambda: self._forget(keys=[BLOCKS], args=args))
        return Decisions(
            [block for field, block in found.items() if field not in over],
            [one for text in allowed.values() if (one := _read(_allowed, text)) is not None],
        )

    async def put_block(self, block: Block) -> None:
        await self._write("HSET", BLOCKS, block.network, _encode(block))

    async def drop_block(self, network: str) -> None:
        await self._write("HDEL", BLOCKS, network)

    async def put_allowed(self, allowed: Allowed) -> None:
        await self._write("HSET", ALLOWED, allowed.id, _encode(allowed))

    async def drop_allowed(self, allowed_id: str) -> None:
        await self._write("HDEL", ALLOWED, allowed_id)

    async def _score_some(self, batch: Sequence[Points]) -> list[float]:
        keys = [f"{PREFIX}score:{points.scenario.name}:{points.network}" for points in batch]
        args = [
            number
            for points in batch
            for number in (points.points, points.capacity, points.scenario.leak_per_s)
        ]
        return [float(text) for text in await self._state.call(lambda: self._score(keys=keys, args=args))]

    async def _write(self, *command: str | bytes) -> None:
        """The change and the news of it, both or neither."""

        async def write() -> None:
            pipeline = self._state.redis.pipeline(transaction=True)
            pipeline.execute_command(*command)
            pipeline.set(REVISION, new_token(bytes_=9))
            await pipeline.execute()

        await self._state.call(write)


def _read(decode: Callable[[bytes], T], text: bytes) -> T | None:
    try:
        return decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("abuse_decision_unreadable", reason=str(error))
        return None
