"""Reads what streaming tells of what happened, keeps what is for Trakt, and says what it has used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.viewing import ViewingEvent
from libs.common.contracts.viewing_client import ViewingClient
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from services.sync.model import Owner
from services.sync.outgoing.taking import Wanted, taken
from services.sync.outgoing_model import NewOutgoing
from services.sync.store.connections import Connection, ConnectionStore
from services.sync.store.outgoing import OutgoingStore

LOOK_S: Final = 3.0
BATCH: Final = 500
CALL_S: Final = 30.0

log = structlog.get_logger(__name__)


class Reading:
    """Two replicas may read the same at once: what is told twice is kept once."""

    def __init__(
        self,
        viewing: ViewingClient,
        connections: ConnectionStore,
        store: OutgoingStore,
        clock: Clock,
        *,
        watched_share: float,
    ) -> None:
        self._viewing = viewing
        self._connections = connections
        self._store = store
        self._clock = clock
        self._watched_share = watched_share
        self._failing = False

    async def look(self) -> None:
        try:
            while await self.read() == BATCH:
                pass
        except HeadgateError as error:
            if not self._failing:
                log.warning("viewing_events_not_read", code=error.code)
            self._failing = True
        else:
            self._failing = False

    async def read(self) -> int:
        """How many events were told."""
        found = await self._viewing.events(limit=BATCH, deadline=self._within())
        if not found.items:
            return 0
        news = await self._wanted(found.items)
        if news:
            await self._store.take(news, epoch_ms(self._clock))
        # Only now: what is not kept yet is told again.
        await self._viewing.events_done([event.seq for event in found.items], deadline=self._within())
        return len(found.items)

    async def _wanted(self, events: Sequence[ViewingEvent]) -> list[NewOutgoing]:
        owners = {Owner(event.account_id, event.profile_id) for event in events}
        wanted = {owner: wanted_by(await self._connections.of(owner)) for owner in owners}
        news = []
        for event in events:
            wants = wanted[Owner(event.account_id, event.profile_id)]
            if wants is None:
                continue
            new = taken(event, wants, watched_share=self._watched_share, now_ms=epoch_ms(self._clock))
            if new is not None:
                news.append(new)
        return news

    def _within(self) -> Deadline:
        return Deadline.after(self._clock, CALL_S)


def wanted_by(connection: Connection | None) -> Wanted | None:
    """None for who was never connected. A connection that is refused may come back: its things wait."""
    if connection is None or connection.connected_at is None:
        return None
    choices = connection.choices
    return Wanted(
        scrobble=choices.scrobble,
        history=choices.write_history,
        watchlist=choices.write_watchlist,
        since_ms=connection.connected_at,
    )
