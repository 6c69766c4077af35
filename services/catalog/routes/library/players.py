"""What IPTV players are answered. Gateways ask, who know the player; lists are sent as they are made."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

import msgspec
from aiohttp import web

from libs.common.contracts.players import PLAYER_HEADER, PREFIX, Player
from libs.common.errors import NotFound
from libs.common.web import Endpoint, deadline_of, identity_of, json_response, read_query
from services.catalog import keys
from services.catalog.library.face_account import account
from services.catalog.library.face_packing import GzipJoin, Packed, packed, unpacked
from services.catalog.library.face_players import Players
from services.catalog.library.face_playlist import PARTS, Wanted
from services.catalog.library.face_shelves import CHANNELS, MOVIES, SERIES
from services.catalog.model import Owner

JSON: Final = "application/json"
M3U: Final = "audio/x-mpegurl"
XML: Final = "application/xml"
UNKNOWN_MOVIE: Final = msgspec.Raw(b'{"info":[]}')
UNKNOWN_SERIES: Final = msgspec.Raw(b'{"seasons":[],"info":{},"episodes":{}}')
"""As panels answer."""


class PlayerQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`category` 0 is every one; `limit` 0 as many as is usual. `playing` is what streaming counts."""

    category: int = 0
    id: int = 0
    limit: int = 0
    playing: int = 0
    output: str = "ts"
    parts: tuple[str, ...] = tuple(PARTS)
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, read."""

    request: web.Request
    players: Players
    owner: Owner
    query: PlayerQuery


async def show(request: web.Request) -> web.StreamResponse:
    identity = identity_of(request)
    asked = Asked(
        request,
        request.app[keys.PLAYERS],
        Owner(identity.account_id, identity.profile_id),
        read_query(request, PlayerQuery),
    )
    answer = ANSWERS.get(request.match_info["what"])
    if answer is None:
        raise NotFound("Players are not answered that.")
    return await answer(asked)


def _player(asked: Asked) -> Player:
    return Player.of_header(asked.request.headers.get(PLAYER_HEADER, ""))


async def _account(asked: Asked) -> web.Response:
    providers = await asked.players.face.providers(asked.owner)
    now = int(asked.players.clock.time())
    return json_response(account(_player(asked), providers, playing=asked.query.playing, now=now))


async def _categories(kind: int, asked: Asked) -> web.Response:
    return json_response(await asked.players.face.categories(asked.owner, kind))


async def _listed(kind: int, asked: Asked) -> web.StreamResponse:
    category = asked.query.category or None
    return await _streamed(asked, asked.players.face.listed(asked.owner, kind, category), JSON)


async def _vod_info(asked: Asked) -> web.Response:
    deadline = deadline_of(asked.request)
    found = await asked.players.details.movie(asked.owner, asked.query.id, deadline=deadline)
    return json_response(UNKNOWN_MOVIE if found is None else found)


async def _series_info(asked: Asked) -> web.Response:
    deadline = deadline_of(asked.request)
    found = await asked.players.details.series(asked.owner, asked.query.id, deadline=deadline)
    return json_response(UNKNOWN_SERIES if found is None else found)


async def _short_epg(asked: Asked) -> web.Response:
    query = asked.query
    return json_response(await asked.players.guide.short(asked.owner, query.id, query.limit))


async def _data_table(asked: Asked) -> web.Response:
    return json_response(await asked.players.guide.table(asked.owner, asked.query.id))


async def _playlist(asked: Asked) -> web.StreamResponse:
    query = asked.query
    wanted = Wanted(query.parts, "ts" if query.output == "ts" else "m3u8", query.plain)
    pieces = asked.players.playlist.lines(asked.owner, _player(asked), wanted)
    return await _streamed(asked, pieces, M3U)


async def _guide(asked: Asked) -> web.StreamResponse:
    return await _streamed(asked, asked.players.guide.xmltv(asked.owner), XML)


Answer: TypeAlias = Callable[[Asked], Awaitable[web.StreamResponse]]

ANSWERS: Mapping[str, Answer] = {
    "account": _account,
    "live_categories": partial(_categories, CHANNELS),
    "vod_categories": partial(_categories, MOVIES),
    "series_categories": partial(_categories, SERIES),
    "live_streams": partial(_listed, CHANNELS),
    "vod_streams": partial(_listed, MOVIES),
    "series": partial(_listed, SERIES),
    "vod_info": _vod_info,
    "series_info": _series_info,
    "short_epg": _short_epg,
    "data_table": _data_table,
    "playlist": _playlist,
    "guide": _guide,
}


async def _streamed(
    asked: Asked, pieces: AsyncIterator[Packed] | AsyncIterator[bytes], content_type: str
) -> web.StreamResponse:
    """As it comes. Who has what it would be given is told so before anything is read."""
    request = asked.request
    etag = await _etag(asked)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Content-Type": content_type}
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return await _sent(request, _plain(pieces), headers)
    return await _sent(request, _zipped(pieces), {**headers, "Content-Encoding": "gzip"})


async def _sent(
    request: web.Request, pieces: AsyncIterator[bytes], headers: Mapping[str, str]
) -> web.StreamResponse:
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    async for piece in pieces:
        if piece:
            await response.write(piece)
    await response.write_eof()
    return response


async def _plain(pieces: AsyncIterator[Packed] | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield unpacked(piece) if isinstance(piece, Packed) else piece


async def _zipped(pieces: AsyncIterator[Packed] | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    joined = GzipJoin()
    yield joined.head()
    async for piece in pieces:
        yield joined.add(piece if isinstance(piece, Packed) else await asyncio.to_thread(packed, piece))
    yield joined.end()


async def _etag(asked: Asked) -> str:
    """Of what the answer is made of: the profile's accounts and choices, the question, and the player."""
    has_episodes = asked.request.match_info["what"] == "playlist" and "series" in asked.query.parts
    state = await asked.players.face.state(asked.owner, with_episodes=has_episodes)
    player = asked.request.headers.get(PLAYER_HEADER, "")
    owner = f"{asked.owner.account_id}/{asked.owner.profile_id}"
    made_of = "\n".join((owner, state, asked.request.path_qs, player))
    return f'W/"{hashlib.sha256(made_of.encode()).hexdigest()[:32]}"'


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=PREFIX + "/{what}",
        handler=show,
        summary="What IPTV players are answered",
        access="internal",
        query=PlayerQuery,
        documented=False,
    ),
)
