"""What a process tells of itself for diagnostics, beside its state: no secrets, no people."""

from __future__ import annotations

from datetime import datetime

import msgspec


class EventReport(msgspec.Struct, frozen=True, kw_only=True):
    """A warning or an error by its constant name, so many `times` since `first_at`.

    `ids` are of the last: they lead to the whole line in the log, which alone has texts.
    """

    event: str
    level: str
    logger: str
    at: datetime
    first_at: datetime
    times: int = 1
    ids: dict[str, str] = {}


class StatementReport(msgspec.Struct, frozen=True, kw_only=True):
    """One statement since the start of the process: its text as the program has it, never a value.

    `slow` of the `times` took half a second and more; then `suggestion` says what to look at.
    """

    statement: str
    kind: str
    times: int
    mean_ms: float
    worst_ms: float
    slow: int = 0
    suggestion: str = ""


class RequestsReport(msgspec.Struct, frozen=True, kw_only=True):
    """Requests since the start of the process; `failures` were answered 500 and above. `p95_ms` is no more
    exact than the histogram that it is read from."""

    requests: int
    failures: int
    mean_ms: float
    p95_ms: float


class MigrationsReport(msgspec.Struct, frozen=True, kw_only=True):
    """`current` is None for a database that is away or empty."""

    current: str | None
    head: str | None
    pending: int


class SettingReport(msgspec.Struct, frozen=True, kw_only=True):
    """A setting by name. Of texts, which may hold passwords, `value` says only `set` or `not set`."""

    name: str
    value: str
    is_default: bool


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """One part that a service stands on. `problem` is a class or a sentence of ours."""

    name: str
    status: str
    problem: str = ""


class ProcessReport(msgspec.Struct, frozen=True, kw_only=True):
    """`events` are of the whole process: in an embedded hub all services tell the same."""

    service: str
    instance: str
    checks: tuple[CheckReport, ...]
    requests: RequestsReport
    settings: tuple[SettingReport, ...]
    migrations: MigrationsReport | None
    events: tuple[EventReport, ...]
    statements: tuple[StatementReport, ...]
