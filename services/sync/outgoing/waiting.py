"""What an owner sees of what is to reach Trakt, and does about what could not."""

from __future__ import annotations

from typing import Final

from libs.common.clock import Clock, epoch_ms
from services.sync.errors import OutgoingNotFound
from services.sync.model import Owner
from services.sync.outgoing_model import Outgoing, Queue
from services.sync.store.outgoing import OutgoingStore
from services.sync.store.outgoing_senders import SenderStore

SHOWN: Final = 100


class Waiting:
    def __init__(self, store: OutgoingStore, senders: SenderStore, clock: Clock) -> None:
        self._store = store
        self._senders = senders
        self._clock = clock

    async def view(self, owner: Owner) -> tuple[Queue, list[Outgoing]]:
        """The newest of what could not be sent."""
        return await self._store.queue(owner), await self._store.dead(owner, SHOWN)

    async def go_on(self, owner: Owner) -> None:
        """At once, where it rests until something is tried again."""
        await self._senders.go_on(owner)

    async def resend(self, owner: Owner, id_: int) -> None:
        """Raises OutgoingNotFound."""
        if not await self._store.resend(owner, id_):
            raise OutgoingNotFound("Nothing of that number could not be sent.")
        await self._senders.go_on(owner)

    async def drop(self, owner: Owner, id_: int) -> None:
        """Raises OutgoingNotFound."""
        if not await self._store.drop(owner, id_, epoch_ms(self._clock)):
            raise OutgoingNotFound("Nothing of that number could not be sent.")
