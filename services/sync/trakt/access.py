"""Asking Trakt for a profile: with a token that works, within the budget, and heeding what Trakt says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Literal

import structlog

from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.http import Fetched, Fetcher, FetchLimits
from libs.common.http.fetch import DEFAULT_LIMITS
from libs.protocols.text import storable
from libs.protocols.trakt.answers import raise_for_status
from libs.protocols.trakt.client import CallKind, TraktClient
from libs.protocols.trakt.errors import LimitReached, TraktError, Unauthorized
from services.sync.model import Owner
from services.sync.store.connections import Connection, ConnectionStore
from services.sync.trakt.budget import AccountBudget, Budget
from services.sync.trakt.refusals import (
    LIMIT_REACHED,
    NOT_CONNECTED,
    SIGNED_OUT,
    UNREADABLE,
    WAITING,
    Refusal,
)
from services.sync.trakt.sealing import Sealing, Unsealable
from services.sync.trakt.tokens import AccessToken, TokenKeeper, refusal_of

NAMING_S: Final = 5.0
_UNAUTHORIZED: Final = 401

log = structlog.get_logger(__name__)

Send = Callable[[Mapping[str, str]], Awaitable[Fetched]]


class Access:
    """One for the process."""

    def __init__(
        self,
        store: ConnectionStore,
        keeper: TokenKeeper,
        budget: Budget,
        sealing: Sealing,
        fetcher: Fetcher,
        *,
        base_url: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._budget = budget
        self._sealing = sealing
        self._fetcher = fetcher
        self._base_url = base_url
        self._clock = clock

    async def client(self, owner: Owner) -> TraktClient | Refusal:
        """A client of the profile's account. Every call of it waits for its turn, at most until its deadline.

        What the owner has to know of (a sign-in that has ended, an application or an account that is refused)
        is noted by itself and ends the connection until they have done something; the call raises it, too.
        Raises Unavailable or TooMany where a token has to be renewed first, and can't be now.
        """
        held = await self._store.of(owner)
        if held is None:
            return Refusal(NOT_CONNECTED)
        if held.state != "connected":
            return Refusal(held.reason or WAITING)
        try:
            app, token = self._sealing.app(held), await self._keeper.current(held)
        except Unsealable:
            await self._keeper.refuse(held, UNREADABLE)
            return Refusal(UNREADABLE)
        except TraktError as error:
            if not refusal_of(error):
                raise
            latest = await self._store.of(owner)
            return Refusal(latest.reason if latest and latest.reason else SIGNED_OUT)
        budget = self._budget.of(held.budget)
        asker = _Asker(self._fetcher, self._store, self._keeper, held, token, budget)
        client = TraktClient(asker, app, token.token, self._base_url, pace=budget)
        if not held.trakt_user:
            await self._name(held, client)
        return client

    async def _name(self, held: Connection, client: TraktClient) -> None:
        """Note whose account it is: profiles that share one share its budget."""
        try:
            settings = await client.settings(deadline=Deadline.after(self._clock, NAMING_S))
        except TraktError as error:
            log.info("trakt_not_named", connection=held.id, reason=error.reason)
            return
        user = settings.user
        # Without a name it shares its budget with nobody, and isn't asked again for each client.
        slug = (user.ids.slug if user.ids else None) or user.username or held.id
        names = (storable(name[:200]) for name in (slug, user.name or user.username or ""))
        await self._store.name(held, *names)


class _Asker:
    """Sends a client's questions, and reads of the answers what is not only its caller's business."""

    def __init__(  # noqa: PLR0917  # made in one place, of what that place holds
        self,
        fetcher: Fetcher,
        store: ConnectionStore,
        keeper: TokenKeeper,
        held: Connection,
        token: AccessToken,
        budget: AccountBudget,
    ) -> None:
        self._fetcher = fetcher
        self._store = store
        self._keeper = keeper
        self._held = held
        self._token = token
        self._budget = budget

    async def get(
        self,
        url: str,
        *,
        limits: FetchLimits = DEFAULT_LIMITS,
        headers: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
    ) -> Fetched:
        async def send(named: Mapping[str, str]) -> Fetched:
            return await self._fetcher.get(url, limits=limits, headers=named, deadline=deadline)

        return await self._asked("read", send, headers or {}, deadline)

    async def send(
        self,
        method: Literal["POST", "PUT", "DELETE"],
        url: str,
        body: bytes,
        *,
        limits: FetchLimits = DEFAULT_LIMITS,
        headers: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
    ) -> Fetched:
        async def send(named: Mapping[str, str]) -> Fetched:
            return await self._fetcher.send(
                method, url, body, limits=limits, headers=named, deadline=deadline
            )

        return await self._asked("write", send, headers or {}, deadline)

    async def _asked(
        self, kind: CallKind, send: Send, headers: Mapping[str, str], deadline: Deadline | None
    ) -> Fetched:
        token = self._token
        fetched = await send({**headers, "Authorization": f"Bearer {token.token}"})
        if fetched.status == _UNAUTHORIZED:
            # Nothing was done. The clock may be wrong, or the token was taken back: once more with a new one.
            token = self._token = await self._keeper.after(self._held.id, token)
            await self._budget.take(kind, deadline)
            fetched = await send({**headers, "Authorization": f"Bearer {token.token}"})
        await self._budget.heed(kind, fetched)
        await self._note(fetched)
        return fetched

    async def _note(self, fetched: Fetched) -> None:
        try:
            raise_for_status(fetched)
        except LimitReached:
            await self._store.remark(self._held.id, LIMIT_REACHED)
        except TraktError as error:
            reason = refusal_of(error)
            latest = await self._store.get(self._held.id) if reason else None
            if latest is not None and latest.generation == self._token.generation:
                await self._keeper.refuse(latest, reason)
            if isinstance(error, Unauthorized):
                log.warning("trakt_token_not_taken", connection=self._held.id)
