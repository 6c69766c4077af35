"""Where something of the library is played from: what streaming asks catalog, and nobody else may."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.library import PlayMode
from libs.common.deadline import Deadline
from libs.common.identity import SERVICE_ROLE, Identity
from libs.common.media import Wish

PREFIX = "/internal/catalog/library/playable"


class PlayableQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`extension` as the player asks for it, "" where it leaves that to us; times as in `Wish`."""

    extension: str = ""
    start: int = 0
    duration_s: int = 0


class Playable(msgspec.Struct, frozen=True, kw_only=True):
    """`addresses` are to be tried in their order, with `headers`. `provider` and `name` are the account's.

    `formats` are what the provider lets channels be asked in, none if it doesn't say.
    """

    provider: str
    name: str
    play: PlayMode
    addresses: tuple[str, ...]
    headers: tuple[tuple[str, str], ...] = ()
    formats: tuple[str, ...] = ()
    max_connections: int | None = None

    def __repr__(self) -> str:
        return f"Playable(provider={self.provider!r}, play={self.play!r}, addresses hidden)"


class PlayingClient:
    """Asks for whoever a wish is of."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def playable(self, wish: Wish, extension: str, *, deadline: Deadline) -> Playable:
        """Raises NotFound for what that profile has not, or no more."""
        query = urlencode({"extension": extension, "start": wish.start, "duration_s": wish.duration_s})
        return await self._service.call(
            "GET",
            f"{PREFIX}/{wish.kind}/{wish.item}?{query}",
            identity=Identity(wish.account_id, wish.profile_id, "api", (SERVICE_ROLE,)),
            deadline=deadline,
            into=Playable,
        )
