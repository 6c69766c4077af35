"""Redis as this hub asks it: briefly, without retries, and not at all while it is out."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any, TypeAlias, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from libs.common.clock import Clock
from libs.common.errors import SettingsError
from libs.common.redis.gate import Gate, RedisOut
from libs.common.tasks import heeding

TIMEOUT_S = 0.2  # an answer usually takes 0.2 ms: a Redis this slow is out, not slow
CONNECTIONS = 64

T = TypeVar("T")
Call: TypeAlias = tuple[Sequence[str], Sequence[str]]
"""Of a script: its keys, its words."""


def make_redis(url: str, *, timeout_s: float = TIMEOUT_S) -> Redis:
    """A client for the hot path: short time-outs, no retries, a bounded pool. Close it with `aclose()`.

    redis-py's own defaults (10 retries, 5 s each) hold a caller for up to a minute when Redis hangs. Raises
    SettingsError for an option in the URL that doesn't exist or can't have that value.
    """
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=timeout_s,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=30,
        )
        # Connects to nothing, but finds out about options that aren't any.
        pool.make_connection()  # type: ignore[no-untyped-call]  # redis-py leaves it unannotated
    except (TypeError, ValueError, RedisError) as error:
        raise SettingsError(
            "The Redis address (HEADGATE_REDIS_URL or HEADGATE_REDIS_CACHE_URL) has an option behind its "
            "question mark that can't be used; correct or remove it."
        ) from error
    return Redis.from_pool(pool)


async def guarded(gate: Gate, command: Callable[[], Awaitable[T]], timeout_s: float = TIMEOUT_S) -> T:
    """The command's answer. Raises RedisOut: at once while Redis is out, else after `timeout_s` at most."""
    if not gate.admit():
        raise RedisOut
    try:
        async with asyncio.timeout(timeout_s):
            answer = await heeding(command())
    except (RedisError, OSError, TimeoutError) as error:
        gate.failed(error)
        raise RedisOut from error
    gate.passed()
    return answer


class StateRedis:
    """The Redis that replicas decide things by: limits, blocks, instances, answers to repeated requests.

    `redis` is for making scripts and for subscriptions; commands go through `call` and `run`.
    """

    def __init__(self, redis: Redis, clock: Clock, *, used_for: str, timeout_s: float = TIMEOUT_S) -> None:
        self.redis = redis
        self._timeout_s = timeout_s
        self._gate = Gate(used_for, clock)

    @property
    def out(self) -> bool:
        return self._gate.out

    async def call(self, command: Callable[[], Awaitable[T]]) -> T:
        """Raises RedisOut, at once or after `timeout_s`."""
        return await guarded(self._gate, command, self._timeout_s)

    async def run(self, script: str, calls: Sequence[Call]) -> list[list[Any]]:
        """What the script answers to each call, in their order, by one exchange. Raises RedisOut."""
        return await self.call(lambda: self._run(script, calls))

    async def _run(self, script: str, calls: Sequence[Call]) -> list[list[Any]]:
        answers = await self._once(script, calls)
        forgotten = [at for at, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if forgotten:
            await self.redis.script_load(script)
            again = await self._once(script, [calls[at] for at in forgotten])
            for at, answer in zip(forgotten, again, strict=True):
                answers[at] = answer
        for answer in answers:
            if isinstance(answer, RedisError):
                raise answer
        return answers

    async def _once(self, script: str, calls: Sequence[Call]) -> list[Any]:
        """An answer or an error for each."""
        pipeline = self.redis.pipeline(transaction=False)
        for keys, words in calls:
            pipeline.evalsha(_digest(script), len(keys), *keys, *words)
        answers: list[Any] = await pipeline.execute(raise_on_error=False)
        return answers


@cache
def _digest(script: str) -> str:
    """As Redis names the script."""
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
