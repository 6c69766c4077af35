"""How addons have been answering, told to whoever asks them and to whoever owns them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

HealthStateName = Literal["unknown", "active", "poor", "out", "off"]
Badge = Literal["unknown", "excellent", "good", "fair", "poor"]


class SourceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What an addon's last calls amount to, as of now.

    `score` is 0 to 100, None where nothing is known yet: such an addon is as good as any. `state` is out
    while nothing at all is asked of it; `resting` names the resources it is not asked for, which may be some
    of them only, until `asked_again_at`. A `pinned` one is never out. `returned_at` is when it last came
    back: whoever held an older failure against it lets go of it then.
    """

    score: int | None = None
    badge: Badge = "unknown"
    state: HealthStateName = "unknown"
    pinned: bool = False
    latency_ms: float | None = None
    reason: str = ""
    resting: tuple[str, ...] = ()
    out_since: datetime | None = None
    asked_again_at: datetime | None = None
    returned_at: datetime | None = None


class OperationHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One resource of an addon. `success` is the share that answered well, the latest counting most;
    `empty` counts answers that had nothing, which is not held against it."""

    operation: str
    score: int | None
    success: float | None
    latency_ms: float | None
    calls: int
    failures: int
    empty: int
    failing_in_a_row: int
    resting: bool
    asked_again_at: datetime | None = None
    last_answer_at: datetime | None = None
    error: str | None = None
    error_at: datetime | None = None


class HealthPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What happened from `start` on, for an hour or a day. `latency_ms` is the mean of good answers."""

    start: datetime
    calls: int
    failures: int
    empty: int
    latency_ms: float | None = None


class AddonHealth(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to tell. Hours reach back two days, days thirty; those without a call are left out."""

    addon_id: str
    health: SourceHealth
    operations: tuple[OperationHealth, ...]
    hours: tuple[HealthPoint, ...]
    days: tuple[HealthPoint, ...]


class HealthObservation(msgspec.Struct, frozen=True, kw_only=True):
    """One call to an addon as another service saw it; `at` in epoch seconds. `empty` says that it answered
    and had nothing; `path` is the question, where it may be put again to see whether the addon is back."""

    addon_id: str
    operation: str
    ok: bool
    latency_ms: float
    at: float
    items: int = 0
    empty: bool = False
    path: str = ""
    error: str | None = None


class HealthReport(msgspec.Struct, frozen=True):
    observations: tuple[HealthObservation, ...]
