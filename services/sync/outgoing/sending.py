"""An owner's things go to Trakt one after the other, each marked on disk before it is sent."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.deadline import Deadline
from libs.common.metrics import Metrics
from libs.protocols.trakt.client import TraktClient
from libs.protocols.trakt.errors import LimitReached, TooMany, TraktError, Unavailable
from services.sync.model import Owner
from services.sync.outgoing.reading import wanted_by
from services.sync.outgoing.taking import Wanted
from services.sync.outgoing.writing import Landed, Missed, Writing
from services.sync.outgoing_model import FRESH_MS, LIVE, Outgoing
from services.sync.store.connections import ConnectionStore
from services.sync.store.outgoing import OutgoingStore
from services.sync.store.outgoing_senders import SenderStore
from services.sync.trakt.access import Access
from services.sync.trakt.refusals import Refusal
from services.sync.trakt.tokens import refusal_of

FIRST_REST_S: Final = 2.0
LONGEST_REST_S: Final = 300.0
REFUSED_REST_S: Final = 60.0
"""Whether the connection may be used again is looked at so often."""
MOST_FAILURES: Final = 12
"""In a row, which takes half an hour. Then it is what is sent that Trakt can't bear, if it answers else."""
TURN_S: Final = 10.0
"""After it others come first: what waits after a week without a line takes hours, and senders are few."""
SETTLE_S: Final = 5.0
"""After a call is over here, Trakt may still be at it."""

CLOCKS_APART_S: Final = 2.0
CLOCKS_APART: Final = "sync_clocks_apart"

HOPELESS: Final = "Trakt has failed at this again and again, while it answers otherwise."

log = structlog.get_logger(__name__)


class Sending:
    """`sender` names this process in leases."""

    def __init__(
        self,
        store: OutgoingStore,
        senders: SenderStore,
        connections: ConnectionStore,
        access: Access,
        clock: Clock,
        *,
        sender: str,
        call_s: float,
        lease_s: float,
        metrics: Metrics,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._store = store
        self._senders = senders
        self._connections = connections
        self._access = access
        self._clock = clock
        self._writing = Writing(store, clock, call_s=call_s)
        self._sender = sender
        self._call_ms = round(call_s * 1000)
        self._lease_ms = round(lease_s * 1000)
        self._uniform = uniform
        self._told = metrics.counter(
            "trakt_outgoing_total", "What went to Trakt of what happened here, by outcome.", ("outcome",)
        )

    async def send_all(self, owner: Owner) -> None:
        """Until nothing is left, something has to be waited for, or it is somebody else's turn."""
        now = epoch_ms(self._clock)
        if not await self._senders.claim(owner, self._sender, now, now + self._lease_ms):
            return
        turn = Deadline.after(self._clock, TURN_S)
        try:
            while await self._send_next(owner) and not turn.expired:
                if not await self._senders.renew(owner, self._sender, epoch_ms(self._clock) + self._lease_ms):
                    await self._look_at_clocks(owner)
                    return
        finally:
            await self._senders.release(owner, self._sender, epoch_ms(self._clock))

    async def _look_at_clocks(self, owner: Owner) -> None:
        """The lease was lost: before its time where a clock is ahead, and plays may be sent twice then."""
        ahead_ms = await self._senders.leased_until(owner) - epoch_ms(self._clock) - self._lease_ms
        if ahead_ms > CLOCKS_APART_S * 1000:
            log.warning(CLOCKS_APART, seconds=round(ahead_ms / 1000, 1))

    async def _send_next(self, owner: Owner) -> bool:
        """Whether the next may follow at once."""
        one = await self._store.head(owner)
        if one is None:
            return False
        connection = await self._connections.of(owner)
        wanted = wanted_by(connection)
        if wanted is None:
            await self._store.forget(owner, ended="" if connection is None else connection.id)
            return False
        client = await self._client(owner)
        if client is None:
            return False
        if one.state == "sending":
            there = await self._is_there(client, one)
            if there is not False:
                return there is True
        try:
            return await self._tell(client, one, wanted)
        except TraktError as error:
            return await self._failed(client, one, error)

    async def _client(self, owner: Owner) -> TraktClient | None:
        """None where nothing can be asked now: it is tried again later."""
        try:
            client = await self._access.client(owner)
        except TraktError as error:
            await self._rest(owner, error)
            return None
        if isinstance(client, Refusal):
            await self._put_off(owner, REFUSED_REST_S, 0, client.text)
            return None
        return client

    async def _is_there(self, client: TraktClient, one: Outgoing) -> bool | None:
        """Whether it was done by whoever began it, here or elsewhere; None where that can't be said yet."""
        left_ms = one.sent_at + self._call_ms + round(SETTLE_S * 1000) - epoch_ms(self._clock)
        if left_ms > 0:
            await self._put_off(one.owner, left_ms / 1000, await self._senders.failures(one.owner), "")
            return None
        try:
            landed = await self._writing.find(client, one)
        except TraktError as error:
            # Nothing was asked to be done, and so nothing is known of what was before.
            await self._rest(one.owner, error)
            return None
        if landed is None:
            return False
        await self._landed(one, landed, "found")
        return True

    async def _is_hopeless(self, client: TraktClient, one: Outgoing) -> bool:
        """Whether it alone is in the way: Trakt has failed at it just now, and doesn't at all else."""
        if await self._senders.failures(one.owner) < MOST_FAILURES:
            return False
        try:
            await client.last_activities(deadline=Deadline.after(self._clock, self._call_ms / 1000))
        except TraktError:
            return False
        return True

    async def _tell(self, client: TraktClient, one: Outgoing, wanted: Wanted) -> bool:
        if not self._is_wanted(one, wanted):
            await self._store.end(one, epoch_ms(self._clock), reason="not wanted")
            return True
        if not await self._store.begin(one, self._sender, epoch_ms(self._clock)):
            # Superseded a moment ago, or somebody else's to send: the next look at the rows tells.
            return True
        outcome = await self._writing.write(client, one, scrobble=wanted.scrobble)
        if isinstance(outcome, Missed):
            await self._bury(one, outcome.reason)
        else:
            await self._landed(one, outcome, "told")
        return True

    def _is_wanted(self, one: Outgoing, wanted: Wanted) -> bool:
        """What its owner has switched off since is not told; nor is a position of long ago."""
        now = epoch_ms(self._clock)
        if one.kind in LIVE:
            return wanted.scrobble and one.at > now - FRESH_MS
        if one.kind in {"list", "unlist"}:
            return wanted.watchlist
        scrobbles = one.kind == "play" and wanted.scrobble and self._writing.is_scrobble(one, now)
        return wanted.history or scrobbles

    async def _bury(self, one: Outgoing, reason: str) -> None:
        await self._store.bury(one, reason, epoch_ms(self._clock))
        self._told.labels("not_taken").inc()

    async def _landed(self, one: Outgoing, landed: Landed, outcome: str) -> None:
        await self._store.end(one, epoch_ms(self._clock), landed_at=landed.at)
        self._told.labels(outcome).inc()
        if await self._senders.failures(one.owner):
            await self._senders.go_on(one.owner)

    async def _failed(self, client: TraktClient, one: Outgoing, error: TraktError) -> bool:
        if error.acted is False:
            await self._store.wait_again(one)
        if refusal_of(error):
            # The connection says it in words, and nothing is asked until its owner has done something.
            await self._put_off(one.owner, REFUSED_REST_S, 0, str(error))
            return False
        if isinstance(error, LimitReached):
            await self._bury(one, await self._limit(client, one))
            return True
        if error.acted is not False:
            # The call is over here: there is less to wait for than after a process that died.
            await self._store.left_open(one, epoch_ms(self._clock) - self._call_ms)
        if error.acted is not False and await self._is_hopeless(client, one):
            await self._bury(one, HOPELESS)
            await self._senders.go_on(one.owner)
            return True
        if error.acted is not False or isinstance(error, TooMany | Unavailable):
            await self._rest(one.owner, error)
            return False
        if one.kind in LIVE:
            await self._store.end(one, epoch_ms(self._clock), reason=error.reason)
        else:
            await self._bury(one, str(error))
        return True

    async def _rest(self, owner: Owner, error: TraktError) -> None:
        failures = await self._senders.failures(owner) + 1
        rest_s = error.retry_after_s
        if rest_s is None:
            rest_s = min(LONGEST_REST_S, FIRST_REST_S * 2 ** min(failures - 1, 10)) * self._uniform(
                0.75, 1.25
            )
        if error.acted is not False:
            rest_s = max(rest_s, SETTLE_S)
        log.info("outgoing_rests", reason=error.reason, failures=failures, rest_s=round(rest_s, 1))
        await self._put_off(owner, rest_s, failures, str(error))

    @staticmethod
    async def _limit(client: TraktClient, one: Outgoing) -> str:
        """In words; how much the watchlist may hold is asked for."""
        if one.kind != "list":
            return "The history of the account at Trakt is full."
        try:
            limits = (await client.settings()).limits
        except TraktError:
            limits = None
        most = limits.watchlist.item_count if limits is not None and limits.watchlist is not None else None
        said = "" if most is None else f" of {most:,}"
        return f"The watchlist of the account at Trakt has reached its limit{said}. Make room there first."

    async def _put_off(self, owner: Owner, rest_s: float, failures: int, reason: str) -> None:
        not_before = epoch_ms(self._clock) + round(rest_s * 1000)
        await self._senders.put_off(owner, not_before, failures=failures, reason=reason)
