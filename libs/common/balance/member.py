"""One instance of a service: its connections, what it owes, and what speaks against it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from libs.common.balance.addresses import label_of
from libs.common.balance.errors import InstanceFailed
from libs.common.balance.model import BalancePolicy
from libs.common.clock import Clock
from libs.common.http import ClientSession, make_session
from libs.common.resilience import Breaker
from libs.common.states import InstancePhase, InstanceState

log = structlog.get_logger(__name__)

CONNECTIONS = 512
KEEPALIVE_S = 1.0
"""An instance that ends answers on open connections for longer than this (`HEADGATE_DRAIN_S`), so it closes
none just when it is used."""


@dataclass(eq=False, slots=True)
class Wait:
    """A call that waits for an answer's head. `scope` can end it; None where nobody else may be asked."""

    since: float
    scope: asyncio.Timeout | None


class Member:
    """Its breaker opening is its ejection: for `eject_s`, twice as long each time a probe fails.

    `ejected` is told its label each time.
    """

    def __init__(
        self,
        service: str,
        url: str,
        *,
        clock: Clock,
        policy: BalancePolicy,
        ejected: Callable[[str], None] | None = None,
    ) -> None:
        self.url = url
        self.label = label_of(url)
        self.id = hashlib.sha256(url.encode()).hexdigest()[:8]
        unix_path = url.removeprefix("unix:") if url.startswith("unix:") else None
        self.base = f"http://{service}.internal" if unix_path else url
        # Every connection of the session goes to this one instance, so only the whole is bounded.
        self.session: ClientSession = make_session(
            unix_path=unix_path, limit=CONNECTIONS, limit_per_host=0, keepalive_s=KEEPALIVE_S
        )
        self.outstanding = 0
        self.failed_checks = 0
        self.passed_checks = 0
        self.failing = False
        self.draining = False
        self.checking = False
        self.next_check_at = 0.0
        self.gone = False
        self._service = service
        self._clock = clock
        self._policy = policy
        self._ejected = ejected
        self._heard_at = 0.0
        self._waits: set[Wait] = set()
        self._ejections = 0
        self._breaker = self._new_breaker()
        # What is asked for at each choice, kept here: the breaker's own state takes three look-ups.
        self._is_closed = True
        self._opened = 0

    @property
    def ready(self) -> bool:
        return not self.failing and not self.draining

    @property
    def admits(self) -> bool:
        """Whether its breaker lets a call through now."""
        return self._is_closed or self._breaker.admits

    @property
    def ejected_for_s(self) -> float:
        return self._breaker.retry_after_s

    def shown(self, *, ejected: bool) -> InstanceState:
        return InstanceState(
            service=self._service,
            id=self.id,
            address=self.url,
            state=self._phase(ejected),
            outstanding=self.outstanding,
            ejected_until_s=round(self.ejected_for_s, 3),
            ejections=self._ejections,
            failed_checks=self.failed_checks,
        )

    def _phase(self, ejected: bool) -> InstancePhase:
        """`draining`: it ends and said so. `failing`: its checks fail. `ejected`: calls to it failed."""
        if self.draining:
            return "draining"
        if self.failing:
            return "failing"
        return "ejected" if ejected else "up"

    @contextmanager
    def owing(self, scope: asyncio.Timeout | None) -> Iterator[None]:
        """From the question to the head of its answer."""
        wait = Wait(self._clock.monotonic(), scope)
        self._waits.add(wait)
        try:
            yield
        finally:
            self._waits.discard(wait)

    def heard(self) -> None:
        """It answered something, so it lives."""
        self._heard_at = self._clock.monotonic()

    @property
    def is_suspect(self) -> bool:
        """Whether it has owed an answer for long and said nothing to anybody meanwhile."""
        oldest = min((wait.since for wait in self._waits), default=None)
        if oldest is None:
            return False
        return max(oldest, self._heard_at) + self._policy.suspect_s <= self._clock.monotonic()

    def give_up_waiting(self) -> None:
        """Whoever waits for it and may ask another does so now."""
        now = asyncio.get_running_loop().time()
        for wait in self._waits:
            if wait.scope is not None and not wait.scope.expired():
                wait.scope.reschedule(now)

    async def judged(self, call: Callable[[], Awaitable[None]]) -> None:
        """`call` through the breaker. In a panic, when an open one is asked all the same, around it."""
        if not self.admits:
            await call()
            return
        try:
            await self._breaker.call(call, is_failure=_speaks_against)
        finally:
            self._is_closed = self._breaker.state == "closed"
            if self._breaker.opened > self._opened:
                self._note_ejection()

    def rehabilitate(self) -> None:
        """It passes its checks again after it had failed them: what was held against it is over."""
        self._breaker = self._new_breaker()
        self._is_closed, self._opened = True, 0

    def _note_ejection(self) -> None:
        self._opened = self._breaker.opened
        self._ejections += 1
        if self._ejected is not None:
            self._ejected(self.label)

    def _new_breaker(self) -> Breaker:
        return Breaker(
            f"{self._service}@{self.label}",
            clock=self._clock,
            fail_max=self._policy.ejected_after,
            reset_s=self._policy.eject_s,
            max_reset_s=self._policy.max_eject_s,
        )

    async def aclose(self) -> None:
        await self.session.close()


def _speaks_against(error: Exception) -> bool:
    return isinstance(error, InstanceFailed) and error.is_failure
