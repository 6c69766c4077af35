"""Access tokens that work: renewed once however many need them, and kept before anybody uses them.

Trakt takes a refresh token once. Whoever renews holds a lease in the row, and everybody else waits for what
comes of it, in this process and in others.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.db import DatabaseUnavailable
from libs.common.deadline import Deadline
from libs.common.secrets import new_token
from libs.common.tasks import Tasks
from libs.protocols.trakt import wire
from libs.protocols.trakt.auth import TraktAuth
from libs.protocols.trakt.errors import (
    AccountLocked,
    AppRefused,
    GrantInvalid,
    TraktError,
    Unauthorized,
    Unavailable,
    VipOnly,
)
from services.sync.store.connections import Connection, ConnectionStore, Pair
from services.sync.trakt.refusals import (
    ACCOUNT_CLOSED,
    ACCOUNT_LOCKED,
    APP_REFUSED,
    SIGNED_OUT,
    TEXTS,
    UNREADABLE,
    VIP_ONLY,
)
from services.sync.trakt.sealing import Sealing, TokenPair, Unsealable

MARGIN_S: Final = 600.0
MARGIN_SHARE: Final = 0.1
"""How long before their end tokens are renewed: the shorter of both, so that short ones aren't always."""
SHORTEST_LIFE_S: Final = 60.0
LONGEST_LIFE_S: Final = 366 * 24 * 3600.0
"""Whatever is said: tokens without a life would be renewed for every call."""
RENEWING_S: Final = 20.0
LEASE_S: Final = 60.0
"""Longer than renewing takes with all its tries to write down what came of it."""
AGAIN_S: Final = 30.0
"""After Trakt could not be reached."""
LOOK_S: Final = 0.1
CLOCKS_APART_S: Final = 120.0
KEEP_TRIES: Final = 6
AWAY: Final = "Trakt could not be asked for a new token."

RENEWED: Final = "trakt_tokens_renewed"
NOT_RENEWED: Final = "trakt_tokens_not_renewed"
REFUSED: Final = "trakt_refused"
PAIR_LOST: Final = "trakt_token_pair_lost"
CLOCKS_APART: Final = "trakt_clocks_apart"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token to ask with, and the generation of the connection that it is of."""

    token: str = field(repr=False)
    generation: int


def refusal_of(error: TraktError) -> str:
    """The code of what ends the asking until the user has done something; empty for what passes."""
    if isinstance(error, AppRefused):
        return APP_REFUSED
    if isinstance(error, AccountLocked):
        return ACCOUNT_CLOSED if error.deactivated else ACCOUNT_LOCKED
    if isinstance(error, VipOnly):
        return VIP_ONLY
    return SIGNED_OUT if isinstance(error, GrantInvalid | Unauthorized) else ""


class TokenKeeper:
    """One for the process."""

    def __init__(
        self, store: ConnectionStore, auth: TraktAuth, sealing: Sealing, *, tasks: Tasks, clock: Clock
    ) -> None:
        self._store = store
        self._auth = auth
        self._sealing = sealing
        self._tasks = tasks
        self._clock = clock
        self._renewing = dict[tuple[str, int], asyncio.Task[AccessToken | TraktError]]()

    async def current(self, held: Connection) -> AccessToken:
        """A token that has not ended. Raises the TraktError that says why there is none."""
        if epoch_ms(self._clock) < held.refresh_at:
            if epoch_ms(self._clock) < held.ends_at:
                return await self._open(held)
            raise Unavailable(AWAY, retry_after_s=AGAIN_S)
        return await self._renewed_once(held, spent=False)

    async def after(self, connection_id: str, spent: AccessToken) -> AccessToken:
        """A token newer than one that Trakt does not take any more. Raises as `current` does."""
        held = await self._store.get(connection_id)
        if held is None or held.state != "connected":
            raise Unauthorized(TEXTS[SIGNED_OUT])
        if held.generation != spent.generation:
            return await self._open(held)
        return await self._renewed_once(held, spent=True)

    def kept(self, connection: Connection, tokens: wire.Tokens) -> Pair:
        """Fresh tokens as they are stored. Their life counts from now: Trakt's clock may be another."""
        now = self._clock.time()
        if abs(now - tokens.created_at) > CLOCKS_APART_S:
            log.warning(CLOCKS_APART, connection=connection.id, seconds=round(now - tokens.created_at))
        life_s = min(LONGEST_LIFE_S, max(SHORTEST_LIFE_S, tokens.expires_in))
        margin_s = min(MARGIN_S, life_s * MARGIN_SHARE)
        pair = TokenPair(tokens.access_token, tokens.refresh_token)
        return Pair(
            sealed=self._sealing.seal_tokens(connection.owner, pair),
            refresh_at=int((now + life_s - margin_s) * 1000),
            ends_at=int((now + life_s) * 1000),
        )

    async def write(self, held: Connection, kept: Callable[[], Awaitable[bool]]) -> bool:
        """What `kept` says once it could be asked: no other pair works, so the database is waited for."""
        for tried in range(KEEP_TRIES):
            try:
                return await kept()
            except DatabaseUnavailable:
                await self._clock.sleep(LOOK_S * 2**tried)
        log.error(PAIR_LOST, connection=held.id)
        raise Unavailable(AWAY, retry_after_s=AGAIN_S)

    async def refuse(self, held: Connection, reason: str) -> None:
        """Ask nothing more until the user has done something."""
        if await self._store.refuse(held, reason, for_good=reason in (SIGNED_OUT, UNREADABLE)):
            log.warning(REFUSED, connection=held.id, account=held.owner.account_id, reason=reason)

    async def revoke(self, gone: Connection, *, deadline: Deadline) -> None:
        """End the sign-in at Trakt, if that can be done now: here it has ended already."""
        if gone.sealed_tokens is None:
            return
        try:
            app, pair = self._sealing.app(gone), self._sealing.tokens(gone)
            await self._auth.revoke(app, pair.access, deadline=deadline)
        except (Unsealable, TraktError) as error:
            log.info("trakt_not_revoked", connection=gone.id, error=type(error).__name__)

    async def aclose(self) -> None:
        """Wait for what is being renewed: a pair that came and was not kept would be lost."""
        if self._renewing:
            await asyncio.wait(self._renewing.values(), timeout=RENEWING_S)

    async def _renewed_once(self, held: Connection, *, spent: bool) -> AccessToken:
        key = (held.id, held.generation)
        task = self._renewing.get(key)
        if task is None:
            task = self._tasks.spawn("trakt_tokens", self._outcome(held, spent=spent))
            self._renewing[key] = task
            task.add_done_callback(lambda _: self._renewing.pop(key, None))
        # Whoever asked may leave: the new pair is wanted all the same.
        outcome = await asyncio.shield(task)
        if isinstance(outcome, TraktError):
            raise outcome
        return outcome

    async def _outcome(self, held: Connection, *, spent: bool) -> AccessToken | TraktError:
        """What came of it, as a value: nobody may be left to hear an error."""
        lease = new_token(bytes_=9)
        try:
            if await self._leased(held, lease):
                return await self._renew(held, lease, spent=spent)
            return await self._waited(held, lease, spent=spent)
        except TraktError as error:
            return error

    async def _waited(self, held: Connection, lease: str, *, spent: bool) -> AccessToken:
        """What somebody else's renewing comes to."""
        until = Deadline.after(self._clock, LEASE_S + RENEWING_S)
        while not until.expired:
            latest = await self._store.get(held.id)
            if latest is None or latest.state != "connected":
                raise Unauthorized(TEXTS[SIGNED_OUT])
            if latest.generation != held.generation:
                return await self._open(latest)
            if not latest.lease:
                return await self._old(latest, spent=spent)
            if latest.lease_until < epoch_ms(self._clock) and await self._leased(held, lease):
                return await self._renew(held, lease, spent=spent)
            await self._clock.sleep(LOOK_S)
        raise Unavailable(AWAY, retry_after_s=AGAIN_S)

    async def _leased(self, held: Connection, lease: str) -> bool:
        now = epoch_ms(self._clock)
        return await self._store.take_lease(held, lease, now=now, until=now + int(LEASE_S * 1000))

    async def _renew(self, held: Connection, lease: str, *, spent: bool) -> AccessToken:
        """Only while holding the lease. Its taking has shown that nobody renewed since `held` was read."""
        try:
            app, former = self._sealing.app(held), self._sealing.tokens(held)
        except Unsealable:
            await self.refuse(held, UNREADABLE)
            raise Unauthorized(TEXTS[UNREADABLE]) from None
        try:
            deadline = Deadline.after(self._clock, RENEWING_S)
            tokens = await self._auth.refresh(app, former.refresh, deadline=deadline)
        except TraktError as error:
            return await self._not_renewed(held, lease, error, spent=spent)
        pair = self.kept(held, tokens)
        if not await self.write(held, lambda: self._store.renewed(held, pair)):
            # Disconnected meanwhile, or connected anew: nobody will use these.
            await self.revoke(dataclasses.replace(held, sealed_tokens=pair.sealed), deadline=deadline)
            raise Unauthorized(TEXTS[SIGNED_OUT])
        log.info(RENEWED, connection=held.id, life_s=tokens.expires_in)
        return AccessToken(tokens.access_token, held.generation + 1)

    async def _not_renewed(
        self, held: Connection, lease: str, error: TraktError, *, spent: bool
    ) -> AccessToken:
        reason = refusal_of(error)
        if reason:
            await self.refuse(held, reason)
            raise error
        log.warning(NOT_RENEWED, connection=held.id, reason=error.reason)
        again_s = max(AGAIN_S, error.retry_after_s or 0.0)
        await self._store.not_renewed(held, lease, again_at=epoch_ms(self._clock) + int(again_s * 1000))
        return await self._old(held, spent=spent)

    async def _old(self, held: Connection, *, spent: bool) -> AccessToken:
        """The token there is, for the rest of its life."""
        if spent or epoch_ms(self._clock) >= held.ends_at:
            raise Unavailable(AWAY, retry_after_s=AGAIN_S)
        return await self._open(held)

    async def _open(self, held: Connection) -> AccessToken:
        try:
            return AccessToken(self._sealing.tokens(held).access, held.generation)
        except Unsealable:
            await self.refuse(held, UNREADABLE)
            raise Unauthorized(TEXTS[UNREADABLE]) from None
