"""Time as an argument: what takes a Clock can be tested without waiting."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Final, Protocol

CLOCK_SKEW_S: Final = 60.0
"""What the clocks of two machines of one installation may differ by."""


class Clock(Protocol):
    """Where time comes from. Durations come from `monotonic`, stored times from `now` or `time`."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def time(self) -> float:
        """The wall clock in seconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        ...

    async def sleep(self, delay_s: float) -> None:
        """Return after `delay_s`; zero or less yields to the loop once."""
        ...


def epoch_ms(clock: Clock) -> int:
    """As times are stored: milliseconds since 1970."""
    return round(clock.time() * 1000)


def ms_of(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def moment_of(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def moment_or_none(ms: int | None) -> datetime | None:
    return None if ms is None else moment_of(ms)


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def time(self) -> float:
        return time.time()  # noqa: TID251  # the one place that may read it

    def monotonic(self) -> float:
        return time.monotonic()  # noqa: TID251  # the one place that may read it

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
