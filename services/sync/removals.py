"""Taking away what services hold of accounts and profiles that auth has removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from libs.common.clock import Clock
from libs.common.contracts.auth import AuthClient
from libs.common.contracts.removals import Removal
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError

LOOK_S = 15.0
BATCH = 100
CALL_S = 30.0
SETTLED = timedelta(minutes=5)
"""A call that began before its account was removed may still write after it. None lives as long as this, nor
does an identity that a gateway remembers: what is followed once more after it is followed for good."""

log = structlog.get_logger(__name__)

Forget = Callable[[Removal, Deadline], Awaitable[None]]


class Removals:
    """Followed at every look until they have settled; then auth is told that they are done.

    Following twice removes nothing twice. So this needs neither a job's row nor a lease: a look that is cut
    off, or that two replicas take at once, does no harm.
    """

    def __init__(self, auth: AuthClient, holders: Sequence[Forget], clock: Clock) -> None:
        self._auth = auth
        self._holders = holders
        self._clock = clock
        self._failing = False

    async def look(self) -> None:
        try:
            while await self._follow() == BATCH:
                pass
        except HeadgateError as error:
            if not self._failing:
                log.warning("removals_not_followed", code=error.code)
            self._failing = True
        else:
            if self._failing:
                log.info("removals_followed_again")
            self._failing = False

    async def _follow(self) -> int:
        """How many of a batch had settled: a full batch of them may have others behind it."""
        listed = await self._auth.removals(limit=BATCH, deadline=self._within())
        for removal in listed.items:
            for forget in self._holders:
                await forget(removal, self._within())
        settled = tuple(removal.id for removal in listed.items if self._is_settled(removal))
        if settled:
            await self._auth.removals_done(settled, deadline=self._within())
        return len(settled)

    def _is_settled(self, removal: Removal) -> bool:
        return self._clock.now() - removal.at >= SETTLED

    def _within(self) -> Deadline:
        return Deadline.after(self._clock, CALL_S)
