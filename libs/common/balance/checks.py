"""Asking every instance whether it is ready: on time, and out of turn when it owes an answer."""

from __future__ import annotations

from typing import Literal

import aiohttp
import msgspec
import structlog
from yarl import URL

from libs.common.balance.member import Member
from libs.common.balance.pool import Pool
from libs.common.clock import Clock
from libs.common.health import DRAINING, HealthReport
from libs.common.tasks import Tasks

log = structlog.get_logger(__name__)

Verdict = Literal["pass", "draining", "fail"]


class Checks:
    """Runs while there is a choice: with one instance there is nobody to prefer."""

    def __init__(self, pool: Pool, *, clock: Clock, tasks: Tasks) -> None:
        self._pool = pool
        self._clock = clock
        self._tasks = tasks

    def start(self) -> None:
        every_s = self._pool.policy.look_every_s
        name = f"check_{self._pool.service}_instances"
        self._tasks.every(name, every_s, self.look, clock=self._clock, at_once=True)

    async def look(self) -> None:
        """Check whoever is due, side by side: one that hangs takes its time."""
        if len(self._pool) < 2:
            return
        now = self._clock.monotonic()
        for member in self._pool.members:
            if not member.checking and (now >= member.next_check_at or self._is_worth_a_look(member)):
                member.checking = True
                self._tasks.spawn("check_instance", self._check(member))

    @staticmethod
    def _is_worth_a_look(member: Member) -> bool:
        """Who is away is looked at often, since it may be back: refusing a connection costs it nothing."""
        return member.failed_checks > 0 or not member.ready or member.is_suspect

    async def _check(self, member: Member) -> None:
        try:
            verdict = await asked(member, within_s=self._pool.policy.check_within_s)
        finally:
            member.checking = False
            member.next_check_at = self._clock.monotonic() + self._pool.policy.check_every_s
        if not member.gone:
            self.judge(member, verdict)

    def judge(self, member: Member, verdict: Verdict) -> None:
        policy = self._pool.policy
        was_ready = member.ready
        if verdict == "fail":
            member.failed_checks += 1
            member.passed_checks = 0
            # One that drained and fails now has ended: it must not look ready in between.
            member.failing = member.failing or member.draining or member.failed_checks >= policy.fails_out
        else:
            member.failed_checks = 0
            member.passed_checks += 1
            if member.failing and verdict == "pass" and member.passed_checks >= policy.passes_in:
                member.failing = False
                member.rehabilitate()
        member.draining = verdict == "draining"
        if member.failing and self._pool.has_another((member,)):
            member.give_up_waiting()
        if member.ready != was_ready:
            self._tell(member)

    def _tell(self, member: Member) -> None:
        names = {"service": self._pool.service, "instance": member.label}
        if member.ready:
            log.info("instance_ready", **names)
        elif member.draining:
            log.info("instance_draining", **names)
        else:
            log.warning("instance_failing", **names)


async def asked(member: Member, *, within_s: float) -> Verdict:
    """What `/readyz` says. Anything but a report counts as a failure."""
    try:
        async with member.session.get(
            URL(member.base + "/readyz"), timeout=aiohttp.ClientTimeout(total=within_s)
        ) as answer:
            if answer.status == 200:
                return "pass"
            report = msgspec.json.decode(await answer.read(), type=HealthReport)
    except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError):
        return "fail"
    return "draining" if report.state == DRAINING else "fail"
