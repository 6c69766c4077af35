"""The subscription that carries news between replicas: what was invalidated, stored, released."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from libs.common.clock import Clock
from libs.common.redis.gate import RedisOut
from libs.common.tasks import heeding

PING_S = 1.0  # silence on the link before it is asked whether it lives, and again before it counts as dead
AGAIN_S = 0.5  # between two attempts to connect


class Listener(Protocol):
    """Who hears the news."""

    async def link_up(self) -> None:
        """Subscribed. Whatever was said before was missed."""
        ...

    def link_down(self, error: BaseException) -> None: ...

    def news(self, kind: str, stamp: int, text: str) -> None: ...


class Link:
    """One subscription, kept up for ever. A dead connection is found by PING: Redis tells nobody."""

    def __init__(self, redis: Redis, channel: str, listener: Listener, clock: Clock) -> None:
        self.tried = asyncio.Event()  # set once the first attempt has succeeded or failed
        self._redis = redis
        self._channel = channel
        self._listener = listener
        self._clock = clock

    async def run(self) -> None:
        """Subscribe and listen until cancelled."""
        while True:
            pubsub = self._redis.pubsub()
            try:
                await self._subscribe(pubsub)
                self.tried.set()
                await self._listen(pubsub)
            except (RedisError, RedisOut, OSError, TimeoutError) as error:
                self._listener.link_down(error)
            finally:
                self.tried.set()
                await _quietly(pubsub.aclose)
            await self._clock.sleep(AGAIN_S)
            # The idle connections died with the link; each would fail one call before it is replaced.
            await _quietly(lambda: self._redis.connection_pool.disconnect(inuse_connections=False))

    async def _subscribe(self, pubsub: PubSub) -> None:
        await heeding(pubsub.subscribe(self._channel))
        answer = await heeding(pubsub.get_message(timeout=PING_S))
        if answer is None or answer["type"] != "subscribe":
            raise RedisConnectionError("no answer to SUBSCRIBE")
        await self._listener.link_up()

    async def _listen(self, pubsub: PubSub) -> None:
        asked = False
        while True:
            message = await heeding(pubsub.get_message(timeout=PING_S))
            if message is not None:
                asked = False
                if message["type"] == "message":
                    self._hear(message["data"])
            elif asked:
                raise RedisConnectionError("no answer to PING")
            else:
                asked = True
                await heeding(pubsub.ping())

    def _hear(self, data: bytes) -> None:
        kind, _, rest = data.decode(errors="replace").partition(" ")
        stamp, _, text = rest.partition(" ")
        if stamp.isdecimal():  # anything else isn't ours: the channel is open to whoever shares this Redis
            self._listener.news(kind, int(stamp), text)


async def _quietly(close: Callable[[], Awaitable[None]]) -> None:
    try:
        await close()
    except (RedisError, OSError):
        return
