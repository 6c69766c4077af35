"""Signing in by a code that a user types at Trakt, while the hub asks Trakt whether they have."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import structlog

from libs.common.clock import Clock, epoch_ms
from libs.common.deadline import Deadline
from libs.common.secrets import new_token
from libs.protocols.trakt.app import TraktApp
from libs.protocols.trakt.auth import TraktAuth
from libs.protocols.trakt.errors import CodeEnded, TooMany, TraktError
from libs.protocols.trakt.wire import DeviceCode, Tokens
from services.sync.code_looks import CodeLooks
from services.sync.model import Owner
from services.sync.store.connections import Connection
from services.sync.store.trakt_codes import Code, CodeStore
from services.sync.trakt.refusals import CODE_EXPIRED, UNREADABLE
from services.sync.trakt.sealing import Sealing, Unsealable
from services.sync.trakt.tokens import TokenKeeper, refusal_of

ASKING_S: Final = 15.0
CLAIM_S: Final = 30.0
"""Longer than asking takes: whoever claimed a code and ended leaves it to others then."""
AT_ONCE: Final = 50
LONGEST_INTERVAL_S: Final = 60
LONGEST_CODE_S: Final = 3600
USUAL_INTERVAL_S: Final = 5
ACTIVATE_URL: Final = "https://trakt.tv/activate"

CONNECTED: Final = "trakt_connected"
CODE_GIVEN: Final = "trakt_code_given"

SignedIn: TypeAlias = Callable[[Connection], Awaitable[None]]
"""Told of each sign-in that has succeeded here, with the connection as it was before."""

log = structlog.get_logger(__name__)


class SignIns:
    """One for the process."""

    def __init__(
        self,
        store: CodeStore,
        auth: TraktAuth,
        keeper: TokenKeeper,
        sealing: Sealing,
        *,
        clock: Clock,
        signed_in: SignedIn,
    ) -> None:
        self._store = store
        self._auth = auth
        self._keeper = keeper
        self._sealing = sealing
        self._clock = clock
        self._signed_in = signed_in
        self.looks = CodeLooks(self.look, clock)

    async def begin(self, owner: Owner, app: TraktApp, *, deadline: Deadline) -> bool:
        """Get a code; False where the profile is connected. Raises TraktError."""
        code = await self._auth.device_code(app, deadline=deadline.sooner(ASKING_S))
        kept = self._kept(owner, code)
        if not await self._store.begin(new_token(bytes_=9), owner, self._sealing.seal_app(owner, app), kept):
            return False
        log.info(CODE_GIVEN, account=owner.account_id, life_s=code.expires_in)
        self.looks.begun()
        return True

    async def look(self) -> int | None:
        """Ask about every code whose turn it is; when the next one's is."""
        now = epoch_ms(self._clock)
        due = [held for held in await self._store.waiting(AT_ONCE) if held.poll_at <= now]
        await asyncio.gather(*(self._look_at(held) for held in due))
        waiting = await self._store.waiting(1)
        return waiting[0].poll_at if waiting else None

    async def _look_at(self, held: Connection) -> None:
        now = epoch_ms(self._clock)
        if now >= held.code_ends_at:
            await self._keeper.refuse(held, CODE_EXPIRED)
        elif await self._store.claim_poll(held, until=now + int(CLAIM_S * 1000)):
            await self._poll(held)

    async def _poll(self, held: Connection) -> None:
        try:
            app, code = self._sealing.app(held), self._sealing.code(held)
            deadline = Deadline.after(self._clock, ASKING_S)
            tokens = await self._auth.poll(app, code, deadline=deadline)
        except Unsealable:
            await self._keeper.refuse(held, UNREADABLE)
        except CodeEnded as error:
            await self._keeper.refuse(held, error.reason)
        except TooMany as error:
            slower_s = min(LONGEST_INTERVAL_S, held.poll_every_ms / 1000 * 2)
            await self._later(held, slower_s, error.retry_after_s)
        except TraktError as error:
            reason = refusal_of(error)
            if reason:
                await self._keeper.refuse(held, reason)
            else:
                await self._later(held, held.poll_every_ms / 1000, error.retry_after_s)
        else:
            if tokens is None:
                await self._later(held, held.poll_every_ms / 1000)
            else:
                await self._keep(held, tokens)

    async def _later(self, held: Connection, every_s: float, rest_s: float | None = None) -> None:
        wait_s = max(every_s, rest_s or 0.0)
        poll_at = epoch_ms(self._clock) + int(wait_s * 1000)
        await self._store.poll_later(held, poll_at=poll_at, every_ms=int(every_s * 1000))

    async def _keep(self, held: Connection, tokens: Tokens) -> None:
        pair = self._keeper.kept(held, tokens)
        if not await self._keeper.write(
            held, lambda: self._store.signed_in(held, pair, at=epoch_ms(self._clock))
        ):
            # Given up, or begun anew, while Trakt was asked: nobody will use these.
            gone = dataclasses.replace(held, sealed_tokens=pair.sealed)
            await self._keeper.revoke(gone, deadline=Deadline.after(self._clock, ASKING_S))
            return
        log.info(CONNECTED, connection=held.id, account=held.owner.account_id, life_s=tokens.expires_in)
        await self._signed_in(held)

    def _kept(self, owner: Owner, code: DeviceCode) -> Code:
        """A code as it is stored; what Trakt says of times is bounded."""
        now = epoch_ms(self._clock)
        interval_s = min(LONGEST_INTERVAL_S, code.interval) if code.interval > 0 else USUAL_INTERVAL_S
        life_s = min(LONGEST_CODE_S, max(0, code.expires_in))
        url = code.verification_url
        return Code(
            sealed=self._sealing.seal_code(owner, code.device_code),
            user_code=code.user_code[:32],
            verification_url=url if url.startswith("https://") and len(url) < 200 else ACTIVATE_URL,
            ends_at=now + life_s * 1000,
            poll_every_ms=interval_s * 1000,
            poll_at=now + interval_s * 1000,
        )
