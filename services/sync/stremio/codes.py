"""Asking Stremio whether codes were confirmed: for everybody who waits, by one replica at a time."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.deadline import Deadline
from libs.common.http import FetchError
from libs.protocols.stremio_api.client import StremioApi
from libs.protocols.stremio_api.errors import CodePending, StremioApiError
from services.sync.code_looks import CodeLooks
from services.sync.store.stremio import StremioConnection, StremioStore
from services.sync.stremio.connections import CODE_EVERY_S, CONNECTED, StoredCode
from services.sync.stremio.errors import StremioUnreadable
from services.sync.stremio.reasons import CODE_EXPIRED, UNREADABLE
from services.sync.stremio.sealing import Sealing

AT_ONCE: Final = 20
CALL_S: Final = 10.0
LATER_S: Final = 15.0
"""After Stremio could not be asked."""

log = structlog.get_logger(__name__)


class Codes:
    """One for the process."""

    def __init__(self, store: StremioStore, sealing: Sealing, api: StremioApi, clock: Clock) -> None:
        self._store = store
        self._sealing = sealing
        self._api = api
        self._clock = clock
        self.looks = CodeLooks(self.look, clock)

    async def look(self) -> int | None:
        """Ask about every code whose turn it is; when the next one's is."""
        due = await self._store.due("waiting", now=epoch_ms(self._clock), limit=AT_ONCE)
        # Together: where Stremio hangs, one after the other would outlast the codes.
        await asyncio.gather(*(self._look_at(held) for held in due))
        return await self._store.next_due("waiting")

    async def _look_at(self, held: StremioConnection) -> None:
        # Longer than a call takes: a code gives its key once, and two replicas would ask for it.
        if await self._store.claim(held, until=epoch_ms(self._clock) + int((CALL_S + CODE_EVERY_S) * 1000)):
            await self._ask(held)

    async def _ask(self, held: StremioConnection) -> None:
        if epoch_ms(self._clock) >= held.code_ends_at:
            await self._store.refuse(held.id, CODE_EXPIRED)
            return
        try:
            code = self._sealing.open(held.owner, "code", held.sealed_code or b"", StoredCode)
        except StremioUnreadable:
            await self._store.refuse(held.id, UNREADABLE)
            return
        within = Deadline.after(self._clock, CALL_S)
        try:
            key = await self._api.read_code(code.code, deadline=within)
        except CodePending:
            await self._later(held, CODE_EVERY_S)
            return
        except (StremioApiError, FetchError) as error:
            await self._later(held, max(LATER_S, error.retry_after_s or 0.0))
            return
        sealed = self._sealing.seal_key(held.owner, key)
        # Kept before anything else is asked: Stremio gives it once.
        if not await self._store.confirmed(held.id, sealed, at=epoch_ms(self._clock)):
            return
        log.info(CONNECTED, connection=held.id, account=held.owner.account_id)
        try:
            user = await self._api.user(key, deadline=within)
        except (StremioApiError, FetchError):
            return
        await self._store.name(held.id, user.id, user.email)

    async def _later(self, held: StremioConnection, after_s: float) -> None:
        await self._store.ask_later(held.id, at=epoch_ms(self._clock) + int(after_s * 1000))
