"""Providers as catalog asks them: one account at a time, gently, and never while they want quiet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from libs.common import hops
from libs.common.clock import Clock
from libs.common.contracts.handover import ProviderAccess, ProviderState
from libs.common.deadline import Deadline
from libs.common.http import Fetcher, FetchLimits, TimedOut, UpstreamStatus
from libs.common.ratelimit import Engine, Limit, Rate
from libs.common.resilience import Upstreams
from libs.protocols.m3u.reading import Reader
from libs.protocols.xtream.client import XtreamClient
from libs.protocols.xtream.details import MovieDetails, SeriesDetails
from libs.protocols.xtream.errors import (
    Blocked,
    EmptyAnswer,
    LoginRefused,
    NothingThere,
    TooManyRequests,
    XtreamError,
)
from libs.providers.asking import panel_of
from libs.providers.states import state_told
from services.catalog.sources.pace import turn

T = TypeVar("T")

PLAYER_AGENT: Final = "VLC/3.0.20 LibVLC/3.0.20"
"""Some panels talk to players they know and to nobody else."""

CHECK_S: Final = 15.0
"""Whoever adds an account waits so long; a slow provider is asked again later."""

REST_S: Final = 120.0
"""After 429 without a time, or a panel's silence: bans last minutes, and each question in one prolongs it."""

LONGEST_REST_S: Final = 600.0

BEGINNING_BYTES: Final = 64 * 1024
"""What has no entry in so much is no list."""

_FORBIDDEN: Final = 403
_LIST = FetchLimits(max_bytes=16 * 1024 * 1024, total_s=CHECK_S)
_PACE = (Limit("provider", (Rate("provider", 1, 1, 2),)),)


@dataclass(frozen=True, slots=True)
class Checked:
    """`user_agent` is the one that the provider answers to."""

    state: ProviderState
    user_agent: str


class Panels:
    """One for the process: questions about one account share its pace, its breaker and its rest."""

    def __init__(
        self, fetcher: Fetcher, upstreams: Upstreams, rates: Engine, clock: Clock, *, hop_name: str
    ) -> None:
        self._fetcher = fetcher
        self._upstreams = upstreams
        self._rates = rates
        self._clock = clock
        self._hop_name = hop_name

    async def check(self, access: ProviderAccess, *, deadline: Deadline) -> Checked:
        """Whether the account works, asked at once. Raises one of libs.providers.states.EXPECTED."""
        until = deadline.sooner(CHECK_S)
        try:
            return await self._checked(access, until)
        except (Blocked, UpstreamStatus) as error:
            is_blocked = isinstance(error, Blocked) or error.status == _FORBIDDEN
            if access.user_agent or not is_blocked:
                raise
        return await self._checked(msgspec.structs.replace(access, user_agent=PLAYER_AGENT), until)

    async def series(self, access: ProviderAccess, panel_id: int, *, deadline: Deadline) -> SeriesDetails:
        """Raises NothingThere if the panel lets the account in and has no such series; one of EXPECTED."""

        async def ask(panel: XtreamClient, until: Deadline) -> SeriesDetails:
            told = await panel.series(panel_id, deadline=until)
            if not told.episodes:
                await _let_in(panel, until)
            return told

        return await self._details(access, ask, deadline)

    async def movie(self, access: ProviderAccess, panel_id: int, *, deadline: Deadline) -> MovieDetails:
        """The same of a film."""
        return await self._details(
            access, lambda panel, until: panel.movie(panel_id, deadline=until), deadline
        )

    def rests_s(self, provider_id: str) -> float:
        """How long the provider is not asked."""
        return self._upstreams.get(provider_id).state.retry_after_s

    async def _details(
        self,
        access: ProviderAccess,
        ask: Callable[[XtreamClient, Deadline], Awaitable[T]],
        deadline: Deadline,
    ) -> T:
        panel = self._panel(access)

        async def asked(until: Deadline) -> T:
            await turn(self._rates, f"provider:{access.id}", _PACE, clock=self._clock, deadline=until)
            try:
                return await ask(panel, until)
            except NothingThere:
                await _let_in(panel, until)
                raise
            except TooManyRequests as error:
                raise TooManyRequests(retry_after_s=error.retry_after_s or REST_S) from None

        return await self._upstreams.get(access.id).call(asked, deadline=deadline)

    async def _checked(self, access: ProviderAccess, until: Deadline) -> Checked:
        if access.kind == "xtream":
            return await self._asked_twice(access, until)
        await self._check_list(access, until)
        return Checked(ProviderState(status="active"), access.user_agent)

    async def _asked_twice(self, access: ProviderAccess, until: Deadline) -> Checked:
        """Panels answer with nothing now and then, and some always where they refuse."""
        panel = self._panel(access)
        try:
            account = await panel.account(deadline=until)
        except EmptyAnswer:
            account = await panel.account(deadline=until)
        return Checked(state_told(account), access.user_agent)

    async def _check_list(self, access: ProviderAccess, until: Deadline) -> None:
        """Raises UpstreamStatus, ListBroken or FetchError."""
        try:
            async with asyncio.timeout(until.remaining_s):
                await self._read_beginning(access)
        except TimeoutError:
            failure = TimedOut("The server did not send the list in time.")
        else:
            return
        raise failure

    async def _read_beginning(self, access: ProviderAccess) -> None:
        reader, read = Reader(max_bytes=_LIST.max_bytes), 0
        async with aclosing(self._list(access)) as pieces:
            async for piece in pieces:
                if any(reader.feed(piece)):
                    return
                read += len(piece)
                if read >= BEGINNING_BYTES:
                    break
        reader.finish()

    async def _list(self, access: ProviderAccess) -> AsyncGenerator[bytes, None]:
        named = {"User-Agent": access.user_agent} if access.user_agent else {}
        headers = {"Accept": "*/*", **hops.outgoing(self._hop_name), **named}
        async with self._fetcher.open(access.url, limits=_LIST, headers=headers, stall_s=CHECK_S) as stream:
            if stream.status != 200:
                raise UpstreamStatus(stream.status, host=stream.host)
            async for piece in stream.pieces():
                yield piece

    def _panel(self, access: ProviderAccess) -> XtreamClient:
        return panel_of(access, self._fetcher, self._clock, hop_name=self._hop_name)


async def _let_in(panel: XtreamClient, until: Deadline) -> None:
    """A panel that bans an account may answer every question with nothing: then nothing is known."""
    try:
        await panel.account(deadline=until)
    except LoginRefused:
        raise
    except XtreamError as error:
        raise TooManyRequests(retry_after_s=error.retry_after_s or REST_S) from None
