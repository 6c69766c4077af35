"""How one call goes over the instances: who is asked, who is asked next, and when it is waited for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from libs.common.balance.errors import (
    Busy,
    GivenUp,
    InstanceFailed,
    Leaving,
    NotAnswered,
    NotSent,
    Refused,
)
from libs.common.balance.hedge import Hedging
from libs.common.balance.member import Member
from libs.common.balance.pool import Pool
from libs.common.deadline import Deadline
from libs.common.errors import Overloaded
from libs.common.resilience import RetryBudget, RetryPolicy, retrying

RESTART = RetryPolicy(attempts=4, base_s=0.3, max_s=0.8)
"""Three pauses of 1.3 to 1.7 s in all: a service that is restarted is back by then."""

CONNECT_S = 5.0
"""For a connection to the only instance there is."""

MOVES_AT_ONCE = 8
"""Calls that one instance had no room for and another is asked. More at a time say that there is too much for
all, and asking twice would double it."""

GATEWAY_FAILURES = frozenset({502, 503, 504})
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Question:
    """`headers` are made anew for each attempt: they say what remains of the deadline. `is_repeatable` means
    that it may be acted on twice. `waits` False asks each instance once. With an `instance`,
    by id, only that one is asked, once."""

    method: str
    raw_path: str
    headers: Callable[[], CIMultiDict[str]]
    body: bytes | AsyncIterable[bytes] | None
    deadline: Deadline
    is_repeatable: bool
    waits: bool = True
    instance: str = ""


class Sent:
    """An answer whose body is read inside `async with`; until its end the instance counts as at work."""

    def __init__(self, response: aiohttp.ClientResponse, member: Member, pool: Pool) -> None:
        self.response = response
        self._member = member
        self._pool = pool

    async def __aenter__(self) -> aiohttp.ClientResponse:
        return self.response

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _settle(self._member, self._pool)
        await self.response.__aexit__(kind, error, traceback)

    def discard(self) -> None:
        """Nobody wants to read it."""
        self.response.close()
        _settle(self._member, self._pool)


class Calls:
    """The calls to one service.

    What was never sent goes to another instance at once. What was sent goes there too if it is repeatable:
    when the connection broke, when the instance is ending, and when it is hung. An instance is hung when it
    fails its checks (it is checked out of turn as soon as it owes an answer), or when half of the deadline
    is over. When nobody is left to ask, a restart is waited for. What an instance has no room for goes to one
    other: who refuses has little to do at a time, and would be chosen again and again.
    """

    def __init__(self, pool: Pool, *, hedging: Hedging | None = None) -> None:
        self._pool = pool
        self._hedging = hedging
        # Every call may wait: a refused connection costs the other side nothing, so there is no storm to
        # fear, and with a share of a fifth four of five players would be refused during each restart.
        self._budget = RetryBudget(ratio=1.0)
        self._moves = RetryBudget(ratio=0.0, min_concurrent=MOVES_AT_ONCE)

    async def send(self, question: Question) -> Sent:
        """Raises InstanceFailed, or TimeoutError past the deadline."""
        if question.instance:
            return await self._only(self._named(question.instance), question)
        try:
            return await self._round(question)
        except InstanceFailed as error:
            if not self._is_worth_waiting(error, question):
                raise
            return await self._waiting(question, error)

    def _is_worth_waiting(self, error: Exception, question: Question) -> bool:
        worth_waiting = (NotSent, NotAnswered) if question.is_repeatable else (NotSent,)
        return question.waits and isinstance(error, worth_waiting)

    async def _waiting(self, question: Question, first: InstanceFailed) -> Sent:
        """Round after round, with pauses. The machinery for it costs more than most calls take."""
        failed: InstanceFailed | None = first

        async def attempt() -> Sent:
            nonlocal failed
            if failed is not None:
                error, failed = failed, None
                raise error
            return await self._round(question)

        return await retrying(
            attempt,
            policy=RESTART,
            budget=self._budget,
            deadline=question.deadline,
            clock=question.deadline.clock,
            retry_on=lambda error: self._is_worth_waiting(error, question),
            uniform=_most_of,
        )

    def _named(self, instance: str) -> Member:
        for member in self._pool.members:
            if member.id == instance:
                return member
        raise NotSent

    async def _only(self, member: Member, question: Question) -> Sent:
        try:
            return await self._attempt(member, question, [member])
        except Refused as refusal:
            return self._taken(refusal, member)

    async def _round(self, question: Question) -> Sent:
        """One instance after the other, each at most once. A refusal is the answer once nobody is left."""
        tried: list[Member] = []
        member = self._pool.pick()
        if member is None:
            raise NotSent
        while True:
            tried.append(member)
            try:
                return await self._ask(member, question, tried)
            except Busy as busy:
                return await self._moved(busy, member, question, tried)
            except InstanceFailed as error:
                other = self._other(error, question, tried)
                if other is None:
                    if isinstance(error, Refused):
                        return self._taken(error, member)
                    raise
                if isinstance(error, Refused):
                    error.response.close()
                if self._pool.figures is not None:
                    self._pool.figures.retried(error.reason)
                member = other

    async def _moved(self, busy: Busy, member: Member, question: Question, tried: list[Member]) -> Sent:
        """Whatever one other instance answers; the refusal when none is asked or it can't be reached."""
        is_whole = question.body is None or isinstance(question.body, bytes)
        other = self._pool.pick(tried) if is_whole and not question.deadline.expired else None
        if other is None or not self._moves.take():
            return self._taken(busy, member)
        tried.append(other)
        if self._pool.figures is not None:
            self._pool.figures.retried(busy.reason)
        is_answer = False
        try:
            return await self._ask(other, question, tried)
        except Refused as refusal:
            return self._taken(refusal, other)
        except NotSent:
            is_answer = True
            return self._taken(busy, member)
        finally:
            self._moves.give_back()
            if not is_answer:
                busy.response.close()

    def _other(self, error: InstanceFailed, question: Question, tried: list[Member]) -> Member | None:
        """Who is asked after that failure, if anybody may be."""
        if not (question.is_repeatable or isinstance(error, NotSent)) or question.deadline.expired:
            return None
        return self._pool.pick(tried) if len(tried) < self._pool.policy.max_tries else None

    def _taken(self, refusal: Refused, member: Member) -> Sent:
        member.outstanding += 1
        return Sent(refusal.response, member, self._pool)

    async def _ask(self, member: Member, question: Question, tried: list[Member]) -> Sent:
        hedging = self._hedging
        if hedging is None or question.method != "GET":
            return await self._attempt(member, question, tried)
        started = question.deadline.clock.monotonic()
        if len(tried) > 1 or hedging.delay_s is None or not self._pool.has_another(tried):
            sent = await self._attempt(member, question, tried)
        else:
            sent = await self._hedged(member, question, tried, hedging)
        hedging.note(question.deadline.clock.monotonic() - started)
        return sent

    async def _hedged(
        self, member: Member, question: Question, tried: list[Member], hedging: Hedging
    ) -> Sent:
        """The first answer of two, the second asked for once the first takes longer than most."""
        first = asyncio.create_task(self._attempt(member, question, tried))  # noqa: TID251  ended below
        asked = [first]
        won: asyncio.Task[Sent] | None = None
        try:
            await asyncio.wait(asked, timeout=hedging.delay_s)
            if not first.done() and (other := self._pool.pick(tried)) and hedging.take():
                tried.append(other)
                second = asyncio.create_task(self._attempt(other, question, tried))  # noqa: TID251  ended below
                asked.append(second)
            won = await _first_answered(asked)
            if len(asked) > 1 and self._pool.figures is not None:
                self._pool.figures.hedged("lost" if won is first else "won")
            return won.result()
        finally:
            await _end([task for task in asked if task is not won])

    async def _attempt(self, member: Member, question: Question, tried: Sequence[Member]) -> Sent:
        member.outstanding += 1
        try:
            response = await self._answered(member, question, tried)
        except BaseException:
            _settle(member, self._pool)
            raise
        return Sent(response, member, self._pool)

    async def _answered(
        self, member: Member, question: Question, tried: Sequence[Member]
    ) -> aiohttp.ClientResponse:
        if len(self._pool) < 2:
            return await _exchange(member, question, connect_s=CONNECT_S)
        answers: list[aiohttp.ClientResponse] = []

        async def call() -> None:
            with _bounded(member, question, may_move=self._pool.has_another(tried)) as scope:
                async with scope:
                    connect_s = self._pool.policy.connect_s
                    answers.append(await _exchange(member, question, connect_s=connect_s))
            member.heard()
            _raise_if_refused(answers[0])

        try:
            await member.judged(call)
        except Leaving:
            member.draining = True
            raise
        return answers[0]


@contextmanager
def _bounded(member: Member, question: Question, *, may_move: bool) -> Iterator[asyncio.Timeout]:
    """How long this instance is waited for. Raises GivenUp when somebody else is asked from here on."""
    moves = may_move and question.is_repeatable
    scope = asyncio.timeout(question.deadline.remaining_s / 2 if moves else None)
    with member.owing(scope if moves else None):
        try:
            yield scope
        except TimeoutError as error:
            if scope.expired():
                raise GivenUp from error
            raise


async def _exchange(member: Member, question: Question, *, connect_s: float) -> aiohttp.ClientResponse:
    """The answer's head."""
    deadline = question.deadline
    try:
        return await member.session.request(
            question.method,
            URL(member.base + question.raw_path, encoded=True),
            headers=question.headers(),
            data=question.body,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_s, sock_read=deadline.remaining_s),
        )
    except aiohttp.ConnectionTimeoutError as error:
        if connect_s == CONNECT_S:
            raise  # no restart takes that long
        raise NotSent from error
    except TimeoutError:
        raise  # aiohttp's own are connection errors as well
    except aiohttp.ClientConnectorError as error:
        raise NotSent from error
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        raise NotAnswered from error


def says_overloaded(response: aiohttp.ClientResponse) -> bool:
    """Whether the head of an answer already tells `Overloaded`."""
    told = response.headers.get("Proxy-Status", "")
    return response.status == Overloaded.status and Overloaded.proxy_error in told


def _raise_if_refused(response: aiohttp.ClientResponse) -> None:
    """A problem is an answer of the service itself, and every instance would give the same one, but for the
    one that says how much this instance has to do."""
    if response.status not in GATEWAY_FAILURES:
        return
    if response.headers.get("Connection", "").lower() == "close":
        raise Leaving(response)
    if says_overloaded(response):
        raise Busy(response)
    if response.content_type != PROBLEM:
        raise Refused(response)


def _settle(member: Member, pool: Pool) -> None:
    member.outstanding -= 1
    if member.gone:
        pool.close_if_done(member)


async def _first_answered(asked: list[asyncio.Task[Sent]]) -> asyncio.Task[Sent]:
    """The first that got an answer; when none did, one that was refused, or else the first of all."""
    waiting = set(asked)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.exception() is None:
                return task
    return next((task for task in asked if isinstance(task.exception(), Refused)), asked[0])


async def _end(tasks: list[asyncio.Task[Sent]]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Sent):
            outcome.discard()
        elif isinstance(outcome, Refused):
            outcome.response.close()


def _most_of(_least: float, most: float) -> float:
    """Where the upper part of a pause is drawn from: a restart takes its time, so short ones are wasted."""
    return random.uniform(0.75 * most, most)  # noqa: S311 - nothing to guess
