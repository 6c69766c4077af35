"""Trying again: few times, with jitter, never past the deadline, and never as a storm."""

import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.stop import stop_base

from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.resilience.classify import is_retryable, retry_after_s

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """``attempts`` counts the first. Waits are drawn from 0 to ``base_s``, doubled up to ``max_s``."""

    attempts: int = 3
    base_s: float = 0.1
    max_s: float = 2.0


class RetryBudget:
    """Bounds retries under way to a share of the calls under way, so that retries can't multiply an outage.

    Envoy's rule: at most ``ratio`` of the active calls, but always ``min_concurrent``.
    """

    def __init__(self, ratio: float = 0.2, min_concurrent: int = 3) -> None:
        self._ratio = ratio
        self._min_concurrent = min_concurrent
        self._active = 0
        self._retrying = 0

    @contextmanager
    def active(self) -> Iterator[None]:
        """Counts a call, from its first attempt to its end."""
        self._active += 1
        try:
            yield
        finally:
            self._active -= 1

    def take(self) -> bool:
        """A slot for one retry, if there is one; to be given back when that attempt has ended."""
        if self._retrying >= max(self._min_concurrent, int(self._ratio * self._active)):
            return False
        self._retrying += 1
        return True

    def give_back(self) -> None:
        self._retrying -= 1


class _Slot:
    """The retry slot of one call: at most one at a time, given back exactly once."""

    def __init__(self, budget: RetryBudget) -> None:
        self._budget = budget
        self._held = False

    def take(self) -> bool:
        self._held = self._budget.take()
        return self._held

    def give_back(self) -> None:
        if self._held:
            self._held = False
            self._budget.give_back()


class _StopBefore(stop_base):
    """Stops when the planned wait would not end before the deadline, or the budget has no slot left."""

    def __init__(self, deadline: Deadline, slot: _Slot) -> None:
        self._deadline = deadline
        self._slot = slot

    def __call__(self, retry_state: RetryCallState) -> bool:
        return retry_state.upcoming_sleep >= self._deadline.remaining_s or not self._slot.take()


async def retrying(
    fn: Callable[[], Awaitable[T]],
    *,
    policy: RetryPolicy,
    budget: RetryBudget,
    deadline: Deadline,
    clock: Clock,
    retry_on: Callable[[Exception], bool] = is_retryable,
    uniform: Callable[[float, float], float] = random.uniform,
) -> T:
    """The first result of ``fn``, or the exception of its last attempt.

    Between attempts it waits with full jitter, and at least what the exception's ``retry_after_s`` asks for;
    if that goes past the deadline it gives up at once. Cancellation is never retried.
    """
    with budget.active():
        try:
            return await fn()
        except Exception as error:
            if not retry_on(error):
                raise
            failed: Exception | None = error
        # Almost every call ends here above, and tenacity's first attempt costs as much as reading an answer.
        slot = _Slot(budget)

        async def attempt() -> T:
            nonlocal failed
            if failed is not None:
                error, failed = failed, None
                raise error
            try:
                return await fn()
            finally:
                slot.give_back()

        try:
            attempts = _attempts(
                policy, slot=slot, deadline=deadline, clock=clock, retry_on=retry_on, uniform=uniform
            )
            return await attempts(attempt)
        finally:
            slot.give_back()


def _attempts(
    policy: RetryPolicy,
    *,
    slot: _Slot,
    deadline: Deadline,
    clock: Clock,
    retry_on: Callable[[Exception], bool],
    uniform: Callable[[float, float], float],
) -> AsyncRetrying:
    def wait(state: RetryCallState) -> float:
        ceiling = min(policy.base_s * 2.0 ** (state.attempt_number - 1), policy.max_s)
        error = state.outcome.exception() if state.outcome else None
        return max(uniform(0.0, ceiling), retry_after_s(error))

    return AsyncRetrying(
        stop=stop_after_attempt(policy.attempts) | _StopBefore(deadline, slot),
        wait=wait,
        retry=retry_if_exception(lambda error: isinstance(error, Exception) and retry_on(error)),
        sleep=clock.sleep,
        reraise=True,
    )
