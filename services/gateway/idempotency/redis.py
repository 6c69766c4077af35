"""Claims and answers that all gateways share."""

from typing import TYPE_CHECKING

from services.gateway.idempotency.model import KEEP_S, Change
from services.gateway.idempotency.store import Verdict

if TYPE_CHECKING:
    from libs.common.redis.client import StateRedis

PREFIX = "headgate:idempotency:"
MAX_ACCOUNT_BYTES = 16 * 1024 * 1024
"""Kept for one account within a day. Redis throws nothing away here, so nobody may fill it."""

# The braces keep what one script touches on one node of a Redis cluster.
CLAIM = """
local held = redis.call('HMGET', KEYS[1], 'fingerprint', 'answer')
if not held[1] then
    redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'holder', ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return {'mine'}
end
if held[1] ~= ARGV[1] then return {'other'} end
if held[2] then return {'kept', held[2]} end
return {'busy'}
"""
RENEW = """
local held = redis.call('HMGET', KEYS[1], 'holder', 'answer')
if held[1] == ARGV[1] and not held[2] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
"""
KEEP = """
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder and holder ~= ARGV[2] then return 0 end
local size = string.len(ARGV[3]) + 300
local total = redis.call('INCRBY', KEYS[2], size)
if total == size then redis.call('PEXPIRE', KEYS[2], ARGV[5]) end
if total > tonumber(ARGV[6]) then
    redis.call('DEL', KEYS[1])
    return 0
end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'holder', ARGV[2], 'answer', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""
RELEASE = """
local held = redis.call('HMGET', KEYS[1], 'holder', 'answer')
if held[1] == ARGV[1] and not held[2] then redis.call('DEL', KEYS[1]) end
return 1
"""


class RedisStore:
    """Raises RedisOut from every call while Redis is out."""

    def __init__(self, redis: "StateRedis", *, max_account_bytes: int = MAX_ACCOUNT_BYTES) -> None:
        self._redis = redis
        self._max_account_bytes = max_account_bytes
        self._claim = redis.redis.register_script(CLAIM)
        self._renew = redis.redis.register_script(RENEW)
        self._keep = redis.redis.register_script(KEEP)
        self._release = redis.redis.register_script(RELEASE)

    async def claim(self, change: Change, holder: str, lease_s: float) -> Verdict | bytes:
        arguments: list[str | int] = [change.fingerprint, holder, int(lease_s * 1000)]
        answer = await self._redis.call(lambda: self._claim(keys=[_key(change)], args=arguments))
        if answer[0] == b"kept":
            return bytes(answer[1])
        verdicts: dict[bytes, Verdict] = {b"mine": "mine", b"busy": "busy", b"other": "other"}
        return verdicts[answer[0]]

    async def renew(self, change: Change, holder: str, lease_s: float) -> None:
        arguments: list[str | int] = [holder, int(lease_s * 1000)]
        await self._redis.call(lambda: self._renew(keys=[_key(change)], args=arguments))

    async def keep(self, change: Change, holder: str, answer: bytes, keep_s: float) -> bool:
        keys = [_key(change), f"{PREFIX}{{{change.account_id}}}:bytes"]
        arguments: list[str | int | bytes] = [
            change.fingerprint,
            holder,
            answer,
            int(keep_s * 1000),
            KEEP_S * 1000,
            self._max_account_bytes,
        ]
        kept = await self._redis.call(lambda: self._keep(keys=keys, args=arguments))
        return bool(kept)

    async def release(self, change: Change, holder: str) -> None:
        await self._redis.call(lambda: self._release(keys=[_key(change)], args=[holder]))


def _key(change: Change) -> str:
    return f"{PREFIX}{{{change.account_id}}}:{change.id}"
