"""Asking many at once: the answer leaves when all are in, when it is good enough, or when time is up.

A failed upstream is a value, not an exception: one dead addon never spoils the page.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.http.errors import FetchError
from libs.common.resilience.breaker import BreakerOpen
from libs.common.resilience.limit import LimitExceeded
from libs.common.resilience.upstream import UpstreamResting
from libs.common.tasks import Tasks

K = TypeVar("K")
T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready(Generic[T]):
    """The call's result, and how long it took."""

    value: T
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The call's failure: a short stable code, and a sentence that may be shown."""

    reason: str
    detail: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """The call had not ended when the answer left. It goes on, for whoever asks next."""


Outcome = Ready[T] | Failed | Late


@dataclass(frozen=True, slots=True)
class Grace(Generic[K, T]):
    """From the moment `once` says so, the rest has only `wait_s` more."""

    once: Callable[[Mapping[K, Outcome[T]]], bool]
    wait_s: float


async def gather_within(
    calls: Mapping[K, Callable[[], Awaitable[T]]],
    *,
    deadline: Deadline,
    tasks: Tasks,
    enough: Callable[[Mapping[K, Outcome[T]]], bool] | None = None,
    grace: Grace[K, T] | None = None,
) -> dict[K, Outcome[T]]:
    """The outcome of every call, in the order of the calls.

    ``enough`` and ``grace`` are asked with the outcomes so far whenever more have come in: the one ends the
    waiting, the other shortens it. Calls that are unfinished then, or when the caller is cancelled, go on in
    ``tasks``. An error nobody foresaw is logged once and its text is kept from the outcome.
    """
    outcomes: dict[K, Outcome[T]] = {}
    news = asyncio.Event()

    async def settle(key: K, call: Callable[[], Awaitable[T]]) -> None:
        started = deadline.clock.monotonic()
        try:
            value = await call()
        except Exception as error:
            outcomes[key] = _failure(error)
        except BaseException:
            outcomes[key] = Failed("cancelled", "The request was given up.")
            raise
        else:
            outcomes[key] = Ready(value, deadline.clock.monotonic() - started)
        finally:
            news.set()

    for key, call in calls.items():
        tasks.spawn("fanout", settle(key, call))
    try:
        async with asyncio.timeout(deadline.remaining_s) as waiting:
            while len(outcomes) < len(calls):
                await news.wait()
                news.clear()
                if enough is not None and enough(outcomes):
                    break
                if grace is not None and grace.once(outcomes):
                    _shorten(waiting, grace.wait_s)
                    grace = None
    except TimeoutError:
        pass
    return {key: outcomes.get(key, Late()) for key in calls}


def _shorten(waiting: asyncio.Timeout, wait_s: float) -> None:
    until = asyncio.get_running_loop().time() + wait_s
    planned = waiting.when()
    waiting.reschedule(until if planned is None else min(planned, until))


def _failure(error: Exception) -> Failed:
    match error:
        case FetchError() | BreakerOpen() | UpstreamResting() | LimitExceeded():
            return Failed(error.reason, str(error), error.retry_after_s)
        case HeadgateError() if error.code != HeadgateError.code:
            return Failed(error.code, str(error), error.retry_after_s)
        case TimeoutError():
            return Failed("timed_out", "The source did not answer in time.")
        case _:
            log.error("fanout_call_failed", exc_info=error)
            return Failed("internal", "Something went wrong while asking this source.")
