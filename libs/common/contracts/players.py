"""What IPTV players are answered: asked of catalog by gateways, which know who signed in and where."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Literal, TypeAlias
from urllib.parse import urlencode

import aiohttp
import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.errors import InvalidInput
from libs.common.identity import Identity

PlayerAnswer: TypeAlias = Literal[
    "account",
    "live_categories",
    "vod_categories",
    "series_categories",
    "live_streams",
    "vod_streams",
    "series",
    "vod_info",
    "series_info",
    "short_epg",
    "data_table",
    "playlist",
    "guide",
]

PREFIX = "/internal/catalog/players"
PLAYER_HEADER = "X-Headgate-Player"


class Player(msgspec.Struct, frozen=True, array_like=True):
    """The hub's address as the player has it, and what it signs in with: these stand in what it is given.

    It travels in a header, since addresses are logged.
    """

    base: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Player(base={self.base!r}, credentials hidden)"

    def header(self) -> str:
        return msgspec.json.encode(self).decode("ascii", errors="backslashreplace")

    @classmethod
    def of_header(cls, header: str) -> Player:
        """Raises InvalidInput."""
        try:
            return msgspec.json.decode(header, type=cls)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise InvalidInput("The call doesn't say which player it is for.") from error


class PlayersClient:
    """Catalog's answers to players, unread: lists may be as large as a library."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    @asynccontextmanager
    async def open(
        self,
        what: PlayerAnswer,
        query: Mapping[str, str],
        player: Player,
        *,
        identity: Identity,
        headers: Mapping[str, str],
        deadline: Deadline,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._service.open(
            "GET",
            f"{PREFIX}/{what}?{urlencode(query)}",
            identity=identity.as_service(),
            deadline=deadline,
            headers={**headers, PLAYER_HEADER: player.header()},
        ) as answer:
            yield answer
