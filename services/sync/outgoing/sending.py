"""An owner's things go to Trakt one after the other, each marked on disk before it is sent."""

from __future__ import annotations

from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.deadline import Deadline
from libs.common.metrics import Metrics
from libs.protocols.trakt.client import TraktClient
from libs.protocols.trakt.errors import TraktError
from services.sync.model import Owner
from services.sync.outgoing.failing import SETTLE_S, Failing
from services.sync.outgoing.reading import wanted_by
from services.sync.outgoing.taking import Wanted
from services.sync.outgoing.writing import Landed, Missed, Writing
from services.sync.outgoing_model import FRESH_MS, LIVE, Outgoing
from services.sync.store.connections import ConnectionStore
from services.sync.store.outgoing import OutgoingStore
from services.sync.store.outgoing_senders import SenderStore
from services.sync.trakt.access import Access
from services.sync.trakt.refusals import Refusal

TURN_S: Final = 10.0
"""After it others come first: what waits after a week without a line takes hours, and senders are few."""

CLOCKS_APART_S: Final = 2.0
CLOCKS_APART: Final = "sync_clocks_apart"

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
        self._told = metrics.counter(
            "trakt_outgoing_total", "What went to Trakt of what happened here, by outcome.", ("outcome",)
        )
        self._failing = Failing(store, senders, clock, call_s=call_s, told=self._told)

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
            return await self._failing.failed(client, one, error)

    async def _client(self, owner: Owner) -> TraktClient | None:
        """None where nothing can be asked now: it is tried again later."""
        try:
            client = await self._access.client(owner)
        except TraktError as error:
            await self._failing.rest(owner, error)
            return None
        if isinstance(client, Refusal):
            await self._failing.refused(owner, client.text)
            return None
        return client

    async def _is_there(self, client: TraktClient, one: Outgoing) -> bool | None:
        """Whether it was done by whoever began it, here or elsewhere; None where that can't be said yet."""
        left_ms = one.sent_at + self._call_ms + round(SETTLE_S * 1000) - epoch_ms(self._clock)
        if left_ms > 0:
            await self._failing.put_off(
                one.owner, left_ms / 1000, await self._senders.failures(one.owner), ""
            )
            return None
        try:
            landed = await self._writing.find(client, one)
        except TraktError as error:
            # Nothing was asked to be done, and so nothing is known of what was before.
            await self._failing.rest(one.owner, error)
            return None
        if landed is None:
            return False
        await self._landed(one, landed, "found")
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
            await self._failing.bury(one, outcome.reason)
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
        scrobbles = one.kind == "play" and wanted.scrobble and self._writing.counts(one, now)
        return wanted.history or scrobbles

    async def _landed(self, one: Outgoing, landed: Landed, outcome: str) -> None:
        await self._store.end(one, epoch_ms(self._clock), landed_at=landed.at)
        self._told.labels(outcome).inc()
        if await self._senders.failures(one.owner):
            await self._senders.go_on(one.owner)
