"""Liveness and readiness. Liveness never asks a dependency: restarting us wouldn't repair it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from aiohttp import web

from libs.common.clock import Clock, SystemClock
from libs.common.errors import HeadgateError, Unavailable

CONTENT_TYPE = "application/health+json"
CHECK_WITHIN_S = 2.0
MIB = 1024 * 1024
KEPT_FOR_S = 1.0  # probes of several balancers, or of strangers, cost one round of checks a second

DRAINING = "draining"

Check = Callable[[], Awaitable[None]]
State: TypeAlias = Literal["serving", "draining"]
"""Balancers leave one that is `draining` at once, without holding it against it."""


class CheckResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """`output` says what failed, without anything a stranger may not know."""

    status: str
    output: str = ""


class InstanceHealth(msgspec.Struct, frozen=True):
    """One instance of a service we ask. A stranger may read it, so it names no address."""

    id: str
    state: str


class HealthReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """ "pass"; "warn" when something optional is out; "fail" when we can't serve."""

    status: str
    output: str = ""
    checks: dict[str, CheckResult] = {}
    state: str = "serving"
    rss_bytes: int = 0
    instances: dict[str, list[InstanceHealth]] = {}


@dataclass(frozen=True, slots=True)
class _Named:
    check: Check
    required: bool


class Health:
    """The checks of one app and its three routes."""

    def __init__(self, *, clock: Clock | None = None, check_within_s: float = CHECK_WITHIN_S) -> None:
        self._clock: Clock = clock if clock is not None else SystemClock()
        self._check_within_s = check_within_s
        self._checks: dict[str, _Named] = {}
        self._state: State = "serving"
        self._when_listening: list[Callable[[int], None]] = []
        self._when_draining: list[Callable[[], None]] = []
        self._instances: dict[str, Callable[[], list[InstanceHealth]]] = {}
        self._results: dict[str, CheckResult] = {}
        self._results_until = float("-inf")
        self._lock = asyncio.Lock()

    def add(self, name: str, check: Check, *, required: bool = True) -> None:
        """`check` raises when its part is out. Without a required part we are not ready."""
        self._checks[name] = _Named(check, required)
        self._results_until = float("-inf")

    def add_instances(self, service: str, instances: Callable[[], list[InstanceHealth]]) -> None:
        """Name the instances of `service` to whoever wants to know all."""
        self._instances[service] = instances

    def when_listening(self, tell: Callable[[int], None]) -> None:
        """Have `tell` called with the TCP port (0 on a socket), once the app can be asked there."""
        self._when_listening.append(tell)

    def when_draining(self, tell: Callable[[], None]) -> None:
        self._when_draining.append(tell)

    def set_listening(self, port: int) -> None:
        for tell in self._when_listening:
            tell(port)

    def set_draining(self) -> None:
        """From now on not ready, so that balancers send their next requests elsewhere."""
        if self._state == DRAINING:
            return
        self._state = "draining"
        for tell in self._when_draining:
            tell()

    @property
    def draining(self) -> bool:
        return self._state == DRAINING

    async def report(self) -> HealthReport:
        if self.draining:
            return HealthReport("fail", "shutting down", state=DRAINING)
        async with self._lock:
            if self._clock.monotonic() >= self._results_until:
                self._results = await self._run()
                self._results_until = self._clock.monotonic() + KEPT_FOR_S
        failed = [name for name, result in self._results.items() if result.status != "pass"]
        required = any(self._checks[name].required for name in failed)
        status = "fail" if required else "warn" if failed else "pass"
        return HealthReport(status, checks=self._results, state=self._state)

    async def livez(self, _request: web.Request) -> web.Response:
        return _answer(HealthReport("pass"))

    async def readyz(self, request: web.Request) -> web.Response:
        report = await self.report()
        if "verbose" not in request.query:
            return _answer(HealthReport(report.status, report.output, state=report.state))
        instances = {service: shown() for service, shown in self._instances.items()}
        return _answer(msgspec.structs.replace(report, rss_bytes=rss_bytes(), instances=instances))

    async def _run(self) -> dict[str, CheckResult]:
        results = await asyncio.gather(*(self._run_one(named.check) for named in self._checks.values()))
        return dict(zip(self._checks, results, strict=True))

    async def _run_one(self, check: Check) -> CheckResult:
        try:
            async with asyncio.timeout(self._check_within_s):
                await check()
        except TimeoutError:
            return CheckResult("fail", f"no answer within {self._check_within_s:.0f} s")
        except HeadgateError as error:
            return CheckResult("fail", str(error))
        except (
            Exception
        ) as error:  # it may fail in any way, and the message may hold an address with a password
            return CheckResult("fail", type(error).__name__)
        return CheckResult("pass")


def memory_below(warn_bytes: int) -> Check:
    """A check that warns an operator before the kernel ends us."""

    async def check() -> None:
        used = rss_bytes()
        if used > warn_bytes:
            raise Unavailable(f"{used // MIB} MiB in use, more than {warn_bytes // MIB} MiB.")

    return check


def rss_bytes() -> int:
    """The memory this process holds; 0 where the system doesn't say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _answer(report: HealthReport) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(report),
        status=503 if report.status == "fail" else 200,
        headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"},
    )
