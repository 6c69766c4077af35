"""Limits counted in Redis, once for all replicas, and what holds while Redis is out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from libs.common.clock import Clock
from libs.common.ratelimit.engine import Verdict, judged, policies_of
from libs.common.ratelimit.known import Known, Pairs
from libs.common.ratelimit.memory import MAX_KEYS, MemoryEngine
from libs.common.ratelimit.policies import SECOND_US, Limit, Standing, State
from libs.common.ratelimit.script import TAKE
from libs.common.redis.gate import RESET_S, RedisOut
from libs.common.tasks import Tasks

if TYPE_CHECKING:
    from libs.common.redis.client import StateRedis

PREFIX = "headgate:limit:"
REMEMBERED_S = 60.0
"""A refusal that lasts longer is asked about again: Redis may have lost what it was founded on."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """What Redis decided, in its time, and when that was in ours."""

    admitted: bool
    now_us: int
    states: list[State]
    since: float


class RedisEngine:
    """An `Engine` that all replicas share, on Redis' clock.

    Whoever was far from a limit a moment ago doesn't wait for Redis, which `tasks` tell meanwhile; without
    those everybody waits. A refusal is remembered here until it ends, so that whoever floods us costs Redis
    nothing. While Redis is out each limit does what it says: count here alone by this replica's share, allow,
    or deny.
    """

    def __init__(
        self,
        redis: StateRedis,
        clock: Clock,
        *,
        tasks: Tasks | None = None,
        replicas: Callable[[], int] = lambda: 1,
        now_us: Callable[[], int] | None = None,
        max_keys: int = MAX_KEYS,
    ) -> None:
        """`now_us` is for tests that compare this engine with the other one at the same times."""
        self._redis = redis
        self._clock = clock
        self._replicas = replicas
        self._now_us = now_us
        self._max_keys = max_keys
        self._local = MemoryEngine(clock, max_keys=max_keys)
        self._refused: OrderedDict[str, dict[tuple[Limit, ...], _Decided]] = OrderedDict()
        self._known = Known(clock, max_keys)
        self._tasks = tasks
        self._script = redis.redis.register_script(TAKE)
        self.decided_alone = 0

    def __len__(self) -> int:
        """Callers remembered here."""
        return len(self._refused) + len(self._local)

    @property
    def where(self) -> Literal["memory", "redis"]:
        return "memory" if self.out else "redis"

    @property
    def out(self) -> bool:
        return self._redis.out

    async def take(self, subject: str, limits: tuple[Limit, ...]) -> Verdict:
        refusal = self._remembered(subject, limits)
        if refusal is not None:
            return refusal
        pairs = policies_of(limits)
        if self._tasks is not None and not self.out:
            ahead = self._known.take_ahead(subject, pairs)
            if ahead is not None:
                self._tasks.spawn("limit_taken_ahead", self._tell(subject, limits, pairs))
                return ahead
        try:
            decided = await self._decide(subject, limits, pairs)
        except RedisOut:
            self.decided_alone += 1
            return self._alone(subject, limits)
        self._known.note(subject, pairs, decided.states, decided.now_us, decided.since)
        return judged(pairs, decided.states, decided.now_us, admitted=decided.admitted)

    async def _tell(self, subject: str, limits: tuple[Limit, ...], pairs: Pairs) -> None:
        try:
            decided = await self._decide(subject, limits, pairs)
        except RedisOut:
            return  # known here, which is what holds now
        finally:
            self._known.confirmed(subject)
        self._known.note(subject, pairs, decided.states, decided.now_us, decided.since)

    async def _decide(self, subject: str, limits: tuple[Limit, ...], pairs: Pairs) -> _Decided:
        decided = await self._ask(subject, pairs)
        if decided.admitted:
            # What is remembered of this caller doesn't know of what has been taken now.
            self._refused.pop(subject, None)
        else:
            self._remember(subject, limits, decided)
        return decided

    async def _ask(self, subject: str, pairs: Pairs) -> _Decided:
        keys = [f"{PREFIX}{{{subject}}}:{policy.name}" for _, policy in pairs]
        words = [
            "" if self._now_us is None else str(self._now_us()),
            *(word for _, policy in pairs for word in policy.words),
        ]
        taken, now_us, *states = await self._redis.call(lambda: self._script(keys=keys, args=words))
        since = self._clock.monotonic()
        return _Decided(int(taken) == 1, int(now_us), [_state(text) for text in states], since)

    def _remembered(self, subject: str, limits: tuple[Limit, ...]) -> Verdict | None:
        """The refusal as it reads now; None once it has ended."""
        decided = self._refused.get(subject, {}).get(limits)
        if decided is None:
            return None
        age_s = self._clock.monotonic() - decided.since
        now_us = decided.now_us + round(age_s * SECOND_US)
        pairs = policies_of(limits)
        states = [policy.at(held, now_us) for (_, policy), held in zip(pairs, decided.states, strict=True)]
        waits = (policy.wait_us(held, now_us) for (_, policy), held in zip(pairs, states, strict=True))
        if age_s >= REMEMBERED_S or not any(waits):
            del self._refused[subject]
            return None
        return judged(pairs, states, now_us, admitted=False)

    def _remember(self, subject: str, limits: tuple[Limit, ...], decided: _Decided) -> None:
        self._refused.setdefault(subject, {})[limits] = decided
        while len(self._refused) > self._max_keys:
            self._refused.popitem(last=False)

    def _alone(self, subject: str, limits: tuple[Limit, ...]) -> Verdict:
        denying = next((limit for limit in limits if limit.on_outage == "deny"), None)
        if denying is not None:
            violated = tuple(policy.name for policy in denying.policies)
            standings = tuple(Standing(policy, 0, round(RESET_S * SECOND_US)) for policy in denying.policies)
            return Verdict(standings, violated, denying.name, RESET_S)
        replicas = max(1, self._replicas())
        for _, policy in policies_of(limits):
            told = self._known.pop(subject, policy)
            if told is not None:
                shown = policy.rebased(told.state, told.now_us, round(told.since * SECOND_US), replicas)
                self._local.put(subject, policy, shown)
        counted = tuple(limit.shared_by(replicas) for limit in limits if limit.on_outage == "local")
        if counted:
            return self._local.take_now(subject, counted)
        return Verdict(tuple(Standing(policy, policy.quota, 0) for _, policy in policies_of(limits)))


def _state(text: bytes | str) -> State:
    return tuple(int(number) for number in text.split())
