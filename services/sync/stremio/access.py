"""Asking Stremio for a profile, with its key, and heeding what Stremio says of that key."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from libs.common.http import FetchError
from libs.protocols.stremio_api.client import StremioApi
from libs.protocols.stremio_api.errors import KeyRefused, StremioApiError
from libs.protocols.stremio_api.key import AuthKey
from services.sync.model import Owner
from services.sync.store.stremio import StremioConnection, StremioStore
from services.sync.stremio.errors import StremioAway, StremioNotConnected, StremioUnreadable
from services.sync.stremio.reasons import SIGNED_OUT, TEXTS, UNREADABLE
from services.sync.stremio.sealing import Sealing

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """A connection that works, as far as is known."""

    connection: StremioConnection
    key: AuthKey = field(repr=False)
    api: StremioApi


class StremioAccess:
    """One for the process."""

    def __init__(self, store: StremioStore, sealing: Sealing, api: StremioApi) -> None:
        self._store = store
        self._sealing = sealing
        self._api = api

    @asynccontextmanager
    async def session(self, owner: Owner) -> AsyncIterator[Session]:
        """Within it, what Stremio says becomes an error of ours: StremioNotConnected where it refuses the
        key, which ends the connection, and StremioAway for all else."""
        held = await self._store.of(owner)
        if held is None or held.state != "connected" or held.sealed_key is None:
            raise StremioNotConnected(TEXTS["not_connected"])
        try:
            key = self._sealing.key(owner, held.sealed_key)
        except StremioUnreadable:
            await self._store.refuse(held.id, UNREADABLE)
            raise
        try:
            yield Session(await self._named(held, key), key, self._api)
        except KeyRefused:
            if await self._store.refuse(held.id, SIGNED_OUT):
                log.warning("stremio_signed_out", connection=held.id)
            raise StremioNotConnected(TEXTS[SIGNED_OUT]) from None
        except (StremioApiError, FetchError) as error:
            raise away(error) from None

    async def _named(self, held: StremioConnection, key: AuthKey) -> StremioConnection:
        """A code brings no name along: whose account it is may not have been asked yet."""
        if held.stremio_user:
            return held
        user = await self._api.user(key)
        await self._store.name(held.id, user.id, user.email)
        return dataclasses.replace(held, stremio_user=user.id, stremio_name=user.email)


def away(error: StremioApiError | FetchError) -> StremioAway:
    return StremioAway(f"Stremio could not be asked: {error}", retry_after_s=error.retry_after_s)
