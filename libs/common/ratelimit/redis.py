"""Limits counted in Redis, once for all replicas, and what holds while Redis is out."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
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
    from libs.common.redis.client import Call, StateRedis

PREFIX = "headgate:limit:"
GATHERED_S = 0.01
"""So long those taken ahead are gathered: to tell Redis of ten at once costs little more than of one."""
REMEMBERED_S = 60.0
"""A refusal that lasts longer is asked about again: Redis may have lost what it was founded on."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """What Redis decided, in its time, and when that was in ours."""

    admitted: bool
    now_us: int
    states: list[State]
    since: float


@dataclass(frozen=True, slots=True)
class _Request:
    """Somebody's request and the limits it meets."""

    subject: str
    limits: tuple[Limit, ...]
    pairs: Pairs


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
        self._ahead: list[_Request] = []
        self._telling = asyncio.Lock()
        self._deciding: Counter[str] = Counter()
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
        request = _Request(subject, limits, policies_of(limits))
        return self._take_ahead(request) or await self._take(request)

    def _take_ahead(self, request: _Request) -> Verdict | None:
        if self._tasks is None or self.out or request.subject in self._deciding:
            return None
        ahead = self._known.take_ahead(request.subject, request.pairs)
        if ahead is not None:
            self._ahead.append(request)
            if len(self._ahead) == 1:
                self._tasks.spawn("limits_told", self._tell(after_s=GATHERED_S))
        return ahead

    async def _take(self, request: _Request) -> Verdict:
        self._deciding[request.subject] += 1
        try:
            if self._tasks is not None and self._known.is_ahead(request.subject):
                # Redis has to know of those to decide rightly. It is told of others' as well, whether or not
                # this one leaves meanwhile.
                await asyncio.shield(self._tasks.spawn("limits_told", self._tell()))
            (decided,) = await self._decide([request])
        except RedisOut:
            self.decided_alone += 1
            return self._alone(request.subject, request.limits)
        finally:
            self._deciding[request.subject] -= 1
            if not self._deciding[request.subject]:
                del self._deciding[request.subject]
        return judged(request.pairs, decided.states, decided.now_us, admitted=decided.admitted)

    async def _tell(self, *, after_s: float = 0.0) -> None:
        """Those taken ahead are counted in Redis, all that were until now when this returns."""
        if after_s:
            await self._clock.sleep(after_s)
        async with self._telling:
            taken, self._ahead = self._ahead, []
            if not taken:
                return
            try:
                await self._decide(taken, taken_ahead=True)
            except RedisOut:
                return  # known here, which is what holds now

    async def _decide(self, requests: Sequence[_Request], *, taken_ahead: bool = False) -> list[_Decided]:
        """Raises RedisOut."""
        try:
            answers = await self._redis.run(TAKE, [self._call_of(request) for request in requests])
        finally:
            if taken_ahead:
                for request in requests:
                    self._known.confirmed(request.subject)
        since = self._clock.monotonic()
        found = list[_Decided]()
        for request, (taken, now_us, *states) in zip(requests, answers, strict=True):
            decided = _Decided(int(taken) == 1, int(now_us), [_state(text) for text in states], since)
            found.append(decided)
            if decided.admitted:
                # What is remembered of this caller doesn't know of what has been taken now.
                self._refused.pop(request.subject, None)
            else:
                self._remember(request.subject, request.limits, decided)
            self._known.note(request.subject, request.pairs, decided.states, decided.now_us, since)
        return found

    def _call_of(self, request: _Request) -> Call:
        """The keys and the words of the script."""
        keys = [f"{PREFIX}{{{request.subject}}}:{policy.name}" for _, policy in request.pairs]
        now = "" if self._now_us is None else str(self._now_us())
        return keys, [now, *(word for _, policy in request.pairs for word in policy.words)]

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
