"""What is known of a Redis by its role: whether it answers, its memory, what it threw away, what it keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import structlog

from libs.common.clock import Clock
from libs.common.metrics import Counts, Metrics
from libs.common.states import RedisState
from libs.common.tasks import Tasks

if TYPE_CHECKING:
    from redis.asyncio import Redis

Role: TypeAlias = Literal["cache", "state"]

EVERY_S = 15.0
KEEPS_ALL = "noeviction"
POLICIES: Final = (
    KEEPS_ALL,
    *(f"{of}-{by}" for of in ("allkeys", "volatile") for by in ("lru", "lfu", "random")),
    "volatile-ttl",
)

_GAUGES = {
    "redis_memory_bytes": ("Memory that Redis holds.", "used_memory"),
    "redis_memory_limit_bytes": ("Memory that Redis may hold; 0 for no limit.", "maxmemory"),
    "redis_clients": ("Connections that Redis has.", "connected_clients"),
}
_COUNTERS = {
    "redis_evicted_keys_total": ("Keys that Redis threw away for lack of memory.", "evicted_keys"),
    "redis_expired_keys_total": ("Keys whose time was over.", "expired_keys"),
    "redis_commands_total": ("Commands that Redis has carried out.", "total_commands_processed"),
}

log = structlog.get_logger(__name__)


class RedisFigures:
    """Asks one Redis every few seconds: neither a scrape nor a page waits for it."""

    def __init__(self, redis: Redis, role: Role, *, metrics: Metrics) -> None:
        self._redis = redis
        self._role: Role = role
        self._info: dict[str, Any] = {}
        self._is_up = False
        self._kept_on_disk: bool | None = None
        self._warned: set[str] = set()
        up = metrics.gauge("redis_up", "Whether Redis answers: 1 or 0.", ("role",)).labels(role)
        up.set_function(lambda: float(self._is_up))
        for name, (help_, member) in _GAUGES.items():
            gauge = metrics.gauge(name, help_, ("role",)).labels(role)
            gauge.set_function(self._reader(member))
        for name, (help_, member) in _COUNTERS.items():
            metrics.counted_elsewhere(name, help_, ("role",), self._counts(role, member))
        policy = metrics.gauge(
            "redis_eviction_policy", "1 for what Redis does when it is full.", ("role", "policy")
        )
        for name in POLICIES:
            policy.labels(role, name).set_function(self._has_policy(name))

    def start(self, tasks: Tasks, clock: Clock) -> None:
        tasks.every("redis_figures", EVERY_S, self.ask, clock=clock, at_once=True)

    async def ask(self) -> None:
        """One look. A Redis that is out keeps its last figures, and says that it is out."""
        from redis.exceptions import RedisError  # noqa: PLC0415  loaded where there is a Redis

        try:
            self._info = await self._redis.info()
            self._kept_on_disk = await self._look_at_disk()
        except (RedisError, OSError, TimeoutError):
            self._is_up = False
        else:
            self._is_up = True
            self._warn()

    def states(self) -> tuple[RedisState]:
        """The one there is, as `Status` wants it."""
        state = RedisState(
            role=self._role,
            up=self._is_up,
            memory_bytes=int(self._info.get("used_memory", 0)),
            memory_limit_bytes=int(self._info.get("maxmemory", 0)),
            evicted_keys=int(self._info.get("evicted_keys", 0)),
            policy=self._policy,
            kept_on_disk=self._kept_on_disk,
            warnings=tuple(self._warnings().values()),
        )
        return (state,)

    @property
    def _policy(self) -> str:
        return str(self._info.get("maxmemory_policy", ""))

    async def _look_at_disk(self) -> bool | None:
        """None where Redis doesn't say: a provider's may refuse CONFIG."""
        from redis.exceptions import ResponseError  # noqa: PLC0415  loaded where there is a Redis

        if self._info.get("aof_enabled"):
            return True
        try:
            saves: dict[Any, Any] = await self._redis.config_get("save")
        except ResponseError:
            return None
        return any(saves.values())

    def _warnings(self) -> dict[str, str]:
        if self._role != "state" or not self._info:
            return {}
        found = {}
        if self._policy not in {KEEPS_ALL, ""}:
            found["redis_state_may_be_evicted"] = (
                f"When it is full it throws away limits and blocks ({self._policy}): set noeviction."
            )
        if self._kept_on_disk is False:
            found["redis_state_not_on_disk"] = "A restart forgets limits and blocks: set appendonly yes."
        return found

    def _warn(self) -> None:
        for event, sentence in self._warnings().items():
            if event not in self._warned:
                self._warned.add(event)
                log.warning(event, detail=sentence)

    def _has_policy(self, name: str) -> Callable[[], float]:
        return lambda: float(self._policy == name)

    def _counts(self, role: str, member: str) -> Counts:
        return lambda: {(role,): float(self._info.get(member, 0))}

    def _reader(self, member: str) -> Callable[[], float]:
        return lambda: float(self._info.get(member, 0))
