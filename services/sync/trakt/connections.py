"""A profile's connection to Trakt as its owner sees and changes it; it is asked only where that is said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms, moment_of, moment_or_none
from libs.common.contracts.connections import (
    ConnectionBrief,
    NewTrakt,
    TraktPatch,
    TraktView,
    WaitingCode,
    patched,
)
from libs.common.contracts.removals import Removal
from libs.common.deadline import Deadline
from libs.common.errors import InvalidInput, RateLimited
from libs.protocols.trakt.app import TraktApp
from libs.protocols.trakt.errors import AppRefused, TooMany, TraktError
from services.sync.errors import AlreadyConnected
from services.sync.model import JobRun, Owner
from services.sync.sign_ins import SignInLimit
from services.sync.store.connections import Connection, ConnectionStore
from services.sync.trakt.device import SignIns
from services.sync.trakt.errors import ConnectionNotFound, ConnectionRefused, TraktAppRefused, TraktAway
from services.sync.trakt.refusals import APP_REFUSED, NOT_CONNECTED, TEXTS, WAITING, said
from services.sync.trakt.sealing import Sealing, Unsealable
from services.sync.trakt.tokens import TokenKeeper

REVOKING_S: Final = 5.0
LEAVING_S: Final = 60.0
"""Longer than leaving takes: what is not gone then was given up by whoever began it."""
SWEEP_S: Final = 30.0
BETWEEN_S: Final = 20.0
"""Two syncs that are asked for are this far apart at least."""
FRESH_S: Final = 60.0
"""What was read so lately isn't read again only because a client woke up."""
SHOWN: Final = 4

DISCONNECTED: Final = "trakt_disconnected"
RESUMED: Final = "trakt_resumed"

log = structlog.get_logger(__name__)

Left = Callable[[Connection], Awaitable[None]]
Start = Callable[[Connection], Awaitable[JobRun]]
Running = Callable[[Connection], Awaitable[JobRun | None]]


class TraktConnections:
    """`start` begins a sync, `running` is the one that is at work. `left` are told of each connection that is
    left, maybe more than once, to remove what they keep of it and of no newer one."""

    def __init__(
        self,
        store: ConnectionStore,
        sign_ins: SignIns,
        keeper: TokenKeeper,
        sealing: Sealing,
        *,
        start: Start,
        running: Running,
        left: Sequence[Left],
        limit: SignInLimit,
        clock: Clock,
    ) -> None:
        self._store = store
        self._sign_ins = sign_ins
        self._keeper = keeper
        self._sealing = sealing
        self._start = start
        self._running = running
        self._left = left
        self._limit = limit
        self._clock = clock

    async def brief(self, owner: Owner) -> ConnectionBrief:
        held = await self._store.of(owner)
        if held is None:
            return ConnectionBrief(kind="trakt", state="none")
        return ConnectionBrief(
            kind="trakt",
            state=held.state,
            name=held.trakt_name,
            reason=said(held.reason),
            synced_at=moment_or_none(held.synced_at),
        )

    async def view(self, owner: Owner) -> TraktView:
        held = await self._store.of(owner)
        if held is None:
            return TraktView()
        run = await self._running(held)
        return TraktView(
            state=held.state,
            waiting=_waiting(held),
            reason=said(held.reason),
            remark=said(held.remark) if held.state == "connected" else None,
            can_resume=held.state == "refused" and held.sealed_tokens is not None,
            name=held.trakt_name,
            app_ending=self._app_ending(held),
            choices=held.choices,
            connected_at=moment_or_none(held.connected_at),
            synced_at=moment_or_none(held.synced_at),
            job_id=None if run is None else run.id,
        )

    async def connect(self, owner: Owner, wanted: NewTrakt, *, deadline: Deadline) -> TraktView:
        """Ask Trakt for a code. A former try, or a connection that is refused, gives way to it.

        Raises AlreadyConnected, TraktAppRefused, TraktAway, RateLimited.
        """
        held = await self._store.of(owner)
        if held is not None and held.state == "connected":
            raise AlreadyConnected()
        await self._leave_former(owner, deadline)
        try:
            app = self._app(held, wanted)
            await self._limit.take(owner.account_id, "trakt")
            begun = await self._sign_ins.begin(owner, app, deadline=deadline)
        except AppRefused:
            raise TraktAppRefused(
                "Trakt does not take this client ID or secret. " + TEXTS[APP_REFUSED],
                fields={"client_id": "one of an application that Trakt knows"},
            ) from None
        except TooMany as error:
            raise RateLimited(
                "Trakt is being asked too often. Try again in a while.",
                retry_after_s=error.retry_after_s or BETWEEN_S,
            ) from None
        except TraktError:
            raise TraktAway("Trakt can't be reached at the moment. Try again in a while.") from None
        if not begun:
            raise AlreadyConnected()
        if held is not None:
            await self._keeper.revoke(held, deadline=deadline.sooner(REVOKING_S))
        return await self.view(owner)

    async def settle(self, owner: Owner, patch: TraktPatch) -> TraktView:
        """Raises ConnectionNotFound."""
        if await self._store.settle(owner, partial(patched, patch=patch)) is None:
            raise ConnectionNotFound(TEXTS[NOT_CONNECTED])
        return await self.view(owner)

    async def disconnect(self, owner: Owner, *, deadline: Deadline) -> None:
        """It is gone here whatever Trakt says; nothing happens where there is none."""
        left = await self._store.leave(owner, until=self._leaving_until())
        if left is not None:
            await self._leave(left, deadline)

    async def sweep(self) -> None:
        """End what a process that died, or had no database, has begun to leave."""
        now = epoch_ms(self._clock)
        for left in await self._store.take_leaving(now=now, until=self._leaving_until()):
            await self._leave(left, Deadline.after(self._clock, REVOKING_S))

    async def sync(self, owner: Owner, *, wake: bool) -> JobRun | None:
        """Read Trakt now; None where a client only woke up and the state is fresh. What was refused is tried
        again. Raises ConnectionNotFound, ConnectionRefused, RateLimited."""
        held = await self._store.of(owner)
        if held is None:
            raise ConnectionNotFound(TEXTS[NOT_CONNECTED])
        now = epoch_ms(self._clock)
        if wake and (held.state != "connected" or not held.choices.enabled or _is_fresh(held, now)):
            return None
        if held.state != "connected" and held.sealed_tokens is None:
            raise ConnectionRefused(TEXTS.get(held.reason or WAITING, ""))
        last = await self._store.ask(owner, at=now, before=now - int(BETWEEN_S * 1000))
        if last:
            wait_s = BETWEEN_S - (now - last) / 1000
            raise RateLimited("Trakt was read just now. Try again in a moment.", retry_after_s=wait_s)
        await self._store.remark(held.id, "")
        if await self._store.resume(owner):
            log.info(RESUMED, connection=held.id, account=owner.account_id)
        return await self._start(held)

    async def forget_owner(self, removal: Removal, deadline: Deadline) -> None:
        gone = await self._store.leave_owner(removal, until=self._leaving_until())
        await asyncio.gather(*(self._leave(held, deadline) for held in gone))

    async def _leave_former(self, owner: Owner, deadline: Deadline) -> None:
        former = await self._store.leaving_of(owner)
        if former is not None:
            await self._leave(former, deadline)

    async def _leave(self, gone: Connection, deadline: Deadline) -> None:
        """The row with the tokens goes last: whatever ends this in between, `sweep` does it again."""
        for left in self._left:
            await left(gone)
        await self._keeper.revoke(gone, deadline=deadline.sooner(REVOKING_S))
        await self._store.gone(gone)
        log.info(DISCONNECTED, connection=gone.id, account=gone.owner.account_id)

    def _leaving_until(self) -> int:
        return int((self._clock.time() + LEAVING_S) * 1000)

    def _app(self, held: Connection | None, wanted: NewTrakt) -> TraktApp:
        if wanted.client_id:
            return TraktApp(wanted.client_id, wanted.client_secret)
        try:
            if held is not None:
                return self._sealing.app(held)
        except Unsealable:
            pass
        sentence = "Enter the client ID of your application at Trakt."
        raise InvalidInput(sentence, fields={"client_id": sentence})

    def _app_ending(self, held: Connection) -> str:
        try:
            return self._sealing.app(held).client_id[-SHOWN:]
        except Unsealable:
            return ""


def _waiting(held: Connection) -> WaitingCode | None:
    if held.state != "waiting":
        return None
    return WaitingCode(
        user_code=held.user_code,
        verification_url=held.verification_url,
        expires_at=moment_of(held.code_ends_at),
    )


def _is_fresh(held: Connection, now: int) -> bool:
    return held.synced_at is not None and 0 <= now - held.synced_at < FRESH_S * 1000
