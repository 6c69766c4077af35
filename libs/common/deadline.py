"""A deadline: when an answer is no longer wanted. It is passed on as the milliseconds that remain."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.clock import Clock

HEADER = "X-Request-Deadline-Ms"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on `clock.monotonic()`. Two machines' clocks are never compared: a hop sends what remains."""

    clock: Clock
    at: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> Deadline:
        return cls(clock, clock.monotonic() + seconds)

    @classmethod
    def from_header(cls, value: str | None, clock: Clock, default_s: float) -> Deadline:
        """What a caller left us; anything but whole milliseconds counts as no header.

        A caller may ask for less than `default_s`, never for more: our own limit protects us.
        """
        if value is None or len(value) > 9 or not (value.isascii() and value.isdigit()):
            return cls.after(clock, default_s)
        return cls.after(clock, min(int(value) / 1000, default_s))

    @property
    def remaining_s(self) -> float:
        return max(0.0, self.at - self.clock.monotonic())

    @property
    def expired(self) -> bool:
        return self.clock.monotonic() >= self.at

    def sooner(self, seconds: float) -> Deadline:
        """The earlier of this and `seconds` from now."""
        return Deadline(self.clock, min(self.at, self.clock.monotonic() + seconds))

    def to_header(self) -> str:
        return str(int(self.remaining_s * 1000))
