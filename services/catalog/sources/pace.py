"""Waiting for a turn that all replicas together count."""

from __future__ import annotations

from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.ratelimit import Engine, Limit
from libs.common.resilience import LimitExceeded


async def turn(
    engine: Engine, subject: str, limits: tuple[Limit, ...], *, clock: Clock, deadline: Deadline
) -> None:
    """Raises LimitExceeded at once when the next turn would come too late."""
    while True:
        verdict = await engine.take(subject, limits)
        if verdict.admitted:
            return
        if verdict.retry_after_s > deadline.remaining_s:
            raise LimitExceeded
        await clock.sleep(verdict.retry_after_s)
