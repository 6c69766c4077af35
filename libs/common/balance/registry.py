"""Instances that register themselves in Redis, with heartbeats by Redis' own clock."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import structlog

from libs.common.balance.addresses import is_instance_url
from libs.common.clock import Clock
from libs.common.redis.gate import RedisOut
from libs.common.tasks import Tasks

if TYPE_CHECKING:
    from libs.common.redis.client import StateRedis

log = structlog.get_logger(__name__)

PREFIX = "headgate:{instances}:"  # the braces keep all keys on one node of a Redis cluster

BEAT = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1000000
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('EXPIRE', KEYS[1], 60)
return 1
"""
LIST = """
local now = redis.call('TIME')
now = tonumber(now[1]) + tonumber(now[2]) / 1000000
local found = {}
for number, key in ipairs(KEYS) do
    found[number] = redis.call('ZRANGEBYSCORE', key, now - tonumber(ARGV[1]), '+inf')
end
return found
"""

Changed = Callable[[Iterable[str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often an instance says that it lives, how often others look, and which silence means it is gone."""

    beat_s: float = 2.0
    look_s: float = 1.0
    gone_s: float = 6.0


_PACE = Pace()


class Registry:
    """Who is there, by service, as last heard. While Redis is out, that stays.

    A Redis that is back may have forgotten everybody: until each has had the time to say so again, who was
    known before counts as there.
    """

    def __init__(self, redis: StateRedis, *, clock: Clock, tasks: Tasks, pace: Pace = _PACE) -> None:
        self._redis = redis
        self._pace = pace
        self._clock = clock
        self._tasks = tasks
        self._beat = redis.redis.register_script(BEAT)
        self._list = redis.redis.register_script(LIST)
        self._watched: dict[str, list[Changed]] = {}
        self._known: dict[str, frozenset[str]] = {}
        self._registered: dict[str, str] = {}
        # A process and its successor have one address for a while; the end of one is not that of the other.
        self._nonce = secrets.token_hex(4)
        self._believe_absence_at = 0.0

    def start(self) -> None:
        self._tasks.every("registry_look", self._pace.look_s, self.look, clock=self._clock)
        self._tasks.every("registry_beat", self._pace.beat_s, self.beat, clock=self._clock)

    def known(self, service: str) -> frozenset[str]:
        return self._known.get(service, frozenset())

    def count(self, service: str) -> int:
        """How many instances live, at least one: who asks about its own kind is one."""
        return max(1, len(self.known(service)))

    def watch(self, service: str, changed: Changed | None = None) -> None:
        """Follow the instances of `service`; `changed` is told of all of them whenever they change."""
        watchers = self._watched.setdefault(service, [])
        if changed is not None:
            watchers.append(changed)
            if service in self._known:
                changed(self._known[service])

    def register(self, service: str, url: str) -> None:
        """From now on `url` is an instance of `service`, until it is withdrawn."""
        self._registered[service] = f"{url} {self._nonce}"
        self._tasks.spawn("register_instance", self.beat())

    async def withdraw(self) -> None:
        """Nobody is to be sent here any more."""
        registered, self._registered = self._registered, {}
        for service, name in registered.items():
            await self._try_to_withdraw(service, name)

    async def _try_to_withdraw(self, service: str, name: str) -> None:
        redis = self._redis.redis
        try:
            await self._redis.call(lambda: cast("object", redis.zrem(PREFIX + service, name)))  # type: ignore[arg-type,return-value]  # redis-py types both clients as one
        except RedisOut:
            return  # the missing heartbeats will say so

    async def beat(self) -> None:
        for service, name in list(self._registered.items()):
            await self._try_to_beat(service, name)

    async def _try_to_beat(self, service: str, name: str) -> None:
        try:
            await self._redis.call(
                lambda: self._beat(keys=[PREFIX + service], args=[name, self._pace.gone_s])
            )
        except RedisOut:
            return  # told by the gate, once
        if service not in self._registered:
            await self._try_to_withdraw(service, name)  # withdrawn while the beat was under way

    async def look(self) -> None:
        services = list(self._watched)
        if not services:
            return
        keys = [PREFIX + service for service in services]
        try:
            found = await self._redis.call(lambda: self._list(keys=keys, args=[self._pace.gone_s]))
        except RedisOut:
            self._believe_absence_at = self._clock.monotonic() + self._pace.gone_s
            return
        self._heard(dict(zip(services, cast("list[list[bytes]]", found), strict=True)))

    def _heard(self, found: Mapping[str, list[bytes]]) -> None:
        believed = self._clock.monotonic() >= self._believe_absence_at
        for service, addresses in found.items():
            urls = frozenset(filter(is_instance_url, map(_url_of, addresses)))
            known = self.known(service)
            # That all are gone changes nothing for whoever asks, and it may be Redis that was emptied.
            now = urls if believed and urls else urls | known
            if now != known:
                self._known[service] = now
                for changed in self._watched[service]:
                    changed(now)


def _url_of(entry: bytes) -> str:
    return entry.decode("utf-8", "replace").partition(" ")[0]
