"""What becomes of a thing that Trakt did not take, and when its owner's next one is tried."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import structlog
from prometheus_client import Counter

from libs.common.clock import Clock, epoch_ms
from libs.common.deadline import Deadline
from libs.protocols.trakt.client import TraktClient
from libs.protocols.trakt.errors import LimitReached, TooMany, TraktError, Unavailable
from services.sync.model import Owner
from services.sync.outgoing_model import LIVE, Outgoing
from services.sync.store.outgoing import OutgoingStore
from services.sync.store.outgoing_senders import SenderStore
from services.sync.trakt.tokens import refusal_of

FIRST_REST_S: Final = 2.0
LONGEST_REST_S: Final = 300.0
REFUSED_REST_S: Final = 60.0
"""Whether the connection may be used again is looked at so often."""
MOST_FAILURES: Final = 12
"""In a row, which takes half an hour. Then it is what is sent that Trakt can't bear, if it answers else."""
SETTLE_S: Final = 5.0
"""After a call is over here, Trakt may still be at it."""

HISTORY_FULL: Final = "The history of the account at Trakt is full."
HOPELESS: Final = "Trakt has failed at this again and again, while it answers otherwise."

log = structlog.get_logger(__name__)


class Failing:
    """`told` counts what went to Trakt by its outcome."""

    def __init__(
        self,
        store: OutgoingStore,
        senders: SenderStore,
        clock: Clock,
        *,
        call_s: float,
        told: Counter,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._store = store
        self._senders = senders
        self._clock = clock
        self._call_s = call_s
        self._told = told
        self._uniform = uniform

    async def failed(self, client: TraktClient, one: Outgoing, error: TraktError) -> bool:
        """Whether the next may follow at once."""
        if error.acted is False:
            await self._store.wait_again(one)
        if refusal_of(error):
            # The connection says it in words, and nothing is asked until its owner has done something.
            await self.refused(one.owner, str(error))
            return False
        if isinstance(error, LimitReached):
            await self.bury(one, await _limit_in_words(client, one))
            return True
        if error.acted is not False:
            return await self._nobody_knows(client, one, error)
        if isinstance(error, TooMany | Unavailable):
            await self.rest(one.owner, error)
            return False
        await self._not_taken(one, error)
        return True

    async def refused(self, owner: Owner, reason: str) -> None:
        await self.put_off(owner, REFUSED_REST_S, 0, reason)

    async def rest(self, owner: Owner, error: TraktError) -> None:
        failures = await self._senders.failures(owner) + 1
        rest_s = error.retry_after_s
        if rest_s is None:
            steady_s = min(LONGEST_REST_S, FIRST_REST_S * 2 ** min(failures - 1, 10))
            rest_s = steady_s * self._uniform(0.75, 1.25)
        if error.acted is not False:
            rest_s = max(rest_s, SETTLE_S)
        log.info("outgoing_rests", reason=error.reason, failures=failures, rest_s=round(rest_s, 1))
        await self.put_off(owner, rest_s, failures, str(error))

    async def put_off(self, owner: Owner, rest_s: float, failures: int, reason: str) -> None:
        not_before = epoch_ms(self._clock) + round(rest_s * 1000)
        await self._senders.put_off(owner, not_before, failures=failures, reason=reason)

    async def bury(self, one: Outgoing, reason: str) -> None:
        await self._store.bury(one, reason, epoch_ms(self._clock))
        self._told.labels("not_taken").inc()

    async def _nobody_knows(self, client: TraktClient, one: Outgoing, error: TraktError) -> bool:
        """Whether it was done is looked at before the next try, unless there is none."""
        # The call is over here: there is less to wait for than after a process that died.
        await self._store.left_open(one, epoch_ms(self._clock) - round(self._call_s * 1000))
        if not await self._is_hopeless(client, one):
            await self.rest(one.owner, error)
            return False
        await self.bury(one, HOPELESS)
        await self._senders.go_on(one.owner)
        return True

    async def _is_hopeless(self, client: TraktClient, one: Outgoing) -> bool:
        """Whether it alone is in the way: Trakt has failed at it just now, and doesn't at all else."""
        if await self._senders.failures(one.owner) < MOST_FAILURES:
            return False
        try:
            await client.last_activities(deadline=Deadline.after(self._clock, self._call_s))
        except TraktError:
            return False
        return True

    async def _not_taken(self, one: Outgoing, error: TraktError) -> None:
        if one.kind in LIVE:
            # Of no use later, so that its owner need not hear of it.
            await self._store.end(one, epoch_ms(self._clock), reason=error.reason)
        else:
            await self.bury(one, str(error))


async def _limit_in_words(client: TraktClient, one: Outgoing) -> str:
    """How much the watchlist may hold is asked for."""
    if one.kind != "list":
        return HISTORY_FULL
    try:
        limits = (await client.settings()).limits
    except TraktError:
        limits = None
    most = limits.watchlist.item_count if limits is not None and limits.watchlist is not None else None
    said = "" if most is None else f" of {most:,}"
    return f"The watchlist of the account at Trakt has reached its limit{said}. Make room there first."
