"""A profile's connection to its Stremio account as its owner makes, sees and changes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

import msgspec
import structlog

from libs.common.clock import Clock, epoch_ms, moment_of, moment_or_none
from libs.common.contracts.connections import ConnectionBrief, Said, WaitingCode, patched
from libs.common.contracts.removals import Removal
from libs.common.contracts.stremio_account import NewStremio, StremioPatch, StremioView
from libs.common.deadline import Deadline
from libs.common.http import FetchError
from libs.common.secrets import new_token
from libs.protocols.stremio_api.client import StremioApi
from libs.protocols.stremio_api.errors import LoginRefused, StremioApiError
from services.sync.errors import AlreadyConnected
from services.sync.model import Owner
from services.sync.sign_ins import SignInLimit
from services.sync.store.stremio import StremioConnection, StremioStore
from services.sync.stremio.access import away
from services.sync.stremio.errors import StremioLoginRefused, StremioNotConnected, StremioUnreadable
from services.sync.stremio.reasons import TEXTS
from services.sync.stremio.sealing import Sealing

CODE_S: Final = 300.0
"""For how long a code is asked about. Stremio does not say how long it holds, nor that it has ended."""
CODE_EVERY_S: Final = 3.0
FIRST_ASK_S: Final = 5.0
LEAVING_S: Final = 5.0

CONNECTED: Final = "stremio_connected"
DISCONNECTED: Final = "stremio_disconnected"

log = structlog.get_logger(__name__)


class StoredCode(msgspec.Struct, frozen=True, array_like=True):
    """A code that waits, and where it is confirmed."""

    code: str
    link: str

    def __repr__(self) -> str:
        return "StoredCode(hidden)"


class StremioConnections:
    """One for the process. `begun` hears that a code waits from now on."""

    def __init__(
        self,
        store: StremioStore,
        sealing: Sealing,
        api: StremioApi,
        *,
        limit: SignInLimit,
        begun: Callable[[], None],
        clock: Clock,
        new_id: Callable[[], str] = lambda: new_token(bytes_=9),
    ) -> None:
        self._store = store
        self._sealing = sealing
        self._api = api
        self._limit = limit
        self._begun = begun
        self._clock = clock
        self._new_id = new_id

    async def brief(self, owner: Owner) -> ConnectionBrief:
        held = await self._store.of(owner)
        if held is None:
            return ConnectionBrief(kind="stremio", state="none")
        return ConnectionBrief(
            kind="stremio",
            state=held.state,
            name=held.stremio_name,
            reason=_said(held.reason),
            synced_at=moment_or_none(held.synced_at),
        )

    async def view(self, owner: Owner) -> StremioView:
        held = await self._store.of(owner)
        if held is None:
            return StremioView()
        return StremioView(
            state=held.state,
            waiting=self._waiting(held),
            reason=_said(held.reason),
            name=held.stremio_name,
            choices=held.choices,
            connected_at=moment_or_none(held.connected_at),
            synced_at=moment_or_none(held.synced_at),
        )

    async def connect(self, owner: Owner, new: NewStremio, *, deadline: Deadline) -> StremioView:
        """Exchange the password for a key.

        Raises AlreadyConnected, StremioLoginRefused, StremioAway, RateLimited.
        """
        await self._check_free(owner)
        await self._limit.take(owner.account_id, "stremio")
        try:
            login = await self._api.login(new.email.strip(), new.password, deadline=deadline)
        except LoginRefused as error:
            raise StremioLoginRefused(
                str(error), fields={"password": "not the one of this account"}
            ) from None
        except (StremioApiError, FetchError) as error:
            raise away(error) from None
        now = epoch_ms(self._clock)
        held = StremioConnection(
            id=self._new_id(),
            owner=owner,
            state="connected",
            ask_at=now,
            stremio_user=login.user.id,
            stremio_name=login.user.email,
            connected_at=now,
        )
        if not await self._store.connect(held, sealed_key=self._sealing.seal_key(owner, login.key)):
            raise AlreadyConnected()
        log.info(CONNECTED, connection=held.id, account=owner.account_id)
        return await self.view(owner)

    async def connect_by_code(self, owner: Owner, *, deadline: Deadline) -> StremioView:
        """Begin to connect without a password. Raises AlreadyConnected, StremioAway, RateLimited."""
        await self._check_free(owner)
        await self._limit.take(owner.account_id, "stremio")
        try:
            code = await self._api.create_code(deadline=deadline)
        except (StremioApiError, FetchError) as error:
            raise away(error) from None
        now = epoch_ms(self._clock)
        held = StremioConnection(
            id=self._new_id(),
            owner=owner,
            state="waiting",
            code_ends_at=now + int(CODE_S * 1000),
            ask_at=now + int(FIRST_ASK_S * 1000),
        )
        sealed = self._sealing.seal(owner, "code", StoredCode(code.code, code.link))
        if not await self._store.connect(held, sealed_key=None, sealed_code=sealed):
            raise AlreadyConnected()
        self._begun()
        return await self.view(owner)

    async def settle(self, owner: Owner, patch: StremioPatch) -> StremioView:
        """Raises StremioNotConnected."""
        held = await self._store.of(owner)
        if held is None or await self._store.settle(owner, partial(patched, patch=patch)) is None:
            raise StremioNotConnected(TEXTS["not_connected"])
        if patch.write_back is True and not held.choices.write_back:
            # What was watched before is its owner's business alone.
            await self._store.written(held.id, until=epoch_ms(self._clock))
        return await self.view(owner)

    async def disconnect(self, owner: Owner, *, deadline: Deadline) -> None:
        """It is gone here whatever Stremio says; there the sign-in ends, too."""
        held = await self._store.of(owner)
        if held is not None:
            await self._leave([held], lambda: self._store.remove(owner), deadline)

    async def forget_owner(self, removal: Removal, deadline: Deadline) -> None:
        held = await self._store.of_removed(removal)
        await self._leave(held, lambda: self._store.remove_owner(removal), deadline)

    async def _leave(
        self,
        held: Sequence[StremioConnection],
        remove: Callable[[], Awaitable[Sequence[StremioConnection]]],
        deadline: Deadline,
    ) -> None:
        """Signed out while the key is still there: whatever ends this in between, it can be done again."""
        await asyncio.gather(*(self._sign_out(one, deadline) for one in held))
        signed_out = {one.sealed_key for one in held}
        for gone in await remove():
            log.info(DISCONNECTED, connection=gone.id, account=gone.owner.account_id)
            if gone.sealed_key not in signed_out:
                # A code was confirmed meanwhile.
                await self._sign_out(gone, deadline)

    async def _sign_out(self, gone: StremioConnection, deadline: Deadline) -> None:
        if gone.sealed_key is None:
            return
        try:
            key = self._sealing.key(gone.owner, gone.sealed_key)
            await self._api.logout(key, deadline=deadline.sooner(LEAVING_S))
        except (StremioUnreadable, StremioApiError, FetchError) as error:
            log.info("stremio_not_signed_out", connection=gone.id, reason=type(error).__name__)

    async def _check_free(self, owner: Owner) -> None:
        held = await self._store.of(owner)
        if held is not None and held.state == "connected":
            raise AlreadyConnected()

    def _waiting(self, held: StremioConnection) -> WaitingCode | None:
        if held.state != "waiting" or held.sealed_code is None:
            return None
        try:
            code = self._sealing.open(held.owner, "code", held.sealed_code, StoredCode)
        except StremioUnreadable:
            return None
        return WaitingCode(
            user_code=code.code,
            verification_url=code.link,
            expires_at=moment_of(held.code_ends_at),
        )


def _said(reason: str) -> Said | None:
    return Said(reason, TEXTS.get(reason, "")) if reason else None
