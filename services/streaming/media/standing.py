"""Whether what a player was let in by still holds: it may have been replaced or taken away since."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

import msgspec

from libs.common.cache import Cache, Loaded
from libs.common.clock import Clock
from libs.common.contracts.auth import AuthClient, Resolved
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.media import MediaPathOver, Proof
from libs.common.proofs import key_of, lives_of
from libs.common.tasks import Tasks

KNOWN_S: Final = 10.0
"""So long something goes on that was let in by what holds no more."""
ASKING_S: Final = 10.0

_decode = msgspec.json.Decoder(Resolved).decode


class LetIn(Protocol):
    """What a signed path says of whom it was given to."""

    @property
    def proof(self) -> Proof: ...

    @property
    def account_id(self) -> str: ...


class Standing:
    """Asks auth, once for all that is played by the same proof. `cache` must be `near`."""

    def __init__(self, auth: AuthClient, cache: Cache, *, clock: Clock, tasks: Tasks) -> None:
        self._auth = auth
        self._cache = cache
        self._clock = clock
        self._tasks = tasks

    async def check(self, signed: LetIn, *, deadline: Deadline) -> None:
        """Raises MediaPathOver, and Unavailable where auth can't be asked about what isn't known."""
        proof = signed.proof

        async def load() -> Loaded:
            within = Deadline.after(self._clock, ASKING_S)
            resolved = await self._auth.resolve(proof.kind, proof.token, deadline=within)
            return Loaded(msgspec.json.encode(resolved), lives_of(resolved, known_s=KNOWN_S))

        lookup = await self._cache.get_or_load(
            key_of(proof.kind, proof.token), load, wait_s=deadline.remaining_s
        )
        identity = _decode(lookup.entry.value).identity
        # A session may go on as another profile; whose it is stays.
        if identity is None or identity.account_id != signed.account_id:
            raise MediaPathOver("What this was started with holds no more. Start it anew.")

    @asynccontextmanager
    async def watched(self, signed: LetIn) -> AsyncIterator[None]:
        """The block is ended, by MediaPathOver, soon after the proof holds no more."""
        over: list[MediaPathOver] = []

        async def watch() -> None:
            while not over:
                await self._clock.sleep(KNOWN_S)
                try:
                    await self.check(signed, deadline=Deadline.after(self._clock, ASKING_S))
                except MediaPathOver as error:
                    over.append(error)
                    scope.reschedule(asyncio.get_running_loop().time())
                except HeadgateError:
                    continue  # it may be known again the next time

        try:
            async with asyncio.timeout(None) as scope:
                watching = self._tasks.spawn("media_standing", watch())
                try:
                    yield
                finally:
                    watching.cancel()
        except TimeoutError:
            if not over:
                raise
            raise over[0] from None
